"""Registered models and versions for tests, made by the registry's own actions."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from django.db import transaction

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.core import clock
from apps.models import actions, promotion
from apps.models.models import Artifact, ModelVersion, RegisteredModel
from apps.models.states import Stage
from tests import factories

_numbers = count(1)


def registered_model(
    team: Team | None = None, *, actor: User | None = None, name: str = "", risk_tier: str = "low", **fields: Any
) -> RegisteredModel:
    """Return a registered model; `actor` is a new contributor of the team unless given."""
    team = team or factories.team()
    actor = actor or factories.member(Role.CONTRIBUTOR, team)
    name = name or f"model-{next(_numbers)}"
    return actions.register_model(name=name, team=team, risk_tier=risk_tier, actor=actor, **fields)


def pending_version(
    model: RegisteredModel | None = None, *, actor: User | None = None, version: str | None = None, **content: Any
) -> ModelVersion:
    """Return a pending version without artifacts, the next patch unless `version` is given."""
    model = model or registered_model()
    actor = actor or _registrar(model)
    bump = None if version else content.pop("bump", "patch")
    return actions.register_version(model, actor=actor, version=version, bump=bump, **content)


def artifact(version: ModelVersion, path: str = "model.bin", content: bytes = b"weights", **options: Any) -> Artifact:
    """Return an artifact of a pending version holding `content`."""
    actor = options.pop("actor", version.registered_by)
    return actions.upload_artifact(version, path=path, stream=io.BytesIO(content), actor=actor, **options).artifact


def sealed_version(
    model: RegisteredModel | None = None,
    *,
    actor: User | None = None,
    version: str | None = None,
    files: dict[str, bytes] | None = None,
    stage: str = Stage.EXPERIMENTAL,
    **content: Any,
) -> ModelVersion:
    """Return a sealed version with the files (one of its own unless given), moved to a stage without any review."""
    pending = pending_version(model, actor=actor, version=version, **content)
    for path, held in (files or {"model.bin": f"weights {next(_numbers)}".encode()}).items():
        artifact(pending, path, held)
    sealed = actions.seal_version(pending, actor=pending.registered_by)
    return sealed if stage == Stage.EXPERIMENTAL else in_stage(sealed, stage)


def in_stage(version: ModelVersion, stage: str) -> ModelVersion:
    """Move a sealed version to a stage as if every review had been given."""
    with transaction.atomic():
        RegisteredModel.objects.select_for_update().get(pk=version.registered_model_id)
        promotion.move(version, stage, promotion_id=None, moment=clock.now())
    return version


def _registrar(model: RegisteredModel) -> User:
    """Return somebody who may register versions: whoever registered the model, unless they may no longer."""
    actor = model.registered_by
    if not grants.roles_on(actor, model.team) and not grants.roles_on(actor, model):
        return factories.member(Role.CONTRIBUTOR, model.team)
    return actor
