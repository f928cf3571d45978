"""The People tab as of a past instant: roles as the log tells them, and a word where it cannot."""

from __future__ import annotations

from datetime import datetime
from html import unescape

import pytest
from django.urls import reverse

from apps.accounts import actions, grants, past
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role
from apps.core import clock
from apps.core.actors import SYSTEM
from apps.models.models import RegisteredModel
from tests import factories
from tests import registry_factories as registry
from tests.factories import browser

PEOPLE = reverse("portal:model-people", args=["card-fraud"])


def words(user: User, at: datetime) -> str:
    """Return the text of the tab at an instant."""
    response = browser(user).get(PEOPLE, {"at": at.isoformat()})
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def held(target: Team | RegisteredModel, at: datetime) -> dict[str, list[str]]:
    """Return the roles on an object at an instant, by user name."""
    return {user.username: roles for user, roles in past.grants_at(target, at).members}


@pytest.fixture
def empty(db: None) -> Team:
    """A team whose grants are all in the log."""
    return factories.team("empty")


def test_roles_given_and_taken_later_do_not_show(model: RegisteredModel, team: Team, reviewer: User, stranger: User):
    leaving = factories.person("leaving")
    actions.give_role(leaving, Role.REVIEWER, team, actor=SYSTEM)
    moment = clock.now()
    actions.take_role(leaving, Role.REVIEWER, team, actor=SYSTEM)
    actions.give_role(stranger, Role.OWNER, model, actor=SYSTEM)
    page = words(reviewer, moment)
    assert "Leaving" in page
    assert "Stranger" not in page
    now = unescape(browser(reviewer).get(PEOPLE).content.decode())
    assert "Stranger" in now
    assert "Leaving" not in now


def test_overlapping_roles_are_taken_as_they_were(empty: Team):
    user = factories.person("both")
    actions.give_role(user, Role.OWNER, empty, actor=SYSTEM)
    actions.give_role(user, Role.REVIEWER, empty, actor=SYSTEM)
    both = clock.now()
    actions.take_role(user, Role.OWNER, empty, actor=SYSTEM)
    one = clock.now()
    actions.take_role(user, Role.REVIEWER, empty, actor=SYSTEM)
    assert held(empty, both) == {"both": ["owner", "reviewer"]}
    assert held(empty, one) == {"both": ["reviewer"]}
    assert held(empty, clock.now()) == {}
    assert past.grants_at(empty, one).untold == frozenset()


def test_contributor_made_owner_and_taken_down_is_nothing(empty: Team):
    user = factories.person("risen")
    actions.give_role(user, Role.CONTRIBUTOR, empty, actor=SYSTEM)
    actions.give_role(user, Role.OWNER, empty, actor=SYSTEM)
    risen = clock.now()
    actions.take_role(user, Role.OWNER, empty, actor=SYSTEM)
    assert held(empty, risen) == {"risen": ["owner"]}
    assert {user.username: roles for user, roles in grants.grants_on(empty)} == held(empty, clock.now()) == {}


def test_grant_outside_the_log_is_marked_as_of_today(model: RegisteredModel, team: Team, reviewer: User):
    page = words(reviewer, clock.now())
    assert "The log does not account for every role here" in page
    assert "as of today" in page
    assert past.grants_at(team, clock.now()).untold >= {reviewer.pk}


def test_log_that_accounts_for_all_says_so(empty: Team, auditor: User):
    user = factories.person("known")
    actions.give_role(user, Role.CONTRIBUTOR, empty, actor=SYSTEM)
    registry.registered_model(empty, actor=user, name="card-fraud")
    page = words(auditor, clock.now())
    assert "as the log tells them" in page
    assert "as of today" not in page


def test_readers_of_everything_are_those_of_the_instant(model: RegisteredModel, auditor: User, reviewer: User):
    coming = factories.person("coming")
    moment = clock.now()
    actions.give_instance_role(coming, InstanceRole.AUDITOR, actor=SYSTEM)
    actions.take_instance_role(auditor, InstanceRole.AUDITOR, actor=SYSTEM)
    assert [user.username for _, user in past.readers_at(moment)] == ["auditor"]
    assert [user.username for _, user in past.readers_at(clock.now())] == ["coming"]
    page = words(reviewer, moment)
    assert "Coming" not in page


def test_account_deactivated_later_was_active_then(empty: Team, administrator: User):
    user = factories.person("ending")
    actions.give_role(user, Role.REVIEWER, empty, actor=SYSTEM)
    before = clock.now()
    actions.deactivate_user(user, actor=administrator)
    assert [each.is_active for each, _ in past.grants_at(empty, before).members] == [True]
    assert [each.is_active for each, _ in past.grants_at(empty, clock.now()).members] == [False]
