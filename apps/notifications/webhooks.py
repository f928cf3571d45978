"""Signing a message with an endpoint's secrets and posting it there."""

from __future__ import annotations

from apps.core import clock
from apps.notifications import envelope, sealing, signing, transport
from apps.notifications.models import Endpoint
from apps.notifications.transport import Outcome


def post(endpoint: Endpoint, message_id: str, body: bytes) -> Outcome:
    """POST a message to an endpoint, signed at this moment with each of its active secrets; never raises."""
    moment = clock.now()
    try:
        secrets = [sealing.unseal(secret.sealed) for secret in endpoint.secrets.active(moment)]
    except sealing.Unreadable:
        return Outcome(error="SecretUnreadable")
    headers = signing.headers(secrets, message_id, int(moment.timestamp()), body)
    return transport.post(endpoint.url, body, {"Content-Type": envelope.CONTENT_TYPE, **headers})
