"""Input and output of the approvals API; input only parses, output only writes down."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.api.serializers import StrictSerializer
from apps.accounts.models import User
from apps.approvals import selectors
from apps.approvals.departures import Departure
from apps.approvals.models import AttachedEvidence, Comment, Decision, PolicyVersion, Promotion, Thread
from apps.approvals.standing import evaluate, situation_of
from apps.approvals.states import CheckStatus, Remark, Verdict


class PromotionInput(StrictSerializer):
    """A request for promotion."""

    model = serializers.CharField(max_length=100)
    version = serializers.CharField(max_length=100, help_text="`1.4.0`, a number, or `@alias`")
    target_stage = serializers.CharField(max_length=20, help_text="staging, production or archived")
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class SignatureInput(StrictSerializer):
    """Fresh proof of who signs, and what the signature means."""

    password = serializers.CharField(max_length=4096, trim_whitespace=False, write_only=True)
    meaning = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class DecisionInput(StrictSerializer):
    """One person's verdict on the round that `If-Match` names."""

    verdict = serializers.ChoiceField(Verdict.choices)
    comment = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    settles = serializers.IntegerField(required=False, min_value=1, help_text="Decision that a dismissal settles")
    signature = SignatureInput()


class CheckInput(StrictSerializer):
    """The result of an external check, for exactly one evidence digest."""

    name = serializers.CharField(max_length=100)
    status = serializers.ChoiceField([CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.ERROR])
    summary = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    url = serializers.URLField(max_length=500, required=False, allow_blank=True, default="")
    evidence_digest = serializers.RegexField(r"^[0-9a-f]{64}\Z")


class ReasonInput(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class DemotionInput(StrictSerializer):
    """Taking a version down at once."""

    to_stage = serializers.CharField(max_length=20, help_text="staging or archived; from staging, experimental")
    reason = serializers.CharField(max_length=4000)
    signature = SignatureInput()


class EvidenceInput(StrictSerializer):
    """A later fact about a sealed version."""

    kind = serializers.CharField(max_length=40, help_text="A word such as evaluation_report")
    title = serializers.CharField(max_length=200)
    body = serializers.CharField(required=False, allow_blank=True, default="")
    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]
    valid_until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class PolicyInput(StrictSerializer):
    """The next version of a policy; neither team nor model means the organisation."""

    stage = serializers.CharField(max_length=20)
    risk_tier = serializers.CharField(max_length=10, required=False, allow_blank=True, default="")
    team = serializers.CharField(max_length=60, required=False, allow_null=True, default=None)
    model = serializers.CharField(max_length=100, required=False, allow_null=True, default=None)
    document = serializers.DictField()
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class CommentInput(StrictSerializer):
    """What somebody wants to say."""

    text = serializers.CharField(max_length=4000, help_text="Markdown; `@username` tells that person")


class PersonOutput(serializers.Serializer[Any]):
    """A person or service account."""

    username = serializers.CharField()
    name = serializers.CharField()


class RuleOutput(serializers.Serializer[Any]):
    """How a review rule stands."""

    name = serializers.CharField()
    group = serializers.CharField()
    needed = serializers.IntegerField()
    filled_by = PersonOutput(many=True)
    could = PersonOutput(many=True)
    status = serializers.CharField()
    explanation = serializers.CharField()


class CheckOutput(serializers.Serializer[Any]):
    """How a check stands."""

    name = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    summary = serializers.CharField()
    url = serializers.CharField()
    reporter = serializers.CharField()


class BlockerOutput(serializers.Serializer[Any]):
    """A request for changes still in force."""

    decision = serializers.IntegerField()
    person = PersonOutput()
    round = serializers.IntegerField()
    comment = serializers.CharField()


class DecisionOutput(serializers.Serializer[Any]):
    """One decision with its signature."""

    id = serializers.IntegerField()
    round = serializers.IntegerField()
    person = PersonOutput()
    verdict = serializers.CharField()
    comment = serializers.CharField()
    settles = serializers.IntegerField(allow_null=True)
    outdated = serializers.BooleanField(help_text="Made on other evidence than the present one, so it does not count")
    evidence_digest = serializers.CharField()
    printed_name = serializers.CharField()
    meaning = serializers.CharField()
    signed_at = serializers.DateTimeField()


class PromotionSummary(serializers.Serializer[Promotion]):
    """A promotion as a row of a list."""

    id = serializers.IntegerField()
    model = serializers.CharField(source="registered_model.name")
    version = serializers.CharField(source="version.version")
    number = serializers.IntegerField(source="version.number")
    source_stage = serializers.CharField()
    target_stage = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    sentence = serializers.CharField(source="state_reason")
    reason = serializers.CharField()
    round = serializers.IntegerField(source="round_number")
    requested_by = PersonOutput()
    replaces = serializers.CharField(source="replaces.version", allow_null=True, default=None)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class PromotionOutput(PromotionSummary):
    """A promotion with everything that its deciding needs."""

    evidence_digest = serializers.CharField()
    rules = RuleOutput(many=True)
    checks = CheckOutput(many=True)
    blockers = BlockerOutput(many=True)
    decisions = DecisionOutput(many=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())


class DepartureOutput(serializers.Serializer[Departure]):
    """An approval that counted, by somebody who could not give it today."""

    promotion = serializers.IntegerField(source="decision.promotion_id")
    model = serializers.CharField(source="decision.promotion.registered_model.name")
    version = serializers.CharField(source="decision.promotion.version.version")
    target_stage = serializers.CharField(source="decision.promotion.target_stage")
    person = PersonOutput(source="decision.actor")
    signed_at = serializers.DateTimeField(source="decision.signature.signed_at")
    reason = serializers.CharField()


class CommentOutput(serializers.Serializer[Comment]):
    """A remark in a thread, or the act of resolving or reopening it."""

    id = serializers.IntegerField()
    thread = serializers.IntegerField(source="thread_id")
    kind = serializers.ChoiceField(Remark.choices)
    author = PersonOutput()
    text = serializers.CharField(help_text="Markdown; empty where the thread was resolved or reopened")
    mentioned = PersonOutput(many=True, help_text="Whom an `@username` in the text reached")
    created_at = serializers.DateTimeField()


class ThreadOutput(serializers.Serializer[Thread]):
    """A thread about a promotion."""

    id = serializers.IntegerField()
    round = serializers.IntegerField(
        source="round.number",
        allow_null=True,
        default=None,
        help_text="The round that stood when it was opened; null for a demotion",
    )
    resolved = serializers.BooleanField(source="is_resolved")
    opened_by = PersonOutput()
    text = serializers.CharField(source="opening", help_text="Its first remark")
    comments = serializers.IntegerField(source="length", help_text="How many comments it has")
    created_at = serializers.DateTimeField()


class EvidenceOutput(serializers.ModelSerializer[AttachedEvidence]):
    """An attached fact."""

    author = PersonOutput()

    class Meta:
        model = AttachedEvidence
        fields = (
            "id",
            "kind",
            "title",
            "body",
            "data",
            "digest",
            "valid_until",
            "author",
            "created_at",
        )
        read_only_fields = fields


class PolicyOutput(serializers.Serializer[PolicyVersion]):
    """The version of a policy that holds."""

    id = serializers.IntegerField(source="policy_id")
    number = serializers.IntegerField()
    stage = serializers.CharField(source="policy.stage")
    risk_tier = serializers.CharField(source="policy.risk_tier")
    team = serializers.CharField(source="policy.team.slug", allow_null=True, default=None)
    model = serializers.CharField(source="policy.registered_model.name", allow_null=True, default=None)
    document = serializers.DictField()
    digest = serializers.CharField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()


def written(promotion: Promotion, user: User) -> dict[str, Any]:
    """Return a promotion as the API answers it to this user."""
    situation = situation_of(promotion) if promotion.is_pending else None
    stands = evaluate(situation) if situation else selectors.standing(promotion)
    decisions = [_decision(row, outdated) for row, outdated in selectors.decisions(promotion)]
    answer = PromotionSummary(promotion).data | {
        "state": stands.state,
        "sentence": stands.sentence,
        "round": stands.round,
        "evidence_digest": stands.evidence_digest,
        "rules": RuleOutput(stands.rules, many=True).data,
        "checks": CheckOutput(stands.checks, many=True).data,
        "blockers": BlockerOutput(stands.blockers, many=True).data,
        "decisions": DecisionOutput(decisions, many=True).data,
        "allowed_actions": selectors.allowed_actions(user, situation, stands) if situation else [],
    }
    return dict(answer)


def _decision(row: Decision, outdated: bool) -> dict[str, Any]:
    return {
        "id": row.pk,
        "round": row.round.number,
        "person": row.actor,
        "verdict": row.verdict,
        "comment": row.comment,
        "settles": row.settles_id,
        "outdated": outdated,
        "evidence_digest": row.evidence_digest,
        "printed_name": row.signature.printed_name,
        "meaning": row.signature.meaning,
        "signed_at": row.signature.signed_at,
    }
