"""What a browser calls itself, in a few words for people; no more than a hint, for anybody can write anything there."""

from __future__ import annotations

# The first that is named counts: most browsers name those before them, too.
BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox")),
    *(("Chrome/", "Chrome"), ("CriOS/", "Chrome"), ("Safari/", "Safari")),
)
SYSTEMS = (
    *(("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)
LONGEST = 60


def named(user_agent: str) -> str:
    """Return `Firefox on Linux`; the beginning of what cannot be read."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    return user_agent[:LONGEST] or "Unknown browser"
