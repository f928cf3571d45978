"""What the registry's views share."""

from __future__ import annotations

from typing import Any

from apps.accounts.api.base import ObjectView
from apps.accounts.roles import Scope
from apps.core.errors import NotFound
from apps.models import selectors
from apps.models.models import ModelVersion, RegisteredModel

READ = {"GET": Scope.MODELS_READ}
WRITE = {"POST": Scope.MODELS_WRITE}


class RegistryView(ObjectView):
    """Finds what the asker may see."""

    queryset: Any = RegisteredModel.objects.none()

    def model(self, name: str) -> RegisteredModel:
        """Return a model by name; raises NotFound unless the asker may see it."""
        rows = RegisteredModel.objects.visible_to(self.user).with_production()
        found = rows.select_related("team", "registered_by").named(name).first()
        if found is None:
            raise NotFound(f"There is no model {name[:100]!r} that you may see.")
        return found

    def version(self, name: str, ref: str) -> ModelVersion:
        """Return a version by model and reference; raises NotFound unless the asker may see it."""
        return selectors.resolve_version(self.model(name), ref)
