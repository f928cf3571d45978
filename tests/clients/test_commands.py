"""Every command that documents and examples show is one that the command line takes, and it says what it does."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest

from registry_portal_client.cli import COMMANDS
from registry_portal_client.options import parse
from registry_portal_client.progress import Bars, Lines, Progress, chosen, size

ROOT = Path(__file__).parents[2]
SHOWN = [
    *(ROOT / "clients" / "python" / "README.md", ROOT / "docs" / "pipelines.md"),
    *sorted((ROOT / "examples" / "ci").glob("*.*")),
]
VERBS = "|".join(COMMANDS)
COMMAND = re.compile(rf"registry-portal ((?:{VERBS}) [^`\n]*)")
# What stands for a value in a shell or a sentence -> such a value.
VALUES = {r"\$\{\w+:-(\w+)\}": r"\1", r"\$promotion|\$PROMOTION|\bID\b": "118", r"\$result": "passed"}
ENDS = re.compile(r"\)?\s*(#.*|;.*)?$")


def commands() -> list[tuple[str, str]]:
    """Return what is shown, with the file that shows it; lines that go on are one."""
    found = []
    for place in SHOWN:
        text = re.sub(r" \\\n\s*|\n      --", lambda line: " --" if "--" in line[0] else " ", place.read_text())
        found += [(place.name, command.strip()) for command in COMMAND.findall(text)]
    return found


@pytest.mark.parametrize(("place", "command"), commands())
def test_shown_command_is_understood(place: str, command: str) -> None:
    for pattern, value in VALUES.items():
        command = re.sub(pattern, value, command)
    words = shlex.split(ENDS.sub("", command))
    assert parse(words).command == words[0]


def test_enough_commands_are_shown() -> None:
    shown = {"register", "request", "wait", "report-check", "fetch"}
    assert {command.split()[0] for _, command in commands()} == shown
    assert len(commands()) > 20


def test_help_tells_exit_codes_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "REGISTRY_TOKEN " in said
    assert "3  the promotion ended" in said


@pytest.mark.parametrize(
    "words",
    [
        *([], ["register"], ["request", "m", "1.0.0"], ["request", "m", "1", "--to", "experimental"], ["wait", "one"]),
        *(
            ["wait", "1", "--timeout", "soon"],
            ["wait", "1", "--timeout", "-1"],
            ["fetch", "m"],
            ["whoami", "--token=x"],
        ),
        ["register", "m", "--version", "1.0.0", "--bump", "minor"],
    ],
)
def test_wrong_use_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert "usage: registry-portal" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("30m", 1800), ("6h", 21600), ("0", 0)])
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse(["wait", "1", "--timeout", text]).timeout == seconds


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_terminal_gets_a_bar_and_a_log_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for stream, kind in ((Terminal(), Bars), (io.StringIO(), Lines)):
        progress = chosen(stream)
        assert type(progress) is kind
        with progress.transfer("weights/a-rather-long-name-of-a-file.bin", 4096) as advance:
            for _ in range(4):
                advance(1024)
        lines = stream.getvalue().split("\n")
        assert len(lines) == 2
        assert "4.0 KiB in " in lines[0]
        assert ("\r" in lines[0]) == (kind is Bars)
        assert all(len(part) <= 80 for part in re.split(r"\r\x1b\[K", lines[0]))
    assert type(chosen(Terminal(), quiet=True)) is Progress


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 1024**3, "5.0 GiB"), (1024**5, "1024.0 TiB")],
)
def test_sizes_are_told_as_people_read_them(count: int, words: str) -> None:
    assert size(count) == words
