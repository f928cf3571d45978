"""Patience with networks, care with the token."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry_portal_client import Refused, Registry, Unreachable, WrongUse, settings
from registry_portal_client.cli import main
from registry_portal_client.origin import code, run, without_secrets
from tests.clients.conftest import TOKEN, Answer, Liar

ME = {"username": "bot", "name": "Bot", "service_account": True, "owner": "ada", "teams": [], "scopes": ["models:read"]}


@pytest.mark.parametrize(
    "url", ["http://registry.example.org", "http://192.0.2.1:8000", "http://127.0.0.1.example.org"]
)
def test_token_does_not_travel_unencrypted_unless_allowed(url: str) -> None:
    with pytest.raises(WrongUse, match="unencrypted"):
        Registry(url, TOKEN)
    assert Registry(url, TOKEN, allow_http=True).transport.url == url


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/", "http://127.9.9.9", "http://[::1]:8", "https://x.example/a/"]
)
def test_loopback_and_https_are_fine(url: str) -> None:
    assert Registry(url, TOKEN).transport.url == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["", "registry.example.org", "ftp://x", "https://u:p@x", "https://x?a=b", "file:///etc"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(WrongUse):
        Registry(url, TOKEN)


@pytest.mark.parametrize("token", ["", "two words", "bad\r\nX-Evil: 1", "über"])
def test_what_is_no_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(WrongUse) as refused:
        Registry("https://x.example", token)
    assert not token or token not in f"{refused.value}{refused.value.advice}"


def test_token_is_not_sent_where_a_redirect_points(liar: Liar, registry: Registry) -> None:
    other = "/api/v1/elsewhere/"
    liar.says("me/", Answer({}, 302, {"Location": f"{liar.url}{other}?secret=1"}))
    with pytest.raises(Refused, match="redirects to") as refused:
        registry.me()
    assert "secret" not in str(refused.value)
    assert [path for _, path, _ in liar.asked] == ["/api/v1/me/"]


def test_busy_registry_is_asked_again_as_it_says(liar: Liar, registry: Registry) -> None:
    busy = Answer({"code": "throttled", "detail": "Slow down."}, 429, {"Retry-After": "0"})
    liar.says("me/", busy, Answer(b"oops", 503), Answer(ME))
    assert registry.me()["username"] == "bot"
    assert len(liar.asked) == 3


def test_refusal_is_told_with_its_fields_and_not_repeated(liar: Liar, registry: Registry) -> None:
    wrong = [{"field": "metrics.auc", "message": "Not a number.", "code": "invalid_number"}]
    liar.says("me/", Answer({"code": "invalid", "detail": "Wrong.", "errors": wrong}, 400))
    with pytest.raises(Refused, match=r"Wrong\. \(400 invalid\)\n  metrics\.auc: Not a number\. \(invalid_number\)"):
        registry.me()
    assert len(liar.asked) == 1


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="does not answer"):
        Registry("http://127.0.0.1:9", TOKEN, attempts=2, backoff=0.01).me()


def test_page_that_is_no_registry_is_named(liar: Liar, registry: Registry) -> None:
    liar.says("me/", Answer(b"<html>"))
    with pytest.raises(WrongUse, match="REGISTRY_URL"):
        registry.me()


def test_login_keeps_a_token_that_works_for_this_user_alone(
    liar: Liar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in settings.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REGISTRY_CONFIG", str(tmp_path / "kept"))
    monkeypatch.setattr("sys.stdin", (tmp_path / "token").open("w+"))
    liar.says("me/", Answer(ME), Answer({"code": "invalid_token", "detail": "Unknown."}, 401))
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert main(["login", "--url", liar.url]) == 0
    kept = tmp_path / "kept" / "credentials.json"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert settings.found().token == TOKEN
    assert main(["whoami"]) == 5
    said = capsys.readouterr()
    assert TOKEN not in said.out + said.err
    assert "next: create a token" in said.err
    assert main(["logout"]) == 0
    with pytest.raises(WrongUse):
        settings.found()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://oauth2:secret@git.example.org/team/model.git", "https://git.example.org/team/model"),
        ("https://git.example.org:8443/m?private_token=secret", "https://git.example.org:8443/m"),
        ("git@git.example.org:team/model.git", "git@git.example.org:team/model"),
    ],
)
def test_repository_is_recorded_without_secrets(given: str, kept: str) -> None:
    assert without_secrets(given) == kept


def test_commit_and_job_come_from_the_ci_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"SHA": "abc", "REPOSITORY": "team/model", "RUN_ID": "7"}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.example.org")
    assert code() == ({"repository": "https://git.example.org/team/model", "commit": "abc"}, "")
    where = "https://git.example.org/team/model/actions/runs/7"
    assert run() == {"system": "github-actions", "id": "7", "uri": where}
