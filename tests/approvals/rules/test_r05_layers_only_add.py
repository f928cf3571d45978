"""R5: organisation, team and model policies join; the strictest number wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Team, User
from apps.approvals import requirements
from apps.approvals.models import PolicyVersion, Promotion
from apps.approvals.requirements import join, parse
from apps.core.errors import Forbidden, Invalid
from apps.models.models import ModelVersion, RegisteredModel
from tests.approvals.acts import request, rule, standing
from tests.assertions import assert_audited, assert_unchanged

REVIEWERS = {"name": "reviewers", "group": "reviewer", "min_approvals": 3}


def test_team_policy_with_more_reviewers_wins(
    policy, team: Team, version: ModelVersion, contributor: User, reviewer: User
):
    policy(rules=[REVIEWERS], team=team)
    assert rule(request(version, contributor)).needed == 3


def test_model_policy_with_fewer_reviewers_takes_nothing_away(
    policy, model: RegisteredModel, version: ModelVersion, contributor: User
):
    policy(rules=[{**REVIEWERS, "min_approvals": 1}], registered_model=model)
    assert rule(request(version, contributor)).needed == 2


def test_layers_add_rules_and_checks(
    policy, team: Team, model: RegisteredModel, version: ModelVersion, contributor: User
):
    policy(rules=[{"name": "owners", "group": "owner", "min_approvals": 1}], team=team)
    policy(checks=[{"name": "lineage", "kind": "lineage"}], registered_model=model)
    stands = standing(request(version, contributor))
    assert {rule.group: rule.needed for rule in stands.rules} == {"reviewer": 2, "owner": 1}
    assert {check.name for check in stands.checks} == {"artifacts", "metadata", "lineage"}


def test_policy_of_another_team_does_not_matter(policy, version: ModelVersion, contributor: User):
    other = Team.objects.create(slug="other", name="Other")
    policy(rules=[REVIEWERS], team=other)
    assert rule(request(version, contributor)).needed == 2


DOCUMENTS = st.fixed_dictionaries(
    {
        "rules": st.lists(
            st.builds(
                lambda group, number: {"name": group.replace("_", " "), "group": group, "min_approvals": number},
                st.sampled_from(["reviewer", "owner", "compliance_officer"]),
                st.integers(1, 5),
            ),
            unique_by=lambda rule: rule["group"],
        ),
        "execution": st.sampled_from(["automatic", "manual"]),
        "expires_after_days": st.integers(1, 30),
    }
)


@given(st.lists(DOCUMENTS, min_size=1, max_size=4))
def test_joining_never_asks_less_than_any_layer(documents: list[dict]):
    joined = join(parse(document) for document in documents)
    needed = {rule.group: rule.min_approvals for rule in joined.rules}
    for document in documents:
        assert all(needed[rule["group"]] >= rule["min_approvals"] for rule in document["rules"])
        assert joined.expires_after_days <= document["expires_after_days"]
        assert joined.automatic <= (document["execution"] == "automatic")


@given(
    st.permutations([{"rules": [REVIEWERS]}, {"checks": [{"name": "scan", "kind": "scan"}]}, {"needs_reason": True}])
)
def test_order_of_layers_does_not_matter(documents: list[dict]):
    assert join(map(parse, documents)) == join(map(parse, sorted(documents, key=str)))


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"rules": [{"name": "x", "group": "nobody", "min_approvals": 1}]}, "rules[0].group"),
        ({"rules": [{"name": "x", "group": "reviewer", "min_approvals": 0}]}, "rules[0].min_approvals"),
        ({"rules": [{"name": "x", "group": "reviewer", "min_approvals": True}]}, "rules[0].min_approvals"),
        ({"rules": [REVIEWERS, REVIEWERS]}, "rules[1].group"),
        ({"rules": "all"}, "rules"),
        ({"checks": [{"name": "x", "kind": "magic"}]}, "checks[0].kind"),
        ({"checks": [{"name": "x", "kind": "metric"}]}, "checks[0].metric"),
        ({"checks": [{"name": "x", "kind": "external"}]}, "checks[0].reporter"),
        ({"checks": [{"name": "x", "kind": "metric", "metric": "auc", "minimum": "much"}]}, "checks[0].minimum"),
        ({"expires_after_days": 0}, "expires_after_days"),
        ({"execution": "maybe"}, "execution"),
        ({"rollback": {"rules": []}}, "rollback.rules"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_wrong_document_is_refused_naming_the_field(policy, document: dict, field: str):
    with assert_unchanged(PolicyVersion), pytest.raises(Invalid) as refusal:
        policy(**document)
    assert field in {error.field for error in refusal.value.errors}


def test_owner_cannot_set_a_policy(owner: User, team: Team):
    from apps.approvals import actions

    with assert_unchanged(PolicyVersion), pytest.raises(Forbidden):
        actions.set_policy(stage="production", document={}, team=team, actor=owner)


def test_setting_a_policy_is_audited_with_both_wordings(policy, team: Team, compliance: User):
    policy(rules=[REVIEWERS], team=team)
    with assert_audited("approvals.policy.set", actor=compliance) as recorded:
        policy(rules=[], team=team)
    assert recorded.data["before"] == {"rules": [REVIEWERS]}
    assert recorded.data["after"] == {"rules": []}


def test_unknown_group_words_name_the_team(promotion: Promotion):
    assert requirements.GROUP.match("team:model-risk")
