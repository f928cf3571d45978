"""Dates as the portal writes them: `24 Nov 2026, 17:14`, in UTC."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
