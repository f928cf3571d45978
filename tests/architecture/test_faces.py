"""Faces parse, call one action and answer: they neither write nor judge, and actions say for whom they act."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ROOT / "apps"
WRITES = {
    *("save", "delete", "create", "bulk_create", "update", "bulk_update", "get_or_create", "update_or_create"),
    *("asave", "adelete", "acreate", "aupdate", "abulk_create", "aget_or_create", "aupdate_or_create"),
    *("cursor", "raw", "executescript", "select_for_update", "set_password"),
    *("atomic", "on_commit", "set_rollback"),
}
VERDICTS = {"Denied", "holds", "permissions_on", "roles_on"}

# What reads by hand or looks like a judgement in a face; every line says why. Nothing excuses a write.
EXPECTED = {
    ("accounts/api/authentication.py", "prepared_cursor"): "finds a token and its holder in one prepared statement",
    ("approvals/portal/reading.py", "Denied"): "greys a button out before the action would say 409",
    ("portal/instants.py", "Denied"): "greys every act out on a page of the past",
    ("portal/selectors/versions.py", "Denied"): "greys a button out where no stage is left",
}
# Public functions of actions that act for nobody in particular; every line says why.
FOR_NOBODY = {
    "accounts/actions/answers.py:forget_answers": "housekeeping of stored answers",
    "accounts/actions/sessions.py:forget_expired_sessions": "housekeeping of sessions",
    "accounts/actions/sessions.py:forget_sessions": "follows from a new password or a deactivation",
    "accounts/actions/saving.py": "turns what the database refuses into errors",
    "accounts/actions/signatures.py": "proves who the user is",
    "accounts/actions/people.py:locked_administrators": "takes a lock",
    "accounts/actions/people.py:require_other_administrator": "checks a rule under that lock",
    "approvals/actions/checks.py:verify_artifacts": "the portal's own check",
    "approvals/actions/checks.py:verify_due_artifacts": "the same, for the worker",
    "approvals/actions/decisions.py:sign": "binds the signer's name to what they sign",
    "approvals/actions/projection.py": "keeps what is stored true to the evidence",
    "approvals/actions/sweeping.py": "the clock's work",
    "audit/actions.py:commitment": "computes",
    "audit/actions.py:on_record": "registers a handler",
    "lineage/actions.py": "follows from the event of an act",
    "models/actions/versions.py:locked": "takes a lock",
    "notifications/actions/endpoints.py:locked": "takes a lock",
    "notifications/actions/endpoints.py:retire_endpoint": "the receiver answered 410 Gone",
    "notifications/actions/deliveries.py:report_exhausted": "the last attempt failed",
    "notifications/actions/inbox.py": "the user's own inbox",
}
# Where a row may be locked outside actions.
LOCKING = {
    "audit/outbox.py": "the queue's own entries",
    "notifications/sending.py": "the worker's own deliveries and letters",
    "notifications/subscriber.py": "a digest while it takes a line",
}


def faces() -> list[Path]:
    """Return every file of a face; the demo's loader is none."""
    found = [*APPS.glob("*/admin.py"), *APPS.glob("*/admin/**/*.py")]
    found += [*APPS.glob("*/portal/**/*.py"), *APPS.glob("*/api/**/*.py")]
    return sorted({*found, *APPS.glob("portal/**/*.py")} - set(APPS.glob("portal/demo/**/*.py")))


def actions() -> list[Path]:
    """Return every file of actions."""
    return sorted([*APPS.glob("*/actions.py"), *APPS.glob("*/actions/*.py")])


def place(path: Path) -> str:
    """Return the path as the tables above name it."""
    return path.relative_to(APPS).as_posix()


def calls(path: Path, names: set[str], *, own: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the place and name of each call; `own` counts bare names such as `Denied()` too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in names and (own or isinstance(function, ast.Attribute)):
            yield place(path), name


def public(path: Path) -> Iterator[ast.FunctionDef]:
    """Yield the functions that other files may call."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def is_for_nobody(path: Path, function: ast.FunctionDef) -> bool:
    """Tell whether the table says that a function needs no actor."""
    return bool({place(path), f"{place(path)}:{function.name}"} & FOR_NOBODY.keys())


def test_faces_are_found() -> None:
    assert {"accounts", "approvals", "audit", "lineage", "models", "notifications", "portal", "core"} <= {
        place(path).partition("/")[0] for path in faces()
    }


def test_faces_never_write() -> None:
    assert {call for path in faces() for call in calls(path, WRITES, own=True)} == set()


def test_faces_read_through_querysets() -> None:
    found = {call for path in faces() for call in calls(path, {"prepared_cursor"}, own=True)}
    assert found - EXPECTED.keys() == set()


def test_faces_never_judge() -> None:
    found = {call for path in faces() for call in calls(path, VERDICTS, own=True)}
    assert found - EXPECTED.keys() == set()


def test_table_of_exceptions_is_needed_line_by_line() -> None:
    names = {name for _, name in EXPECTED}
    assert EXPECTED.keys() - {call for path in faces() for call in calls(path, names, own=True)} == set()


@pytest.mark.parametrize(
    "source", ["row.save()", "Team.objects.create()", "rows.update(a=1)", "connection.cursor()", "atomic()"]
)
def test_scan_notices_a_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setattr(f"{__name__}.APPS", tmp_path)
    (tmp_path / "views.py").write_text(f"def post():\n    {source}\n")
    assert list(calls(tmp_path / "views.py", WRITES, own=True))


@pytest.mark.parametrize("path", actions(), ids=place)
def test_public_actions_say_what_they_do_and_for_whom(path: Path) -> None:
    for function in public(path):
        assert ast.get_docstring(function), function.name
        by_keyword = {argument.arg for argument in function.args.kwonlyargs}
        if not is_for_nobody(path, function):
            assert "actor" in by_keyword, f"{place(path)}: {function.name} does not take actor by keyword"


def test_functions_without_an_actor_are_those_of_the_table() -> None:
    needless = {key for key in FOR_NOBODY if not _names_some(key)}
    assert needless == set()


def _names_some(key: str) -> bool:
    name, _, function = key.partition(":")
    found = [each for each in public(APPS / name) if function in ("", each.name)]
    return any("actor" not in {argument.arg for argument in each.args.kwonlyargs} for each in found)


def test_rows_are_locked_by_actions_alone() -> None:
    elsewhere = set(APPS.rglob("*.py")) - set(actions())
    found = {where for path in elsewhere for where, _ in calls(path, {"select_for_update"})}
    assert found == LOCKING.keys()
