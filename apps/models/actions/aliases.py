"""Moving a model's aliases."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import User
from apps.audit import actions as audit
from apps.core import clock
from apps.core.errors import Conflict, Invalid, NotFound
from apps.models import events, policies
from apps.models.models import ALIAS_NAME, Alias, ModelVersion, RegisteredModel


@transaction.atomic
def set_alias(model: RegisteredModel, *, name: str, version: ModelVersion, actor: User) -> Alias:
    """Point an alias at a sealed version of the model; pointing it where it points already changes nothing."""
    model = RegisteredModel.objects.select_for_update(of=("self",)).select_related("team").get(pk=model.pk)
    policies.can_manage_aliases(actor, model).require()
    try:
        ALIAS_NAME(name)
    except ValidationError as error:
        raise Invalid(str(ALIAS_NAME.message), code="invalid_alias", field="alias") from error
    if version.registered_model_id != model.pk:
        raise Invalid(f"{version} is not a version of {model}.", code="unknown_version", field="version")
    if not version.is_sealed:
        raise Conflict(f"{version} is not sealed, so no alias can name it.", code="version_not_sealed")
    alias = Alias.objects.select_related("version").filter(registered_model=model, name=name).first()
    if alias is not None and alias.version_id == version.pk:
        return alias
    before = alias.version.version if alias else None
    alias = alias or Alias(registered_model=model, name=name)
    alias.version, alias.set_by, alias.set_at = version, actor, clock.now()
    alias.save()
    data = {"model": model.name, "alias": name, "version": version.version, "before": before}
    audit.record(events.ALIAS_SET, actor=actor, subject=alias, data=data)
    return alias


@transaction.atomic
def remove_alias(model: RegisteredModel, *, name: str, actor: User) -> None:
    """Remove an alias. Raises NotFound where there is none of that name."""
    model = RegisteredModel.objects.select_for_update(of=("self",)).select_related("team").get(pk=model.pk)
    policies.can_manage_aliases(actor, model).require()
    alias = (
        Alias.objects.select_related("version", "registered_model").filter(registered_model=model, name=name).first()
    )
    if alias is None:
        raise NotFound(f"{model} has no alias @{name}.", code="unknown_alias")
    data = {"model": model.name, "alias": name, "before": alias.version.version}
    audit.record(events.ALIAS_REMOVED, actor=actor, subject=alias, data=data)
    alias.delete()
