"""Event types of notifications; free text stays out of the leaf."""

from apps.audit.events import register

ENDPOINT_CREATED = register("notifications.endpoint.created", "added the webhook {subject} to {host}")
ENDPOINT_CHANGED = register("notifications.endpoint.changed", "changed {fields} of the webhook {subject}")
SECRET_ROTATED = register("notifications.endpoint.secret_rotated", "gave the webhook {subject} a new secret")
ENDPOINT_DISABLED = register(
    "notifications.endpoint.disabled", "disabled the webhook {subject}: {reason}", personal=("reason",)
)
ENDPOINT_ENABLED = register("notifications.endpoint.enabled", "enabled the webhook {subject}")
ENDPOINT_PINGED = register("notifications.endpoint.pinged", "sent a test event to the webhook {subject}")
DELIVERY_REPEATED = register("notifications.delivery.repeated", "repeated the delivery of {about} to {subject}")
DELIVERIES_REPEATED = register("notifications.endpoint.repeated", "repeated {count} deliveries to {subject}")
DELIVERY_EXHAUSTED = register(
    "notifications.delivery.exhausted", "gave up delivering {about} to {subject} after {attempts} attempts"
)
NOTICES_READ = register("notifications.notice.read", "read {count} notices")
PREFERENCE_SET = register("notifications.preference.set", "chose to be told in these ways: {ways}")
