"""App configuration of the registry itself: models, versions, artifacts, stages."""

from django.apps import AppConfig


class ModelsConfig(AppConfig):
    name = "apps.models"
    label = "models"
    verbose_name = "Models"

    def ready(self) -> None:
        """Declare the event types, say what `model:card-fraud` means where the log is filtered, follow people."""
        from apps.audit import outbox, scopes
        from apps.models import (
            catalogue,
            events,  # noqa: F401 - declares the event types
        )
        from apps.models.models import RegisteredModel

        scopes.register("model", lambda name: RegisteredModel.objects.named(name).values_list("pk", flat=True).first())
        for prefix in ("accounts.role.", "accounts.user.", "accounts.team."):
            outbox.subscribe(prefix, catalogue.on_people_changed)
