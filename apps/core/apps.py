"""App configuration of the core: errors, verdicts, clock; no tables."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "apps.core"
    label = "core"
