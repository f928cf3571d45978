"""R10: an executed promotion stays as it is when a reviewer leaves; a report lists the approval."""

from __future__ import annotations

import pytest

from apps.accounts import grants
from apps.accounts.models import Team, User
from apps.accounts.roles import Role
from apps.approvals import actions, eligibility
from apps.approvals.departures import departures, look
from apps.approvals.models import Promotion
from apps.models.states import Visibility
from tests.approvals.acts import approve, decide
from tests.factories import api, browser


@pytest.fixture
def executed(promotion: Promotion, reviewer: User, second_reviewer: User) -> Promotion:
    """A promotion that two reviewers approved and that was executed."""
    approve(promotion, reviewer, second_reviewer)
    return actions.execute(promotion)


def test_nobody_left_nothing_listed(executed: Promotion, auditor: User):
    assert list(departures(auditor)) == []


def test_reviewer_who_lost_the_role_is_listed(executed: Promotion, auditor: User, reviewer: User, team: Team):
    grants.take(Role.REVIEWER, reviewer, team)
    assert [(row.decision.actor, row.reason) for row in departures(auditor)] == [
        (reviewer, "no longer among reviewers")
    ]


def test_deactivated_reviewer_is_listed(executed: Promotion, auditor: User, reviewer: User):
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert [row.reason for row in departures(auditor)] == ["deactivated"]


def test_approval_that_never_counted_is_not_listed(promotion: Promotion, auditor: User, reviewer: User, team: Team):
    decide(promotion, reviewer)
    grants.take(Role.REVIEWER, reviewer, team)
    assert list(departures(auditor)) == []


def test_stranger_sees_nothing_of_it(executed: Promotion, stranger: User, reviewer: User, team: Team):
    grants.take(Role.REVIEWER, reviewer, team)
    assert list(departures(stranger)) == []


def test_report_says_the_same_in_portal_and_api(executed: Promotion, auditor: User, reviewer: User, team: Team):
    grants.take(Role.REVIEWER, reviewer, team)
    answer = api(auditor).get("/api/v1/promotions/departures/")
    assert [(row["promotion"], row["person"]["username"]) for row in answer.json()] == [(executed.pk, "reviewer")]
    page = browser(auditor).get("/promotions/departures/")
    assert "no longer among reviewers" in page.content.decode()


def test_report_is_read_look_by_look(
    executed: Promotion, auditor: User, reviewer: User, team: Team, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("apps.approvals.departures.STRETCH", 1)
    grants.take(Role.REVIEWER, reviewer, team)
    newest = look(auditor)
    assert newest.found == []
    assert newest.before is not None
    page = browser(auditor).get("/promotions/departures/").content.decode()
    assert f"?before={newest.before}" in page
    older = browser(auditor).get(f"/promotions/departures/?before={newest.before}").content.decode()
    assert "no longer among reviewers" in older
    assert [row.decision.actor for row in departures(auditor)] == [reviewer]
    for hostile in ("x", "-1", "9" * 40, "%00", "\u0663"):
        assert browser(auditor).get("/promotions/departures/", {"before": hostile}).status_code == 200


@pytest.mark.parametrize("visibility", Visibility.values)
@pytest.mark.parametrize("group", ["reviewer", "owner", "compliance_officer", "team:own", "team:nobody"])
def test_seats_are_kept_by_whom_the_group_has(
    group: str, visibility: str, promotion: Promotion, owner: User, reviewer: User, compliance: User, stranger: User
):
    model = promotion.registered_model
    group = group.replace("own", model.team.slug) if group == "team:own" else group
    model.visibility = visibility
    model.save(update_fields=["visibility"])
    grants.give(Role.OWNER, stranger, model)
    people = (owner, reviewer, compliance, stranger)
    seats = [eligibility.Seat(each.pk, (group,), model.pk, model.team_id, visibility) for each in people]
    kept = {seat.person for seat in eligibility.kept(seats)}
    assert kept == eligibility.members(group, model).keys() & {each.pk for each in people}
