"""Promotions, evidence and policies over HTTP: each view finds, parses, calls one action and answers."""

from __future__ import annotations

from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.roles import Scope
from apps.approvals import actions
from apps.approvals.api import serializers
from apps.approvals.api.views.base import RELATED, PromotionView, model_of, team_of, version_of
from apps.approvals.departures import departures
from apps.approvals.filters import PromotionFilter
from apps.approvals.models import AttachedEvidence, PolicyVersion, Promotion
from apps.approvals.querysets import PromotionQuerySet
from apps.core.errors import PreconditionRequired

IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The `ETag` of the promotion as it was read; another round answers 409 `stale_subject`.",
)


class PromotionList(GenericAPIView[Promotion], PromotionView):
    """Promotions of models the asker may see."""

    required_scopes = {"GET": Scope.MODELS_READ, "POST": Scope.PROMOTIONS_REQUEST}
    queryset = Promotion.objects.none()
    serializer_class = serializers.PromotionSummary
    filter_backends = (DjangoFilterBackend,)
    filterset_class = PromotionFilter
    cursor_ordering = "-pk"

    def get_queryset(self) -> PromotionQuerySet:
        """Return the promotions the asker may see."""
        return Promotion.objects.visible_to(self.user).select_related(*RELATED)

    @extend_schema(operation_id="promotions_list", summary="List promotions")
    def get(self, request: Request) -> Response:
        """List promotions, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(serializers.PromotionSummary(page, many=True).data)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="promotions_request",
        summary="Ask for a promotion",
        request=serializers.PromotionInput,
        responses={201: serializers.PromotionOutput},
    )
    def post(self, request: Request) -> Response:
        """Ask for a version to be moved to a stage."""
        body = self.given(serializers.PromotionInput)
        version = version_of(self.user, body["model"], body["version"])
        promotion = actions.submit(
            version,
            target_stage=body["target_stage"],
            reason=body["reason"],
            actor=self.user,
        )
        return self.answer(promotion, 201)


class PromotionDetail(PromotionView):
    """One promotion."""

    required_scopes = {"GET": Scope.MODELS_READ}

    @extend_schema(
        operation_id="promotions_retrieve",
        summary="Follow a promotion",
        responses=serializers.PromotionOutput,
    )
    def get(self, request: Request, promotion_id: int) -> Response:
        """Return a promotion: evidence digest, rules, checks, decisions and what the asker may do."""
        return self.answer(self.found(promotion_id))


class DepartureList(PromotionView):
    """The report of approvals by people who left since."""

    required_scopes = {"GET": Scope.MODELS_READ}

    @extend_schema(
        operation_id="promotions_departures",
        summary="List approvals by people who could not give them today",
        responses=serializers.DepartureOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        """List approvals of executed promotions whose authors left the group or were deactivated, newest first."""
        rows = list(departures(self.user))
        return Response(serializers.DepartureOutput(rows, many=True).data)  # type: ignore[arg-type]


class PromotionDecide(PromotionView):
    """Decisions on a promotion."""

    required_scopes = {"POST": Scope.PROMOTIONS_DECIDE}

    @extend_schema(
        operation_id="promotions_decide",
        summary="Decide on a promotion",
        parameters=[IF_MATCH],
        request=serializers.DecisionInput,
        responses={201: serializers.PromotionOutput},
    )
    def post(self, request: Request, promotion_id: int) -> Response:
        """Sign a verdict on the round that was read."""
        promotion = self.found(promotion_id)
        body = self.given(serializers.DecisionInput)
        if "If-Match" not in request.headers:
            raise PreconditionRequired("Send the ETag of the promotion you read as If-Match.")
        signature = body.pop("signature")
        actions.decide(
            promotion,
            **body,
            **signature,
            etag=request.headers["If-Match"],
            actor=self.user,
        )
        return self.answer(promotion, 201)


class PromotionExecute(PromotionView):
    """Execution of a promotion."""

    required_scopes = {"POST": Scope.PROMOTIONS_REQUEST}

    @extend_schema(
        operation_id="promotions_execute",
        summary="Execute an approved promotion",
        request=None,
        responses=serializers.PromotionOutput,
    )
    def post(self, request: Request, promotion_id: int) -> Response:
        """Move the version, when every rule and check still holds."""
        return self.answer(actions.execute(self.found(promotion_id), actor=self.user))


class PromotionWithdraw(PromotionView):
    """Withdrawal of a promotion."""

    required_scopes = {"POST": Scope.PROMOTIONS_REQUEST}

    @extend_schema(
        operation_id="promotions_withdraw",
        summary="Withdraw a promotion",
        request=serializers.ReasonInput,
        responses=serializers.PromotionOutput,
    )
    def post(self, request: Request, promotion_id: int) -> Response:
        """Take the request back."""
        promotion, body = self.found(promotion_id), self.given(serializers.ReasonInput)
        return self.answer(actions.withdraw(promotion, reason=body["reason"], actor=self.user))


class PromotionReportCheck(PromotionView):
    """Results of external checks."""

    required_scopes = {"POST": Scope.CHECKS_REPORT}

    @extend_schema(
        operation_id="promotions_report_check",
        summary="Report a check",
        request=serializers.CheckInput,
        responses={201: serializers.PromotionOutput},
    )
    def post(self, request: Request, promotion_id: int) -> Response:
        """Report a result as the program that the policy names."""
        promotion, body = self.found(promotion_id), self.given(serializers.CheckInput)
        actions.report_check(promotion, **body, actor=self.user)
        return self.answer(promotion, 201)


class VersionDemote(PromotionView):
    """Demotion of a version."""

    required_scopes = {"POST": Scope.PROMOTIONS_REQUEST}

    @extend_schema(
        operation_id="versions_demote",
        summary="Demote a version at once",
        request=serializers.DemotionInput,
        responses={201: serializers.PromotionOutput},
    )
    def post(self, request: Request, name: str, version: str) -> Response:
        """Take a version down with a reason and a signature."""
        subject, body = (
            version_of(self.user, name, version),
            self.given(serializers.DemotionInput),
        )
        signature = body.pop("signature")
        return self.answer(actions.demote(subject, **body, **signature, actor=self.user), 201)


class EvidenceList(GenericAPIView[AttachedEvidence], PromotionView):
    """Attached evidence of a version."""

    required_scopes = {"GET": Scope.MODELS_READ, "POST": Scope.MODELS_WRITE}
    queryset = AttachedEvidence.objects.none()
    serializer_class = serializers.EvidenceOutput
    cursor_ordering = "-pk"

    @extend_schema(operation_id="evidence_list", summary="List attached evidence")
    def get(self, request: Request, name: str, version: str) -> Response:
        """List what was attached to a version, newest first."""
        rows = AttachedEvidence.objects.filter(version=version_of(self.user, name, version)).select_related("author")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(serializers.EvidenceOutput(page, many=True).data)

    @extend_schema(
        operation_id="evidence_attach",
        summary="Attach evidence to a sealed version",
        request=serializers.EvidenceInput,
        responses={201: serializers.EvidenceOutput},
    )
    def post(self, request: Request, name: str, version: str) -> Response:
        """Attach a report; open promotions of the version begin a new round."""
        subject, body = (
            version_of(self.user, name, version),
            self.given(serializers.EvidenceInput),
        )
        row = actions.attach_evidence(subject, **body, actor=self.user)
        return Response(serializers.EvidenceOutput(row).data, status=201)


class PolicyList(GenericAPIView[PolicyVersion], PromotionView):
    """Policies as they hold now."""

    required_scopes = {"GET": Scope.MODELS_READ, "POST": Scope.MODELS_WRITE}
    queryset = PolicyVersion.objects.none()
    serializer_class = serializers.PolicyOutput
    cursor_ordering = "-pk"

    @extend_schema(operation_id="policies_list", summary="List the policies that hold")
    def get(self, request: Request) -> Response:
        """List the newest version of every policy the asker may see."""
        page = self.paginate_queryset(PolicyVersion.objects.newest().visible_to(self.user))
        return self.get_paginated_response(serializers.PolicyOutput(page, many=True).data)  # type: ignore[arg-type]

    @extend_schema(
        operation_id="policies_set",
        summary="Set the next version of a policy",
        request=serializers.PolicyInput,
        responses={201: serializers.PolicyOutput},
    )
    def post(self, request: Request) -> Response:
        """Write a policy as a compliance officer."""
        body = self.given(serializers.PolicyInput)
        team, registered_model = team_of(body.pop("team")), model_of(self.user, body.pop("model"))
        row = actions.set_policy(**body, team=team, registered_model=registered_model, actor=self.user)
        return Response(serializers.PolicyOutput(row).data, status=201)
