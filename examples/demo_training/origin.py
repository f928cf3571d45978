"""Which code and which run a version came from."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

CODE_PATH = "examples/train_and_register.py"


class OriginUnknown(Exception):
    """Git cannot say which commit this is, and none was given."""


@dataclass(frozen=True)
class Origin:
    """Where the training code came from and which run executed it; empty strings where unknown."""

    repository: str
    commit: str
    path: str
    run_system: str
    run_id: str
    run_uri: str


def head_commit() -> str:
    """Commit of the code that trains, from git. Raises OriginUnknown outside a work tree."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise OriginUnknown("cannot ask git for the commit; give it with --commit") from error
    return found.stdout.strip()


def origin_of(label: str, repository: str, commit: str) -> Origin:
    """Code and run to record: the CI job when there is one, else a local run named by what it made."""
    env = os.environ
    if env.get("GITHUB_ACTIONS") == "true":
        uri = f"{env['GITHUB_SERVER_URL']}/{env['GITHUB_REPOSITORY']}/actions/runs/{env['GITHUB_RUN_ID']}"
        return Origin(repository, commit, CODE_PATH, "github-actions", env["GITHUB_RUN_ID"], uri)
    if env.get("GITLAB_CI") == "true":
        return Origin(repository, commit, CODE_PATH, "gitlab-ci", env["CI_JOB_ID"], env["CI_JOB_URL"])
    return Origin(repository, commit, CODE_PATH, "local", f"{label}-{commit[:12]}", "")
