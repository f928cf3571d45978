"""People, tokens and policies for tests over HTTP: `... -m tests.concurrency.organisation REVIEWERS PIPELINES OTHERS`.

Runs in the environment of the portal it fills and prints what it made as JSON. Passwords are kept with few PBKDF2
iterations, as those of very old accounts may be: the portal checks them in the way it checks all, in a fraction of the
time, so that the rounds of a test spend theirs on what is tested.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apps.accounts.models import Team, User

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
ITERATIONS = 100
TEAM = "cards"
MANUAL = {"rules": [{"name": "reviewers", "group": "reviewer", "min_approvals": 1}], "execution": "manual"}
# low: one reviewer and the verified bytes, executed by the worker; medium: one reviewer, executed by who asked;
# high: one reviewer alone never completes it, and can approve and take that back for as long as wanted.
POLICIES = {
    "low": {**MANUAL, "checks": [{"name": "artifacts", "kind": "artifacts"}], "execution": "automatic"},
    "medium": MANUAL,
    "high": {"rules": [{"name": "reviewers", "group": "reviewer", "min_approvals": 2}]},
}


@dataclass(frozen=True)
class Organisation:
    """Tokens by user name, and the one password of the people."""

    owner: str
    compliance: str
    auditor: str
    reviewers: list[str]
    pipelines: list[str]
    others: list[str]
    password: str = PASSWORD
    team: str = TEAM


def filled(environment: dict[str, str], reviewers: int = 2, pipelines: int = 2, others: int = 0) -> Organisation:
    """Fill the empty portal of this environment and return who is in it; the others have no role."""
    numbers = [str(number) for number in (reviewers, pipelines, others)]
    command = [sys.executable, "-m", "tests.concurrency.organisation", *numbers]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Organisation(**json.loads(done.stdout.splitlines()[-1]))


def main(reviewers: int, pipelines: int, others: int) -> None:
    """Make the team, its people, programs and policies by the portal's own actions."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_portal.settings")
    import django

    django.setup()
    from apps.accounts import actions
    from apps.accounts.roles import InstanceRole, Role
    from apps.approvals import actions as approval_actions
    from apps.core.actors import SYSTEM

    team = actions.create_team(TEAM, "Cards", actor=SYSTEM)
    owner = member(team, "owner", Role.OWNER)
    compliance, auditor = person("compliance"), person("auditor")
    actions.give_instance_role(compliance, InstanceRole.COMPLIANCE_OFFICER, actor=SYSTEM)
    actions.give_instance_role(auditor, InstanceRole.AUDITOR, actor=SYSTEM)
    for tier, document in POLICIES.items():
        approval_actions.set_policy(stage="production", risk_tier=tier, document=document, actor=compliance)
    made: dict[str, Any] = {"owner": token(owner), "compliance": token(compliance), "auditor": token(auditor)}
    made["reviewers"] = [token(member(team, f"reviewer-{n}", Role.REVIEWER)) for n in range(reviewers)]
    made["pipelines"] = [token(program(team, owner, f"pipeline-{n}")) for n in range(pipelines)]
    made["others"] = [token(person(f"other-{n}")) for n in range(others)]
    print(json.dumps(made))


def person(username: str) -> User:
    """Return a new person with `PASSWORD`."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    from apps.accounts import actions
    from apps.accounts.models import User
    from apps.core.actors import SYSTEM

    user = actions.create_user(username, username.title(), f"{username}@example.org", actor=SYSTEM)
    kept = PBKDF2PasswordHasher().encode(PASSWORD, "salt-of-this-test", iterations=ITERATIONS)
    User.objects.filter(pk=user.pk).update(password=kept)
    return user


def member(team: Team, username: str, role: str) -> User:
    """Return a new person with a role in the team."""
    from apps.accounts import actions
    from apps.core.actors import SYSTEM

    user = person(username)
    actions.give_role(user, role, team, actor=SYSTEM)
    return user


def program(team: Team, owner: User, username: str) -> User:
    """Return a new service account that contributes to the team."""
    from apps.accounts import actions
    from apps.accounts.roles import Role
    from apps.core.actors import SYSTEM

    account = actions.create_service_account(username, username, owner, actor=SYSTEM)
    actions.give_role(account, Role.CONTRIBUTOR, team, actor=SYSTEM)
    return account


def token(user: User) -> str:
    """Return the plaintext of a token with every scope the account can use."""
    from apps.accounts import actions, policies
    from apps.core.actors import SYSTEM

    return actions.create_token(user, "test", policies.usable_scopes(user), actor=SYSTEM)[1]


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:]))
