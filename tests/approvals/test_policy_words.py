"""Policies in words: every rule a sentence, and every difference called tighter or looser as it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.approvals import policy_words
from apps.approvals.policy_words import LOOSER, OTHER, TIGHTER
from apps.approvals.requirements import join, parse

TWO = {"name": "reviewers", "group": "reviewer", "min_approvals": 2}
COMPLIANCE = {"name": "compliance", "group": "compliance_officer", "min_approvals": 1}
AUC = {"name": "auc", "kind": "metric", "metric": "auc", "minimum": 0.9}
BACK = {"rules": [{**TWO, "min_approvals": 1}], "within_days": 90}


def check(kind: str, **options: Any) -> dict[str, Any]:
    """Return a document with one check."""
    return {"checks": [{"name": "it", "kind": kind, **options}]}


def test_policy_is_said_in_sentences():
    said = policy_words.means({"rules": [TWO, COMPLIANCE], "checks": [AUC], "needs_reason": True, "rollback": BACK})
    assert said == [
        "Two reviewers of the model or its team have to approve, each a different person.",
        "One compliance officer has to approve.",
        "The metric auc has to be at least 0.9.",
        "Once everything is fulfilled it is executed at once.",
        "It expires 14 days after it was asked for.",
        "An approval lapses if it is not executed within 72 hours.",
        "Whoever asks has to give a reason.",
        "Going back, within 90 days of its execution, to a version that was approved before needs only one reviewer "
        "of the model or its team.",
    ]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, "Nobody has to review it."),
        ({}, "No check is asked for."),
        ({"requester": "owner"}, "Only an owner of the model or its team may ask for it."),
        ({"execution": "manual"}, "Once everything is fulfilled a person or pipeline has to execute it."),
        ({"rules": [{**TWO, "group": "team:risk"}]},
         "Two reviewers of team risk have to approve, each a different person."),
        (check("metadata"), "The metadata have to meet the metadata standard of the stage and tier."),
        (check("lineage"), "The lineage has to name its datasets and code."),
        (check("lineage", require=["datasets", "code", "run"]), "The lineage has to name its datasets, code and run."),
        (check("scan", accept=["clean", "not_scanned"]), "The scan of every artifact has to say clean or not scanned."),
        (check("artifacts"), "The stored bytes are read again and have to match the digests they were sealed with."),
        (
            check("evidence", evidence_kind="report", max_age_days=1),
            "Evidence of the kind “report” has to be attached, not older than 1 day.",
        ),
        (check("external", reporter="ci-bot"), "ci-bot has to report that “it” passed."),
        (
            check("metric", metric="auc", minimum=0.9, maximum=0.99, max_regression=0.01, direction="higher"),
            "The metric auc (higher is better) has to be at least 0.9, at most 0.99 and no more than 0.01 worse than "
            "in production.",
        ),
        (check("metric", metric="auc"), "The metric auc has to be there."),
    ],
)  # fmt: skip
def test_each_part_has_its_sentence(document: dict[str, Any], sentence: str):
    assert sentence in policy_words.means(document)


@pytest.mark.parametrize(
    ("less", "more", "tighter", "looser"),
    [
        ({}, {"rules": [TWO]}, "Two reviewers of the model or its team as well.",
         "No longer two reviewers of the model or its team."),
        ({"rules": [TWO]}, {"rules": [{**TWO, "min_approvals": 3}]},
         "Three reviewers of the model or its team instead of two.",
         "Two reviewers of the model or its team instead of three."),
        ({}, {"needs_reason": True}, "A reason has to be given now.", "No longer: a reason has to be given."),
        ({}, {"expires_after_days": 7}, "Days until an undecided promotion expires: 7 instead of 14.",
         "Days until an undecided promotion expires: 14 instead of 7."),
        ({}, {"execution": "manual"}, "A person or pipeline has to execute it now.",
         "No longer: a person or pipeline has to execute it."),
        ({}, {"checks": [AUC]}, "Also: the metric auc has to be at least 0.9.",
         "No longer: the metric auc has to be at least 0.9."),
        ({"checks": [AUC]}, {"checks": [{**AUC, "minimum": 0.95}]}, "“auc”: the minimum is 0.95 instead of 0.9.",
         "“auc”: the minimum is 0.9 instead of 0.95."),
        (check("metric", metric="loss"), check("metric", metric="loss", maximum=0.3),
         "“it”: the maximum is 0.3 instead of not limited.", "“it”: the maximum is not limited instead of 0.3."),
        (check("lineage"), check("lineage", require=["datasets", "code", "run"]),
         "“it”: run must be named in the lineage now.", "“it”: run no longer must be named in the lineage."),
        (check("scan", accept=["clean", "not_scanned"]), check("scan"),
         "“it”: not scanned no longer is accepted of a scan.", "“it”: not scanned is accepted of a scan now."),
        (check("evidence", evidence_kind="report"), check("evidence", evidence_kind="report", max_age_days=30),
         "“it”: the age in days is 30 instead of not limited.", "“it”: the age in days is not limited instead of 30."),
        ({"rollback": BACK}, {}, "Going back to a version approved before needs the full review now.",
         "Going back to a version approved before needs the reduced rules only."),
        ({"rollback": BACK}, {"rollback": {**BACK, "within_days": 30}},
         "Days in which going back needs less: 30 instead of 90.",
         "Days in which going back needs less: 90 instead of 30."),
        ({"rollback": BACK}, {"rollback": {**BACK, "rules": [TWO]}},
         "For going back: two reviewers of the model or its team instead of one.",
         "For going back: one reviewer of the model or its team instead of two."),
    ],
)  # fmt: skip
def test_difference_is_tighter_one_way_and_looser_the_other(less: Any, more: Any, tighter: str, looser: str):
    assert policy_words.compare(less, more) == [policy_words.Turn(TIGHTER, tighter)]
    assert policy_words.compare(more, less) == [policy_words.Turn(LOOSER, looser)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AUC, {**AUC, "metric": "recall"}),
        (AUC, {**AUC, "name": "discrimination"}),
        ({"name": "ci", "kind": "external", "reporter": "a"}, {"name": "ci", "kind": "external", "reporter": "b"}),
    ],
)
def test_what_is_neither_more_nor_less_is_called_different(before: Any, after: Any):
    assert [turn.direction for turn in policy_words.compare({"checks": [before]}, {"checks": [after]})] == [OTHER]


def test_same_policy_written_otherwise_has_no_difference():
    assert (
        policy_words.compare({"rules": [TWO]}, {"rules": [TWO], "expires_after_days": 14, "needs_reason": False}) == []
    )


def test_joined_requirement_names_the_layer_that_asks():
    layers = [
        ("organisation", parse({"rules": [TWO], "checks": [AUC]})),
        ("team", parse({"rules": [{**TWO, "min_approvals": 3}], "needs_reason": True})),
        ("model", parse({"checks": [AUC]})),
    ]
    found = {line.words: line.sources for line in policy_words.joined(layers)}
    assert found["Three reviewers of the model or its team have to approve, each a different person."] == ("team",)
    assert found["The metric auc has to be at least 0.9."] == ("organisation", "model")
    assert found["Whoever asks has to give a reason."] == ("team",)
    assert found["It expires 14 days after it was asked for."] == ()


def test_no_policy_at_all_blocks():
    assert "blocked" in policy_words.joined([])[0].words


DOCUMENTS = st.fixed_dictionaries(
    {
        "rules": st.lists(
            st.builds(
                lambda group, number: {"name": "people", "group": group, "min_approvals": number},
                st.sampled_from(["reviewer", "owner", "compliance_officer", "team:risk"]),
                st.integers(1, 4),
            ),
            unique_by=lambda rule: rule["group"],
        ),
        "expires_after_days": st.integers(1, 30),
        "execute_within_hours": st.integers(1, 100),
        "execution": st.sampled_from(["automatic", "manual"]),
        "needs_reason": st.booleans(),
        "requester": st.sampled_from(["", "owner"]),
    }
)


@given(DOCUMENTS, DOCUMENTS)
def test_tightened_policy_joins_with_the_old_one_to_itself(before: dict[str, Any], after: dict[str, Any]):
    """What is called looser is exactly what pinning holds back (R7)."""
    loosened = LOOSER in {turn.direction for turn in policy_words.compare(before, after)}
    old, new = parse(before), parse(after)
    assert loosened is (join([old, new]) != join([new]))
