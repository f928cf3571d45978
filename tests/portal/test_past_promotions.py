"""Promotions and versions on pages of a past instant: what came later does not show."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals import actions, past
from apps.approvals.models import Promotion
from apps.core import clock
from apps.models import actions as registry_actions
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage
from tests import registry_factories as registry
from tests.approvals.acts import approve, decide
from tests.factories import browser

PROMOTIONS = reverse("portal:model-promotions", args=["card-fraud"])
VERSION = reverse("portal:version", args=["card-fraud", "1.4.0"])


def words(user: User, address: str, at: datetime, status: int = 200) -> str:
    """Return the text of a page at an instant."""
    response = browser(user).get(address, {"at": at.isoformat()})
    assert response.status_code == status
    return " ".join(unescape(response.content.decode()).split())


def at(promotion: Promotion, moment: datetime) -> Promotion:
    """Return the promotion as it was at an instant."""
    found = Promotion.objects.get(pk=promotion.pk)
    past.turn_back([found], moment)
    return found


@pytest.fixture
def moments(promotion: Promotion, reviewer: User, second_reviewer: User, compliance: User) -> list[datetime]:
    """The instants after the request, the first approval and a request for changes; then it is settled and executed."""
    found = [clock.now()]
    decide(promotion, reviewer)
    found.append(clock.now())
    decide(promotion, second_reviewer, "request_changes", "Recall fell.")
    found.append(clock.now())
    approve(promotion, second_reviewer, compliance)
    actions.execute(promotion)
    return found


def test_state_and_signatures_are_those_of_the_instant(promotion: Promotion, moments: list[datetime]):
    seen = [(each.state, each.state_reason, each.closed_at) for each in (at(promotion, then) for then in moments)]
    assert seen == [
        ("open", "Round 1. No decision stood.", None),
        ("open", "Round 1. Approved by Reviewer.", None),
        ("changes_requested", "Round 1. Approved by Reviewer. Second Reviewer asked for changes.", None),
    ]
    assert at(promotion, clock.now()).state == "executed"


def test_round_is_that_of_the_instant_and_its_approvals_alone_count(
    promotion: Promotion, reviewer: User, contributor: User
):
    decide(promotion, reviewer)
    first = clock.now()
    actions.attach_evidence(promotion.version, kind="evaluation_report", title="Report", actor=contributor)
    assert at(promotion, first).state_reason == "Round 1. Approved by Reviewer."
    assert at(promotion, clock.now()).state_reason == "Round 2. No decision stood."


def test_promotions_tab_shows_states_and_count_of_the_instant(
    promotion: Promotion, moments: list[datetime], reviewer: User
):
    page = words(reviewer, PROMOTIONS, moments[1])
    for then in ("Round 1. Approved by Reviewer.", ">1 open</span>", f"due {promotion.expires_at:%-d %b %Y}"):
        assert then in page
    assert "Executed" not in page
    assert "Moved to production" not in page
    now = unescape(browser(reviewer).get(PROMOTIONS).content.decode())
    assert "Executed" in now


def test_promotion_asked_for_later_is_not_there(promotion: Promotion, reviewer: User):
    before = promotion.created_at - timedelta(microseconds=1)
    page = words(reviewer, PROMOTIONS, before)
    assert "No promotion had been asked for" in page
    assert "1.4.0 to production" not in page


def test_version_page_shows_stage_aliases_evidence_and_promotions_of_the_instant(
    promotion: Promotion, moments: list[datetime], model: RegisteredModel, owner: User, reviewer: User
):
    version = promotion.version
    actions.attach_evidence(version, kind="monitoring", title="Drift in March", actor=owner)
    registry_actions.set_alias(model, name="champion", version=version, actor=owner)
    now = unescape(browser(reviewer).get(VERSION).content.decode())
    for later in ("Drift in March", "@champion", "Executed"):
        assert later in now
    page = words(reviewer, VERSION, moments[1])
    for later in ("Drift in March", "@champion", "Executed", "Ready for production?", "moved card-fraud 1.4.0"):
        assert later not in page
    for then in ("Experimental", "As of ", "Round 1. Approved by Reviewer.", "No alias pointed here."):
        assert then in page


def test_version_page_of_the_past_offers_no_act_and_keeps_the_instant(
    promotion: Promotion, live: ModelVersion, owner: User
):
    page = words(owner, VERSION, clock.now())
    assert 'disabled title="This is how it was; acts are possible only on the page as it is now."' in page
    for act in ("approvals:submit", "approvals:attach", "models:alias"):
        assert f'href="{reverse(act, args=["card-fraud", "1.4.0"])}"' not in page
    other = reverse("portal:version", args=["card-fraud", live.version])
    for address in (reverse("portal:model", args=["card-fraud"]), other):
        assert f'href="{address}?at=' in page
        assert f'href="{address}"' not in page


def test_version_sealed_later_is_pending_and_without_what_came_with_sealing(model: RegisteredModel, contributor: User):
    version = registry.pending_version(model, actor=contributor, version="3.0.0")
    address = reverse("portal:version", args=["card-fraud", "3.0.0"])
    before = clock.now()
    registry.artifact(version, "late.bin")
    registry_actions.seal_version(version, actor=contributor)
    page = words(contributor, address, before)
    assert "Pending" in page
    for later in ("late.bin", ModelVersion.objects.get(pk=version.pk).manifest_digest[:8], "sealed by"):
        assert later not in page


def test_version_given_up_is_so_from_then_on_only(model: RegisteredModel, contributor: User):
    version = registry.pending_version(model, actor=contributor, version="3.0.0")
    address = reverse("portal:version", args=["card-fraud", "3.0.0"])
    before = clock.now()
    registry_actions.fail_version(version, reason="Training diverged.", actor=contributor)
    assert "Training diverged." not in words(contributor, address, before)
    assert "Training diverged." in words(contributor, address, clock.now())


def test_version_registered_later_says_when_it_came(version: ModelVersion, live: ModelVersion, reviewer: User):
    assert "card-fraud 1.4.0 was registered on" in words(reviewer, VERSION, live.created_at, status=400)


def test_lineage_of_the_past_knows_no_later_child(version: ModelVersion, model: RegisteredModel, contributor: User):
    before = clock.now()
    parents = {"parents": [{"model": "card-fraud", "version": "1.4.0"}]}
    registry.sealed_version(model, actor=contributor, version="2.0.0", lineage=parents)
    address = reverse("portal:model-lineage", args=["card-fraud"])
    asked = {"version": "1.4.0"}
    now = unescape(browser(contributor).get(address, asked).content.decode())
    then = unescape(browser(contributor).get(address, {**asked, "at": before.isoformat()}).content.decode())
    assert "card-fraud 2.0.0" in now
    assert "card-fraud 2.0.0" not in then
    assert "cards" in then


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["model", "version"])
def test_log_of_the_past_leads_to_pages_of_that_day(version: ModelVersion, reviewer: User, kind: str):
    subject = version if kind == "version" else version.registered_model
    own = "portal:version" if kind == "version" else "portal:model"
    args = ["card-fraud", "1.4.0"][: 2 if kind == "version" else 1]
    page = words(reviewer, reverse("portal:object-history", args=[kind, subject.pk]), clock.now())
    assert f'href="{reverse(own, args=args)}?at=' in page
    response = browser(reviewer).get(reverse("portal:object", args=[kind, subject.pk]), {"at": "2026-03-01T12:00:00Z"})
    assert response["Location"] == f"{reverse(own, args=args)}?at=2026-03-01T12%3A00%3A00Z"


def test_stage_of_the_instant_leads_links_of_the_overview(live: ModelVersion, reviewer: User):
    moment = clock.now()
    registry.in_stage(live, Stage.ARCHIVED)
    page = words(reviewer, reverse("portal:model", args=["card-fraud"]), moment)
    address = reverse("portal:version", args=["card-fraud", "1.3.2"])
    assert f'href="{address}?at=' in page
    assert f'href="{address}"' not in page
