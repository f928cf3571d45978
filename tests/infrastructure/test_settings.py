"""Settings from the environment: what is refused, what is derived, what is kept."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from registry_portal import databases, environment
from registry_portal.embedded.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
GOOD_KEY = "r7Xw2-Lq9vBn4mKd8sJf1hTz6yGc3pAe5uRi0oVx"
SHOW = "import json; from registry_portal import settings as s; print(json.dumps({}, default=str))"


def settings(home: Path, expression: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own and print an expression of them as JSON."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "-c", SHOW.format(expression)]
    variables = {**clean, "PORTAL_HOME": str(home), **variables}
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


def value(home: Path, expression: str, **variables: str) -> object:
    """Return an expression of the loaded settings."""
    done = settings(home, expression, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + GOOD_KEY}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": GOOD_KEY, "DEBUG": "1"}, "DEBUG"),
    ],
)
def test_production_refuses_to_start_in_one_line(tmp_path: Path, variables: dict[str, str], named: str) -> None:
    done = settings(tmp_path, "1", PORTAL_ENV="production", **variables)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("Registry Portal cannot start: ")
    assert named in done.stderr


def test_production_starts_with_a_key_of_its_own(tmp_path: Path) -> None:
    assert value(tmp_path, "s.SECRET_KEY", PORTAL_ENV="production", SECRET_KEY=GOOD_KEY) == GOOD_KEY


def test_key_is_made_up_once_and_readable_by_its_user_only(tmp_path: Path) -> None:
    first, second = value(tmp_path, "s.SECRET_KEY"), value(tmp_path, "s.SECRET_KEY")
    assert first == second
    assert len(str(first)) >= 50
    assert stat.S_IMODE((tmp_path / "secrets" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_https_address_makes_cookies_secure(tmp_path: Path) -> None:
    expression = "[s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0]"
    assert value(tmp_path, expression, PUBLIC_URL="https://registry.example.org") == [True, True, True]
    assert value(tmp_path, expression) == [False, False, False]


def test_bucket_moves_artifacts_to_s3(tmp_path: Path) -> None:
    assert value(tmp_path, "s.STORAGES['artifacts']['OPTIONS']['location']") == str(tmp_path / "artifacts")
    expression = "[s.STORAGES['artifacts']['BACKEND'], s.STORAGES['artifacts']['OPTIONS']['bucket_name']]"
    assert value(tmp_path, expression, ARTIFACT_BUCKET="models") == ["storages.backends.s3.S3Storage", "models"]


def test_serving_role_is_derived_from_the_owner(tmp_path: Path) -> None:
    expression = "{k: s.DATABASES['default'][k] for k in ('NAME', 'USER', 'HOST', 'PORT', 'CONN_MAX_AGE')}"
    found = value(tmp_path, expression, DATABASE_URL="postgresql://owner:a%2Fb@db.example.org:5433/registry")
    wanted = {"NAME": "registry", "USER": "registry_app", "HOST": "db.example.org", "PORT": 5433, "CONN_MAX_AGE": None}
    assert found == wanted
    owner = value(
        tmp_path,
        "[s.DATABASES['default']['USER'], s.DATABASES['default']['PASSWORD']]",
        DATABASE_URL="postgresql://owner:a%2Fb@db.example.org:5433/registry",
        PORTAL_DATABASE_ROLE="owner",
    )
    assert owner == ["owner", "a/b"]


def test_given_serving_role_is_used_as_it_is(tmp_path: Path) -> None:
    variables = {"DATABASE_URL": "postgresql://o@h/d", "DATABASE_APP_URL": "postgresql://served:p@h/d"}
    assert value(tmp_path, "s.DATABASES['default']['USER']", **variables) == "served"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("", {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": "mail"}),
        ("console://", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        (
            "smtp://me%40x:p%3Aw@mail.example.org:587?tls=1",
            {
                "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "EMAIL_HOST": "mail.example.org",
                "EMAIL_PORT": 587,
                "EMAIL_HOST_USER": "me@x",
                "EMAIL_HOST_PASSWORD": "p:w",
                "EMAIL_USE_SSL": False,
                "EMAIL_USE_TLS": True,
            },
        ),
    ],
)
def test_email_url_becomes_settings(url: str, wanted: dict[str, object]) -> None:
    assert environment.email(url, Path("mail")) == wanted


def test_unknown_email_url_is_refused() -> None:
    with pytest.raises(environment.Refused, match="EMAIL_URL"):
        environment.email("pigeon://loft", Path("mail"))


@pytest.mark.parametrize(("name", "given"), [("FLAG", "perhaps"), ("COUNT", "many"), ("COUNT", "-1"), ("PORTS", "1,x")])
def test_wrong_word_is_refused_with_the_name(monkeypatch: pytest.MonkeyPatch, name: str, given: str) -> None:
    monkeypatch.setenv(name, given)
    readers = {"FLAG": environment.flag, "COUNT": lambda name: environment.number(name, 1)}
    with pytest.raises(environment.Refused, match=name):
        readers.get(name, lambda name: environment.numbers(name, "1"))(name)


def test_socket_of_a_long_home_is_elsewhere_and_the_same_for_everyone(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 120)
    assert Cluster(home).socket_folder == Cluster(home).socket_folder
    assert len(str(Cluster(home).socket_folder)) < 90
    assert Cluster(tmp_path / "other" / ("x" * 120)).socket_folder != Cluster(home).socket_folder


def test_unknown_role_is_refused(tmp_path: Path) -> None:
    with pytest.raises(environment.Refused, match="PORTAL_DATABASE_ROLE"):
        databases.connection(tmp_path, "guest")
