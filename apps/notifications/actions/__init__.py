"""Every change people make to webhooks, inboxes and preferences, and what the portal does to endpoints by itself."""

from apps.notifications.actions.deliveries import redeliver, redeliver_range, report_exhausted
from apps.notifications.actions.endpoints import (
    change_endpoint,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    ping,
    retire_endpoint,
    rotate_secret,
)
from apps.notifications.actions.inbox import mark_all_read, mark_read, set_preference

__all__ = [
    "change_endpoint",
    "create_endpoint",
    "disable_endpoint",
    "enable_endpoint",
    "mark_all_read",
    "mark_read",
    "ping",
    "redeliver",
    "redeliver_range",
    "report_exhausted",
    "retire_endpoint",
    "rotate_secret",
    "set_preference",
]
