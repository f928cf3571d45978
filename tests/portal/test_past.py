"""The page of a model as of a past instant: production, stages, versions, purpose and aliases known then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.core import clock
from apps.models import actions
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage
from tests import registry_factories as registry
from tests.factories import browser

MODEL = reverse("portal:model", args=["card-fraud"])


def answer(user: User, address: str, at: datetime | str) -> Any:
    """Return the page at an instant."""
    return browser(user).get(address, {"at": at if isinstance(at, str) else at.isoformat()})


def words(user: User, address: str, at: datetime | str) -> str:
    """Return the text of the page at an instant."""
    response = answer(user, address, at)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


@pytest.fixture
def before_all(model: RegisteredModel, live: ModelVersion, owner: User) -> datetime:
    """The instant before everything changed: purpose, aliases, stages."""
    actions.set_alias(model, name="champion", version=live, actor=owner)
    moment = clock.now()
    actions.change_model(model, actor=owner, description="Scores everything.")
    later = registry.sealed_version(model, actor=owner, version="2.0.0")
    registry.in_stage(live, Stage.ARCHIVED)
    registry.in_stage(later, Stage.PRODUCTION)
    actions.set_alias(model, name="champion", version=later, actor=owner)
    actions.set_alias(model, name="challenger", version=later, actor=owner)
    return moment


def test_overview_shows_what_was_known_then(before_all: datetime, reviewer: User):
    page = words(reviewer, MODEL, before_all)
    for then in ("1.3.2</a> in production since", "Scores card payments.", "As of ", "All 1</a>"):
        assert then in page
    for later in ("2.0.0", "Scores everything.", "@challenger"):
        assert later not in page
    now = " ".join(unescape(browser(reviewer).get(MODEL).content.decode()).split())
    assert "2.0.0</a> in production since" in now
    assert "Scores everything." in now


def test_versions_tab_leaves_out_what_came_later(before_all: datetime, reviewer: User):
    page = words(reviewer, reverse("portal:model-versions", args=["card-fraud"]), before_all)
    assert "1.3.2" in page
    assert "Production" in page
    assert "2.0.0" not in page


def test_version_not_sealed_yet_is_pending(model: RegisteredModel, contributor: User):
    version = registry.pending_version(model, actor=contributor, version="3.0.0")
    registry.artifact(version)
    moment = clock.now()
    actions.seal_version(version, actor=contributor)
    page = words(contributor, reverse("portal:model-versions", args=["card-fraud"]), moment)
    assert "Pending" in page
    assert ModelVersion.objects.get(pk=version.pk).manifest_digest[:8] not in page


def test_tabs_and_picker_keep_the_instant(before_all: datetime, reviewer: User):
    page = words(reviewer, MODEL, before_all)
    assert f'href="{reverse("portal:model-versions", args=["card-fraud"])}?at=' in page
    assert f'<a class="small" href="{MODEL}">Back to now</a>' in page


def test_model_that_was_not_there_yet_says_when_it_came(model: RegisteredModel, reviewer: User):
    response = answer(reviewer, MODEL, model.created_at - timedelta(days=1))
    assert response.status_code == 400
    assert "card-fraud was registered on" in unescape(response.content.decode())


@pytest.mark.parametrize("at", ["yesterday", datetime(2999, 1, 1, tzinfo=UTC)])
def test_bad_and_future_times_say_what_to_do(model: RegisteredModel, reviewer: User, at: datetime | str):
    response = answer(reviewer, MODEL, at)
    page = unescape(response.content.decode())
    assert response.status_code == 400
    assert "is not a time" in page or "is still to come" in page
    assert f'href="{MODEL}">Show the page as it is now' in page


def test_stranger_learns_nothing_of_the_past(model: RegisteredModel, stranger: User):
    assert answer(stranger, MODEL, clock.now()).status_code == 404
