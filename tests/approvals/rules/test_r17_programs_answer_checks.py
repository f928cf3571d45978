"""R17: programs satisfy checks, never review rules; a check names who may answer it; missing or late is not passed."""

from __future__ import annotations

import pytest

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import actions
from apps.approvals.models import CheckRun, Decision, Promotion
from apps.approvals.states import State
from apps.core.errors import Conflict, Forbidden, Invalid, Stale
from apps.models.models import ModelVersion
from tests.approvals.acts import approve, decide, fresh, request, standing
from tests.assertions import assert_audited, assert_unchanged


@pytest.fixture
def checked(policy, version: ModelVersion, contributor: User, pipeline: User, reviewer: User, second_reviewer: User):
    """A promotion whose policy wants the pipeline's word, approved by two reviewers."""
    policy(checks=[{"name": "ci", "kind": "external", "reporter": pipeline.username}])
    return approve(request(version, contributor), reviewer, second_reviewer)


def report(promotion: Promotion, actor: User, status: str = "passed", **more):
    """Report the check `ci` for the present evidence."""
    more = {"name": "ci", "evidence_digest": standing(promotion).evidence_digest} | more
    return actions.report_check(promotion, status=status, actor=actor, **more)


def test_program_cannot_decide(promotion: Promotion, pipeline: User, team: Team):
    grants.give(Role.REVIEWER, pipeline, team)
    with assert_unchanged(promotion, Decision), pytest.raises(Forbidden) as refusal:
        decide(promotion, pipeline)
    assert refusal.value.code == "not_a_person"


def test_missing_result_keeps_the_promotion_open(checked: Promotion):
    assert checked.state == State.OPEN
    assert "still to come: ci" in checked.state_reason


def test_passed_result_of_the_named_program_satisfies(checked: Promotion, pipeline: User):
    with assert_audited("approvals.check.reported", checked, actor=pipeline):
        report(checked, pipeline, summary="212 tests", url="https://ci.example.org/1")
    assert fresh(checked).state == State.APPROVED


@pytest.mark.parametrize("status", ["failed", "error"])
def test_other_results_do_not_satisfy(checked: Promotion, pipeline: User, status: str):
    report(checked, pipeline, status)
    assert fresh(checked).state == State.OPEN


def test_newest_result_counts(checked: Promotion, pipeline: User):
    report(checked, pipeline)
    report(checked, pipeline, "failed", summary="A flaky test turned red")
    assert fresh(checked).state == State.OPEN


def test_somebody_else_cannot_report(checked: Promotion, contributor: User, owner: User, superuser: User):
    for person in (contributor, owner, superuser):
        with assert_unchanged(checked, CheckRun), pytest.raises(Forbidden) as refusal:
            report(checked, person)
        assert refusal.value.code == "not_the_reporter"


def test_result_for_other_evidence_is_refused(checked: Promotion, pipeline: User):
    with assert_unchanged(checked, CheckRun), pytest.raises(Stale):
        report(checked, pipeline, evidence_digest="0" * 64)


def test_result_does_not_survive_a_change_of_evidence(checked: Promotion, pipeline: User, contributor: User):
    report(checked, pipeline)
    actions.attach_evidence(checked.version, kind="note", title="News", actor=contributor)
    assert next(check for check in standing(checked).checks if check.name == "ci").status == "pending"


def test_unknown_check_is_refused_naming_what_is_known(checked: Promotion, pipeline: User):
    with assert_unchanged(checked, CheckRun), pytest.raises(Invalid, match="reportable: ci"):
        report(checked, pipeline, name="magic")


def test_result_after_the_end_conflicts(checked: Promotion, pipeline: User, reviewer: User):
    digest = standing(checked).evidence_digest
    decide(checked, reviewer, "reject")
    with assert_unchanged(checked, CheckRun), pytest.raises(Conflict):
        report(checked, pipeline, evidence_digest=digest)
