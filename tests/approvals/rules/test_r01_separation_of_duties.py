"""R1: whoever asked, registered or uploaded, and the owners of programs that did, never count."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role
from apps.approvals.models import Decision, Promotion
from apps.core.errors import Forbidden
from apps.models.models import ModelVersion, RegisteredModel
from tests import factories
from tests import registry_factories as registry
from tests.approvals.acts import approve, decide, request, rule
from tests.assertions import assert_unchanged


def refused(promotion: Promotion, person: User) -> str:
    """Return the code with which a person's approval is refused, having changed nothing."""
    with assert_unchanged(promotion, Decision), pytest.raises(Forbidden) as refusal:
        decide(promotion, person)
    return refusal.value.code


def test_requester_who_is_reviewer_cannot_decide(version: ModelVersion, team: Team, contributor: User):
    asker = factories.member(Role.CONTRIBUTOR, team)
    grants.give(Role.REVIEWER, asker, team)
    promotion = request(version, asker)
    assert refused(promotion, asker) == "separation_of_duties"


def test_registrant_who_is_reviewer_cannot_decide(promotion: Promotion, contributor: User, team: Team):
    grants.give(Role.REVIEWER, contributor, team)
    assert refused(promotion, contributor) == "separation_of_duties"


def test_uploader_who_is_reviewer_cannot_decide(model: RegisteredModel, contributor: User, owner: User, team: Team):
    pending = registry.pending_version(model, actor=contributor)
    registry.artifact(pending, "tokenizer.json", b"{}", actor=owner)
    registry.artifact(pending, actor=contributor)
    sealed = registry.actions.seal_version(pending, actor=contributor)
    grants.give(Role.REVIEWER, owner, team)
    assert refused(request(sealed, contributor), owner) == "separation_of_duties"


def test_owner_of_program_that_registered_cannot_decide(
    model: RegisteredModel, pipeline: User, contributor: User, owner: User, team: Team
):
    grants.give(Role.CONTRIBUTOR, pipeline, team)
    sealed = registry.sealed_version(model, actor=pipeline)
    grants.give(Role.REVIEWER, contributor, team)
    promotion = request(sealed, owner)
    assert refused(promotion, contributor) == "separation_of_duties"


def test_owner_of_program_that_asked_cannot_decide(version: ModelVersion, pipeline: User, team: Team):
    grants.give(Role.CONTRIBUTOR, pipeline, team)
    promotion = request(version, pipeline)
    grants.give(Role.REVIEWER, pipeline.owner, team)
    assert refused(promotion, pipeline.owner) == "separation_of_duties"


def test_superuser_has_no_vote(promotion: Promotion, superuser: User):
    assert refused(promotion, superuser) == "not_a_reviewer"


def test_superuser_with_role_who_asked_gets_no_exception(version: ModelVersion, superuser: User, team: Team):
    grants.give(Role.CONTRIBUTOR, superuser, team)
    grants.give(Role.REVIEWER, superuser, team)
    assert refused(request(version, superuser), superuser) == "separation_of_duties"


def test_excluded_person_is_not_listed_as_able(promotion: Promotion, contributor: User, team: Team):
    grants.give(Role.REVIEWER, contributor, team)
    assert {person.username for person in rule(promotion).could} == {"reviewer", "second_reviewer"}


def test_compliance_officer_who_asked_is_excluded_from_that_place(
    team: Team, contributor: User, reviewer: User, second_reviewer: User
):
    officer = factories.person("officer", roles=(InstanceRole.COMPLIANCE_OFFICER,))
    grants.give(Role.CONTRIBUTOR, officer, team)
    model = registry.registered_model(team, actor=contributor, risk_tier="high")
    promotion = request(registry.sealed_version(model, actor=contributor), officer)
    approve(promotion, reviewer, second_reviewer)
    assert refused(promotion, officer) == "separation_of_duties"


def test_database_itself_refuses_a_decision_of_the_requester(promotion: Promotion, reviewer: User):
    decision = decide(promotion, reviewer)
    copied = ", ".join(f.column for f in Decision._meta.fields if f.column not in ("id", "actor_id", "signature_id"))
    statement = (
        f"INSERT INTO approvals_decision (actor_id, signature_id, {copied})"
        f" SELECT %s, signature_id, {copied} FROM approvals_decision WHERE id = %s"
    )
    with pytest.raises(IntegrityError, match="requester cannot decide"), transaction.atomic():
        connection.cursor().execute(statement, [promotion.requested_by_id, decision.pk])
