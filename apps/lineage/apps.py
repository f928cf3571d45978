"""App configuration of lineage; draws the origin of a version in the transaction that registers it."""

from django.apps import AppConfig


class LineageConfig(AppConfig):
    name = "apps.lineage"
    label = "lineage"
    verbose_name = "Lineage"

    def ready(self) -> None:
        """Have every registration draw its provenance."""
        from apps.audit import actions as audit
        from apps.lineage import actions
        from apps.models.events import VERSION_REGISTERED

        audit.on_record(VERSION_REGISTERED.name, actions.provenance_of)
