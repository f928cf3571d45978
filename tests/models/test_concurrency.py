"""Two at once, over real connections: each gets a clear answer, and nothing is half done."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.audit.models import Event
from apps.core.errors import Conflict, PortalError
from apps.models import actions, selectors
from apps.models.models import Artifact, Blob, ModelVersion, RegisteredModel
from apps.models.storage import blobs
from tests import registry_factories as registry

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts at the same instant, each on its own connection; return answers and refusals."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except PortalError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def events(name: str) -> int:
    """Count the events of a type."""
    return Event.objects.filter(type=name).count()


def test_pipelines_registering_at_once_get_a_version_each(model: RegisteredModel, contributor: User) -> None:
    made = at_once(*[lambda: actions.register_version(model, bump="minor", actor=contributor)] * 6)
    assert sorted(version.number for version in made) == [1, 2, 3, 4, 5, 6]
    assert {version.version for version in made} == {"1.0.0", *(f"1.{minor}.0" for minor in range(1, 6))}
    assert events("models.version.registered") == 6


def test_of_two_that_register_the_same_version_one_is_refused(model: RegisteredModel, contributor: User) -> None:
    answers = at_once(*[lambda: actions.register_version(model, version="1.0.0", actor=contributor)] * 2)
    assert sorted(type(answer) for answer in answers if isinstance(answer, Conflict)) == [Conflict]
    assert (ModelVersion.objects.count(), events("models.version.registered")) == (1, 1)


def test_of_two_that_register_the_same_model_one_is_refused(team: Any, contributor: User) -> None:
    def act() -> RegisteredModel:
        return actions.register_model(name="x", team=team, risk_tier="low", actor=contributor)

    answers = at_once(act, act)
    assert [answer.code for answer in answers if isinstance(answer, Conflict)] == ["model_exists"]
    assert RegisteredModel.objects.filter(name="x").count() == 1


def test_of_two_seals_one_is_refused(model: RegisteredModel, contributor: User) -> None:
    version = registry.pending_version(model)
    registry.artifact(version)
    answers = at_once(*[lambda: actions.seal_version(version, actor=contributor)] * 2)
    assert [answer.code for answer in answers if isinstance(answer, Conflict)] == ["version_sealed"]
    assert (events("models.version.sealed"), version.stage_assignments.count()) == (1, 1)


@pytest.mark.parametrize("turn", range(4))
def test_an_upload_against_a_seal_is_in_the_manifest_or_refused(
    turn: int, model: RegisteredModel, contributor: User, folder: Path
) -> None:
    version = registry.pending_version(model)
    registry.artifact(version, "first.bin", b"first")
    uploaded, _ = at_once(
        lambda: registry.artifact(version, "late.bin", b"late", actor=contributor),
        lambda: actions.seal_version(version, actor=contributor),
    )
    version.refresh_from_db()
    refused = isinstance(uploaded, Conflict)
    paths = {entry["path"] for entry in selectors.manifest(version)}
    assert paths == ({"first.bin"} if refused else {"first.bin", "late.bin"})
    assert len([path for path in folder.rglob("*") if path.is_file()]) == len(paths)


def test_the_same_bytes_at_once_are_kept_once(model: RegisteredModel, contributor: User, folder: Path) -> None:
    versions = [registry.pending_version(model) for _ in range(4)]
    at_once(*[lambda each=each: registry.artifact(each, "w.bin", b"same" * 500_000) for each in versions])
    assert (Artifact.objects.count(), Blob.objects.count()) == (4, 1)
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    assert blobs.verify(Blob.objects.get())


def test_a_refused_upload_never_takes_the_bytes_of_another(model: RegisteredModel, contributor: User) -> None:
    closed = registry.sealed_version(model)
    content = b"wanted" * 100_000

    def refused() -> Any:
        open_when_asked = registry.pending_version(model)
        registry.artifact(open_when_asked, "first", b"x")
        stream = Sealing(content, open_when_asked, contributor)
        return actions.upload_artifact(open_when_asked, path="w", stream=stream, actor=contributor)

    wanting = registry.pending_version(model)
    answers = at_once(refused, lambda: registry.artifact(wanting, "w", content, actor=contributor))
    assert isinstance(answers[0], Conflict)
    digest = hashlib.sha256(content).hexdigest()
    assert blobs.verify(Blob.objects.get(pk=digest))
    assert closed.artifacts.count() == 1


class Sealing(io.BytesIO):
    """A body at whose end somebody else has sealed the version."""

    def __init__(self, content: bytes, version: ModelVersion, actor: User) -> None:
        super().__init__(content)
        self.version, self.actor = version, actor

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the bytes; seal before the end."""
        content = super().read(size)
        if not content:
            actions.seal_version(self.version, actor=self.actor)
        return content
