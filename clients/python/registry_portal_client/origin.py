"""Where a training ran: the commit of the working copy and the job of the CI system, for the lineage."""

from __future__ import annotations

import os
import subprocess
from urllib.parse import urlsplit

from registry_portal_client.shapes import Code, Run

SECONDS = 20


def code(repository: str = "", commit: str = "") -> tuple[Code | None, str]:
    """Return the commit that is checked out, and a warning where there is none or the files differ from it.

    Git is asked first, then the variables of GitHub Actions and GitLab CI; what is given goes before both.
    """
    inside = _git("rev-parse", "--is-inside-work-tree") == "true"
    commit = commit or (inside and _git("rev-parse", "HEAD")) or _first("GITHUB_SHA", "CI_COMMIT_SHA")
    repository = repository or (inside and _git("config", "--get", "remote.origin.url")) or _repository()
    if not commit:
        return None, "no commit is recorded: there is no git repository here; give --repository and --commit"
    if not repository:
        return None, "no commit is recorded: git knows no remote called origin; give --repository"
    changed = inside and commit == _git("rev-parse", "HEAD") and bool(_git("status", "--porcelain", "-uno"))
    warning = "the working copy differs from the commit that is recorded as its code" if changed else ""
    return {"repository": without_secrets(repository), "commit": commit}, warning


def run() -> Run | None:
    """Return the CI job that this process runs in, as GitHub Actions and GitLab CI name it."""
    if job := os.environ.get("GITHUB_RUN_ID"):
        where = f"{_repository()}/actions/runs/{job}"
        return {"system": "github-actions", "id": job, "uri": where}
    if job := os.environ.get("CI_JOB_ID"):
        found: Run = {"system": "gitlab-ci", "id": job}
        return found | {"uri": os.environ["CI_JOB_URL"]} if os.environ.get("CI_JOB_URL") else found
    return None


def without_secrets(repository: str) -> str:
    """Return a repository's address without user name, password or token: CI systems put them there."""
    parts = urlsplit(repository)
    if parts.scheme and parts.hostname:
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=host, query="", fragment="").geturl().removesuffix(".git")
    return repository.removesuffix(".git")


def _repository() -> str:
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
    return _first("CI_PROJECT_URL")


def _first(*names: str) -> str:
    return next((value for name in names if (value := os.environ.get(name))), "")


def _git(*arguments: str) -> str:
    """Return what git says; empty where there is no git, or no repository here."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - whichever git the pipeline uses
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
