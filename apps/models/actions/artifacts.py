"""Bringing artifacts into a pending version: bytes streamed in, or bytes the registry has already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from apps.accounts.models import User
from apps.audit import actions as audit
from apps.audit.events import EventType
from apps.core import clock
from apps.core.errors import Invalid, NotFound
from apps.models import events, formats, paths, policies
from apps.models.actions.versions import locked
from apps.models.models import Artifact, Blob, ModelVersion
from apps.models.storage import Incoming, blobs, receiving
from apps.models.storage.spool import Readable

MAX_ARTIFACTS = 10_000


@dataclass(frozen=True)
class Placed:
    """An artifact and what placing it did: `created`, `replaced` other bytes, or `unchanged`."""

    artifact: Artifact
    outcome: str


def upload_artifact(
    version: ModelVersion,
    *,
    path: str,
    stream: Readable,
    actor: User,
    size: int | None = None,
    sha256: str | None = None,
    still_valid: Callable[[], None] | None = None,
) -> Placed:
    """Stream bytes into a pending version; `size` and `sha256` are what the sender announced.

    `still_valid` is called when all bytes are there, perhaps hours later, and raises where the sender's credentials
    are no longer good.

    Memory stays constant. Whatever goes wrong, nothing is left behind: no file, no blob, no artifact. Raises Invalid
    (`invalid_path`, `incomplete_upload`, `digest_mismatch`), Forbidden, Conflict (`version_sealed`), TooLarge,
    Unavailable (`storage_full`, `storage_unavailable`).
    """
    path = paths.checked(path)
    policies.can_upload(actor, version).require()
    with receiving(stream, size=size, sha256=sha256) as incoming:
        known = Blob.objects.filter(pk=incoming.sha256).exists()
        found = formats.Recognised() if known else formats.recognise(incoming.file, incoming.size)
        if not blobs.is_local():
            # Sending to a remote storage takes long: not while rows are locked.
            blobs.keep(incoming)
        try:
            if still_valid is not None:
                still_valid()
            return _place_incoming(version, path, incoming, found, actor)
        except BaseException:
            _discard(incoming)
            raise


@transaction.atomic
def link_artifact(version: ModelVersion, *, path: str, sha256: str, actor: User, size: int | None = None) -> Placed:
    """Put bytes that the registry has into a pending version without sending them again.

    The actor must be able to read them already, through an artifact of a visible version; otherwise a digest would
    be enough to fetch somebody else's bytes. Raises NotFound (`unknown_blob`).
    """
    path = paths.checked(path)
    version = locked(version)
    policies.can_upload(actor, version).require()
    known = Artifact.objects.visible_to(actor).filter(blob=sha256).select_related("blob").first()
    if known is None or size not in (None, known.blob.size):
        raise NotFound(f"No bytes with the SHA-256 {sha256} that you can read; send them.", code="unknown_blob")
    return _attach(version, path, known.blob, actor, events.ARTIFACT_LINKED)


@transaction.atomic
def _place_incoming(
    version: ModelVersion, path: str, incoming: Incoming, found: formats.Recognised, actor: User
) -> Placed:
    version = locked(version)
    policies.can_upload(actor, version).require()
    _lock_digest(incoming.sha256)
    described = {"size": incoming.size, "format": found.format, "facts": found.facts, "created_at": clock.now()}
    blob, _ = Blob.objects.get_or_create(sha256=incoming.sha256, defaults=described)
    blobs.keep(incoming)
    return _attach(version, path, blob, actor, events.ARTIFACT_UPLOADED)


def _attach(version: ModelVersion, path: str, blob: Blob, actor: User, event: EventType) -> Placed:
    """Point a path of a locked pending version at a blob; recorded once unless nothing changes."""
    there = version.artifacts.select_related("blob").filter(path=path).first()
    if there is not None and there.blob_id == blob.pk:
        return Placed(there, "unchanged")
    data = {"model": version.registered_model.name, "version": version.version, "path": path}
    after = {"sha256": blob.sha256, "size": blob.size}
    moment = clock.now()
    if there is None:
        _require_place(version, path)
        there = Artifact.objects.create(version=version, path=path, blob=blob, uploaded_by=actor, uploaded_at=moment)
        audit.record(event, actor=actor, subject=version, data=data | after | {"format": blob.format})
        return Placed(there, "created")
    before = {"sha256": there.blob.sha256, "size": there.blob.size}
    there.blob, there.uploaded_by, there.uploaded_at = blob, actor, moment
    there.save(update_fields=["blob", "uploaded_by", "uploaded_at"])
    audit.record(events.ARTIFACT_REPLACED, actor=actor, subject=version, data=data | {"before": before, "after": after})
    return Placed(there, "replaced")


def _require_place(version: ModelVersion, path: str) -> None:
    others = list(version.artifacts.values_list("path", flat=True))
    if len(others) >= MAX_ARTIFACTS:
        raise Invalid(f"A version has at most {MAX_ARTIFACTS:,} artifacts.", code="too_many_artifacts")
    if other := paths.collision(path, others):
        message = f"{path!r} cannot lie beside {other!r}: some file systems could not keep both."
        raise Invalid(message, code="path_collision", field="path")


def _lock_digest(sha256: str) -> None:
    """Let one transaction at a time decide whether the bytes of a digest stay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])


def _discard(incoming: Incoming) -> None:
    """Take back bytes that this upload put into the storage, unless a row has come to name them."""
    if not incoming.placed:
        return
    with transaction.atomic():
        _lock_digest(incoming.sha256)
        if not Blob.objects.filter(pk=incoming.sha256).exists():
            blobs.discard(incoming.sha256)
