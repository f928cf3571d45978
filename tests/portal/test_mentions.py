"""The names offered after an `@`: whom a mention reaches and the reader may know of, and nobody else."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import selectors
from apps.approvals.models import Promotion
from apps.models.models import RegisteredModel
from apps.models.states import Visibility
from tests import factories
from tests.factories import browser


def offered(promotion: Promotion, user: User, text: str) -> list[str]:
    """Return the user names that the list offers."""
    response = browser(user).get(reverse("approvals:mentions", args=[promotion.pk]), {"q": text})
    assert response.status_code == 200
    return re.findall(r'data-username="([^"]+)"', response.content.decode())


@pytest.mark.parametrize("text", ["sec", "SEC", "second_r", "Second R", "revie"])
def test_user_name_and_every_name_are_completed(promotion: Promotion, owner: User, text: str):
    assert "second_reviewer" in offered(promotion, owner, text)


def test_nobody_who_cannot_see_the_model_is_offered(promotion: Promotion, owner: User, stranger: User, team: Team):
    left = factories.member(Role.REVIEWER, team, "left")
    left.is_active = False
    left.save()
    assert offered(promotion, owner, "str") == offered(promotion, owner, "left") == []
    grants.give(Role.REVIEWER, stranger, promotion.registered_model)
    assert offered(promotion, owner, "str") == ["stranger"]


def test_model_open_to_all_tells_nobody_who_else_there_is(promotion: Promotion, stranger: User, owner: User):
    RegisteredModel.objects.update(visibility=Visibility.ORGANISATION)
    elsewhere = factories.person("elsewhere")
    assert offered(promotion, stranger, "elsew") == offered(promotion, owner, "elsew") == []
    assert offered(promotion, elsewhere, "owner") == ["owner"]
    assert offered(promotion, stranger, "compl") == ["compliance"]


def test_administrator_and_auditor_find_everybody_whom_it_reaches(promotion: Promotion, auditor: User, stranger: User):
    assert offered(promotion, auditor, "str") == []
    RegisteredModel.objects.update(visibility=Visibility.ORGANISATION)
    assert offered(promotion, auditor, "str") == ["stranger"]


def test_programs_and_the_reader_are_not_offered(promotion: Promotion, owner: User, pipeline: User):
    assert offered(promotion, owner, "pipe") == offered(promotion, owner, "owner") == []


@pytest.mark.parametrize("text", ["", "%", "_", "x" * 5000, "\x00", "'", "(", "<b>"])
def test_list_is_bounded_and_takes_any_text(promotion: Promotion, owner: User, team: Team, text: str):
    for number in range(12):
        factories.member(Role.REVIEWER, team, f"many-{number}")
    found = offered(promotion, owner, text)
    assert len(found) == (selectors.MOST_SUGGESTED if text == "" else 0)


def test_name_is_escaped(promotion: Promotion, owner: User, team: Team):
    hostile = factories.member(Role.REVIEWER, team, "hostile")
    hostile.name = '"><script>alert(1)</script>'
    hostile.save()
    response = browser(owner).get(reverse("approvals:mentions", args=[promotion.pk]), {"q": "hostile"})
    assert b"<script>" not in response.content


@pytest.mark.parametrize("persona", ["stranger", "administrator", "superuser"])
def test_promotion_that_is_not_seen_offers_nothing(promotion: Promotion, persona: str, request: pytest.FixtureRequest):
    address = reverse("approvals:mentions", args=[promotion.pk])
    assert browser(request.getfixturevalue(persona)).get(address, {"q": "o"}).status_code == 404
