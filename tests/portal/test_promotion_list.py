"""The list of promotions: what is asked of the reader, due first, narrowed and sorted by the address."""

from __future__ import annotations

import re
from html import unescape

import pytest

from apps.accounts.models import User
from apps.approvals import actions
from apps.approvals.models import Promotion
from tests import registry_factories as registry
from tests.factories import PASSWORD, browser


def lines(user: User, query: str = "") -> list[str]:
    """Return the promotions listed, in their order."""
    page = unescape(browser(user).get(f"/promotions/{query}").content.decode())
    return re.findall(r'/promotions/\d+/">([^<]+)</a>', page)


@pytest.fixture
def other(promotion: Promotion, owner: User) -> Promotion:
    """A promotion of a low-tier model, asked for later by a person."""
    model = registry.registered_model(promotion.registered_model.team, actor=owner, name="a-first")
    version = registry.sealed_version(model, actor=owner, version="1.0.0")
    return actions.submit(version, target_stage="staging", reason="Try it.", actor=owner)


CARD, OTHER = "card-fraud 1.4.0 to production", "a-first 1.0.0 to staging"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [CARD, OTHER]),
        ("?sort=newest", [OTHER, CARD]),
        ("?sort=model", [OTHER, CARD]),
        ("?sort=tier", [CARD, OTHER]),
        ("?tier=low", [OTHER]),
        ("?stage=production", [CARD]),
        ("?model=a-first", [OTHER]),
        ("?team=cards", [CARD, OTHER]),
        ("?state=closed", []),
        ("?state=nonsense&sort=nonsense&team=nonsense", [CARD, OTHER]),
    ],
)
def test_address_narrows_and_sorts(
    promotion: Promotion, other: Promotion, reviewer: User, query: str, expected: list[str]
):
    assert lines(reviewer, query) == expected


def test_ended_promotions_are_listed_after_what_is_due(promotion: Promotion, other: Promotion, owner: User):
    actions.withdraw(promotion, actor=owner)
    assert lines(owner, "?state=all") == [OTHER, CARD]
    assert lines(owner, "?mine=requested&state=all") == [OTHER]


def test_reviewer_reads_what_is_asked_of_them_until_they_decided(promotion: Promotion, reviewer: User, auditor: User):
    actions.open_thread(promotion, text="Why?", actor=auditor)
    words = browser(reviewer).get("/promotions/?mine=waiting").content.decode()
    assert "You can approve (reviewers)" in words
    assert "open threads" in words
    assert "You can approve" not in browser(auditor).get("/promotions/").content.decode()
    actions.decide(promotion, verdict="approve", password=PASSWORD, etag=promotion.etag, actor=reviewer)
    assert "Nothing waits for you" in browser(reviewer).get("/promotions/?mine=waiting").content.decode()


def test_script_gets_the_list_alone(promotion: Promotion, reviewer: User):
    words = browser(reviewer).get("/promotions/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in words
    assert CARD in words
