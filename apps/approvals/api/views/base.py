"""What the views of approvals share."""

from __future__ import annotations

from rest_framework.response import Response

from apps.accounts.api.base import PortalView
from apps.accounts.models import Team, User
from apps.approvals.api import serializers
from apps.approvals.models import Promotion
from apps.core.errors import Invalid, NotFound
from apps.models import selectors as model_selectors
from apps.models.models import ModelVersion, RegisteredModel

RELATED = (
    "registered_model__team",
    "version__registered_model",
    "requested_by",
    "replaces",
)


class PromotionView(PortalView):
    """Base of the views of one promotion."""

    def found(self, promotion_id: int) -> Promotion:
        """Return a promotion the asker may see; raises NotFound."""
        rows = Promotion.objects.visible_to(self.user).select_related(*RELATED)
        promotion = rows.filter(pk=promotion_id).first()
        if promotion is None:
            raise NotFound(f"There is no promotion {promotion_id} that you may see.")
        return promotion

    def answer(self, promotion: Promotion, status: int = 200) -> Response:
        """Return the promotion as it is now, with its ETag."""
        promotion = Promotion.objects.select_related(*RELATED).get(pk=promotion.pk)
        data = serializers.written(promotion, self.user)
        return Response(data, status=status, headers={"ETag": promotion.etag})


def version_of(user: User, name: str, reference: str) -> ModelVersion:
    """Return a version the asker may see; raises NotFound."""
    registered_model = model_of(user, name)
    if registered_model is None:
        raise NotFound("There is no such model.")
    return model_selectors.resolve_version(registered_model, reference)


def model_of(user: User, name: str | None) -> RegisteredModel | None:
    """Return a model the asker may see, None for no name; raises NotFound."""
    if name is None:
        return None
    found = RegisteredModel.objects.visible_to(user).select_related("team").filter(name=name).first()
    if found is None:
        raise NotFound(f"There is no model {name} that you may see.", field="model")
    return found


def team_of(slug: str | None) -> Team | None:
    """Return a team by its slug, None for no slug; raises Invalid."""
    if slug is None:
        return None
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise Invalid(f"There is no team {slug}.", code="unknown_team", field="team")
    return team
