"""App configuration of the wiring; it has management commands and no tables."""

from importlib import import_module

from django.apps import AppConfig


class RegistryPortalConfig(AppConfig):
    name = "registry_portal"
    label = "registry_portal"
    verbose_name = "Registry Portal"

    def ready(self) -> None:
        """Make our Celery application the current one in every process, so that tasks find their broker."""
        import_module("registry_portal.celery")
