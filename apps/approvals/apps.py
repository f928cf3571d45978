"""App configuration of approvals."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "apps.approvals"
    label = "approvals"
    verbose_name = "Approvals"

    def ready(self) -> None:
        """Listen to what changes evidence or people."""
        from apps.approvals import subscriptions

        subscriptions.connect()
