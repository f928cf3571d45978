"""App configuration of notifications: every audit event becomes inbox notices, e-mails and webhook deliveries."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Subscribe to every event."""
        from apps.audit import outbox
        from apps.notifications import events, subscriber  # noqa: F401 - declares the event types

        outbox.subscribe("", subscriber.notify)
