"""The demonstration organisation: loaded once, then looked at from every side."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role
from apps.approvals import selectors
from apps.approvals.models import Comment, Decision, PolicyVersion, Promotion, Thread
from apps.approvals.states import Kind, State
from apps.audit.events import registered
from apps.audit.models import Event
from apps.models.models import ModelVersion, RegisteredModel, StageAssignment
from apps.models.states import Stage
from apps.models.storage import blobs
from apps.notifications.models import Delivery, Email, Endpoint, Notice
from apps.notifications.states import OPEN, Sending
from apps.portal.demo import people

PASSWORD = "demonstration only"


def demo(*arguments: str) -> str:
    """Run the command and return what it prints."""
    printed = StringIO()
    call_command("demo", *arguments, stdout=printed)
    return printed.getvalue()


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> None:
    """Keep the demonstration's artifacts in a folder of their own."""
    backend = "django.core.files.storage.FileSystemStorage"
    options = {"location": str(tmp_path)}
    settings.STORAGES = {**settings.STORAGES, "artifacts": {"BACKEND": backend, "OPTIONS": options}}


@pytest.mark.django_db(transaction=True)
def test_organisation_is_whole(folder: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    assert "17 demonstration users and 41 model versions" in demo("--if-empty")
    everybody_is_as_listed()
    every_model_has_one_production_version()
    promotions_are_in_every_state()
    decisions_kept_the_rules()
    events_are_well_formed()
    months_have_passed()
    inboxes_are_full_and_only_the_present_is_mailed()
    before = Event.objects.count()
    assert "nothing was loaded" in demo("--if-empty")
    with pytest.raises(CommandError, match="Nothing was loaded: "):
        demo()
    assert Event.objects.count() == before


def everybody_is_as_listed() -> None:
    """Everybody can sign in with the one password, programs cannot, and the roles are the listed ones."""
    for member in people.listing():
        user = User.objects.get(username=member["username"])
        assert (user.is_demo, user.is_active, str(user)) == (True, True, member["name"])
        assert user.is_service_account == member["service_account"]
        assert user.has_usable_password() != member["service_account"]
        assert user.instance_roles() == set(member["roles"]) & set(InstanceRole.values)
    assert User.objects.get(username="mina").check_password(PASSWORD)
    for team in Team.objects.all():
        reviewers = [m for m in people.listing() if Role.REVIEWER in m["roles"] and team.slug in m["teams"]]
        assert len(reviewers) >= 3


def every_model_has_one_production_version() -> None:
    """Each of the eight models has exactly one version in production, and its bytes are there."""
    assert RegisteredModel.objects.count() == 8
    stages = Counter(ModelVersion.objects.with_stage().values_list("registered_model__name", "stage"))
    for name in RegisteredModel.objects.values_list("name", flat=True):
        assert stages[name, Stage.PRODUCTION] == 1
        production = RegisteredModel.objects.get(name=name).stage_assignments.current().get(stage=Stage.PRODUCTION)
        assert all(blobs.verify(artifact.blob) for artifact in production.version.artifacts.all())


def promotions_are_in_every_state() -> None:
    """There is a promotion in every state and of every kind, and each still stands as it is stored."""
    assert set(Promotion.objects.values_list("state", flat=True)) == set(State)
    assert set(Promotion.objects.values_list("kind", flat=True)) == set(Kind)
    assert (Thread.objects.open().count(), Thread.objects.count()) == (1, 2)
    assert Comment.objects.filter(mentioned__contains=[{"username": "leo"}]).exists()
    assert Promotion.objects.pending().filter(round_number__gte=2).exists()
    for promotion in Promotion.objects.pending():
        standing = selectors.standing(promotion)
        assert (standing.state, standing.sentence) == (promotion.state, promotion.state_reason)


def decisions_kept_the_rules() -> None:
    """Nobody decided on what they or their programs had asked for or registered; every decision is signed."""
    for decision in Decision.objects.select_related("promotion__version", "signature"):
        version = decision.promotion.version
        for actor in (decision.promotion.requested_by, version.registered_by, version.sealed_by):
            assert decision.actor_id not in (actor.pk, actor.owner_id)
        assert decision.signature.signer_id == decision.actor_id
    assert PolicyVersion.objects.filter(created_by__username="iris").count() == 5


def events_are_well_formed() -> None:
    """Every event is of a declared type, has its place in the log, and the hash of its body."""
    events = Event.objects.select_related("leaf", "personal").order_by("leaf__leaf_index")
    assert [event.leaf.leaf_index for event in events] == list(range(len(events)))
    for event in events:
        assert event.type in registered()
        assert bytes(event.leaf.leaf_hash) == hashlib.sha256(b"\x00" + event.body.encode()).digest()
        assert event.sentence
        assert "{" not in event.sentence
    assert events.filter(outbox__dispatched_at__isnull=True).count() < 10


def months_have_passed() -> None:
    """The log reads as a calendar of months, up to now and not beyond, and says of each event that it was told."""
    events = list(Event.objects.order_by("leaf__leaf_index"))
    moments = [event.at for event in events]
    assert moments == sorted(moments)
    assert timedelta(days=120) < moments[-1] - moments[0] < timedelta(days=150)
    assert timezone.now() - timedelta(days=2) < moments[-1] < timezone.now()
    assert {event.content["auth"]["method"] for event in events} == {"demonstration"}
    assert {
        (moment.weekday() < 5, 8 <= moment.hour < 18)
        for moment in Decision.objects.values_list("created_at", flat=True)
        if moment < timezone.now() - timedelta(days=3)
    } == {(True, True)}
    for assignment in StageAssignment.objects.all():
        assert assignment.period.upper is None or assignment.period.lower < assignment.period.upper


def inboxes_are_full_and_only_the_present_is_mailed() -> None:
    """Reviewers find what waits for them, by mail only what is new; failed deliveries were given up."""
    assert Notice.objects.filter(user__username="iris").exists()
    assert min(Email.objects.values_list("created_at", flat=True)) > timezone.now() - timedelta(days=4)
    assert not User.objects.filter(notification_preference__email=False).exists()
    assert Endpoint.objects.enabled().count() == 1
    assert set(Delivery.objects.values_list("state", flat=True)) >= {Sending.EXHAUSTED, Sending.SENT}
    assert Delivery.objects.filter(state=Sending.SENT, attempts__gt=1).exists()
    assert not Delivery.objects.filter(state__in=OPEN).exists(), "the first start would warn of a failure that is meant"


@pytest.mark.django_db
def test_list_needs_no_database_rows_and_is_sorted() -> None:
    listed = json.loads(demo("--list"))
    assert [member["username"] for member in listed] == sorted(member["username"] for member in listed)
    assert set(listed[0]) == {"username", "name", "teams", "roles", "service_account", "owner"}
    assert [member["username"] for member in listed if member["service_account"]] == [
        "ci-bot",
        "deploy-bot",
        "train-bot",
    ]
    assert not User.objects.exists()


@pytest.mark.django_db
def test_production_refuses_demonstration_users(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRODUCTION = True
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="Production takes no demonstration users"):
        demo()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_demo_without_a_password_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        demo()
    assert not User.objects.exists()
