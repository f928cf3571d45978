"""The people of every test: one team, and somebody in each place around it. Their password is factories.PASSWORD."""

from __future__ import annotations

import pytest

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role
from tests import factories

PERSONAS = (
    "owner",
    "contributor",
    "reviewer",
    "second_reviewer",
    "third",
    "compliance",
    "auditor",
    "administrator",
    "stranger",
    "pipeline",
    "superuser",
)


@pytest.fixture
def team(db: None) -> Team:
    """The team that the personas stand around."""
    return factories.team("cards")


@pytest.fixture
def owner(team: Team) -> User:
    """Owner of the team."""
    return factories.member(Role.OWNER, team, "owner")


@pytest.fixture
def contributor(team: Team) -> User:
    """Contributor of the team, who also owns the pipeline."""
    return factories.member(Role.CONTRIBUTOR, team, "contributor")


@pytest.fixture
def reviewer(team: Team) -> User:
    """Reviewer of the team."""
    return factories.member(Role.REVIEWER, team, "reviewer")


@pytest.fixture
def second_reviewer(team: Team) -> User:
    """Another reviewer of the team."""
    return factories.member(Role.REVIEWER, team, "second_reviewer")


@pytest.fixture
def third(team: Team) -> User:
    """A third reviewer of the team."""
    return factories.member(Role.REVIEWER, team, "third")


@pytest.fixture
def compliance(db: None) -> User:
    """A compliance officer, who reads everything."""
    return factories.person("compliance", roles=(InstanceRole.COMPLIANCE_OFFICER,))


@pytest.fixture
def auditor(db: None) -> User:
    """An auditor, who reads everything."""
    return factories.person("auditor", roles=(InstanceRole.AUDITOR,))


@pytest.fixture
def administrator(db: None) -> User:
    """An administrator, who manages accounts and teams."""
    return factories.administrator("administrator")


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody with an account and no role at all."""
    return factories.person("stranger")


@pytest.fixture
def pipeline(team: Team, contributor: User) -> User:
    """A service account owned by the contributor, itself a contributor of the team."""
    account = factories.service_account(contributor, "pipeline")
    grants.give(Role.CONTRIBUTOR, account, team)
    return account


@pytest.fixture
def superuser(db: None) -> User:
    """A Django superuser without any role: no rights in the domain."""
    return User.objects.create_superuser("superuser", "superuser@example.org", factories.PASSWORD)


@pytest.fixture
def personas(request: pytest.FixtureRequest) -> dict[str, User]:
    """Everybody by name."""
    return {name: request.getfixturevalue(name) for name in PERSONAS}
