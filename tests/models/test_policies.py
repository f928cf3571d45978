"""Who may do what, as one table: persona x verb, and what the state of a version forbids."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.accounts.models import User
from apps.audit import scopes
from apps.core.verdicts import Verdict
from apps.models import actions, policies
from apps.models.models import ModelVersion, RegisteredModel
from tests import factories
from tests import registry_factories as registry
from tests.personas import PERSONAS

REGISTERS = {"owner", "contributor", "pipeline"}
VERBS: dict[str, tuple[Callable[[User, ModelVersion], Verdict], set[str]]] = {
    "register a model": (lambda user, v: policies.can_register_model(user, v.registered_model.team), REGISTERS),
    "register a version": (lambda user, v: policies.can_register_version(user, v.registered_model), REGISTERS),
    "upload": (policies.can_upload, REGISTERS),
    "seal": (policies.can_seal, REGISTERS),
    "give up": (policies.can_fail, REGISTERS),
    "change the model": (lambda user, v: policies.can_change_model(user, v.registered_model), {"owner"}),
    "move aliases": (lambda user, v: policies.can_manage_aliases(user, v.registered_model), {"owner"}),
    "raise the tier": (
        lambda user, v: policies.can_change_tier(user, v.registered_model, "high"),
        {"owner", "compliance"},
    ),
    "lower the tier": (lambda user, v: policies.can_change_tier(user, v.registered_model, "low"), {"compliance"}),
    "set a standard": (lambda user, v: policies.can_set_standard(user), {"compliance"}),
}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_for_those_in_the_table(verb: str, model: RegisteredModel, personas: dict[str, User]) -> None:
    ask, allowed = VERBS[verb]
    version = registry.pending_version(model)
    verdicts = {name: ask(user, version) for name, user in personas.items()}
    assert {name for name, verdict in verdicts.items() if verdict} == allowed
    assert set(verdicts) == set(PERSONAS)
    assert all(verdict or verdict.reason.endswith(".") for verdict in verdicts.values())


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_deactivated_may_anything(verb: str, model: RegisteredModel, personas: dict[str, User]) -> None:
    ask, allowed = VERBS[verb]
    version = registry.pending_version(model)
    for name in allowed:
        User.objects.filter(pk=personas[name].pk).update(is_active=False)
        assert not ask(User.objects.get(pk=personas[name].pk), version)


@pytest.mark.parametrize("verb", ["upload", "seal", "give up"])
@pytest.mark.parametrize(("state", "code"), [("sealed", "version_sealed"), ("failed", "version_failed")])
def test_a_closed_version_is_told_to_who_could_and_to_nobody_else(
    verb: str, state: str, code: str, model: RegisteredModel, personas: dict[str, User]
) -> None:
    version = registry.sealed_version(model) if state == "sealed" else registry.pending_version(model)
    if state == "failed":
        version = actions.fail_version(version, reason="Broken.", actor=version.registered_by)
    verdicts = {name: VERBS[verb][0](user, version) for name, user in personas.items()}
    assert not any(verdicts.values())
    assert {name for name, verdict in verdicts.items() if verdict.code == code} == REGISTERS


def test_roles_on_another_team_or_model_give_nothing(model: RegisteredModel) -> None:
    version = registry.pending_version(model)
    others = [factories.member("owner", factories.team()), factories.member("owner", registry.registered_model())]
    asked = [ask(user, version) for user in others for ask, _ in VERBS.values()]
    assert not any(asked)


def test_the_log_knows_models_by_name(model: RegisteredModel) -> None:
    assert scopes.named("model", model.name) == f"model:{model.pk}"
    assert scopes.named("model", "none\x00") == "model:none\x00"
