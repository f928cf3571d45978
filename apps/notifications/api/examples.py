"""How the calls of inbox and webhooks look."""

from __future__ import annotations

from typing import Any

from apps.core.examples import Example

HOOK = {"id": "5"}
DELIVERED = {**HOOK, "delivery_pk": "902"}
EVENT = "0199d3b0-6f1e-7c3a-9a54-2f6d1c0b7e11"
WHEN = "2026-10-14T15:02:42Z"
ENDPOINT = {
    "id": 5,
    "name": "deployer",
    "url": "https://deploy.example.org/hooks/models",
    "team": "payments-ml",
    "event_types": ["approvals.promotion"],
    "enabled": True,
    "disabled_reason": "",
    "created_at": WHEN,
}
DELIVERY = {
    "id": 902,
    "message_id": "msg_2f6d1c0b7e11",
    "event": EVENT,
    "event_type": "approvals.promotion.executed",
    "event_index": 4790,
    "state": "delivered",
    "attempts": 1,
    "next_at": WHEN,
    "created_at": WHEN,
    "sent_at": WHEN,
    "last_error": "",
}

ANSWERS: dict[str, Any] = {
    "Notice": {
        "id": 77,
        "event": EVENT,
        "type": "approvals.promotion.executed",
        "actor": "leo",
        "sentence": "card-fraud 1.4.0 is in production",
        "url": "/promotions/118/",
        "created_at": WHEN,
        "read_at": None,
    },
    "Preference": {
        "in_app": True,
        "email": True,
        "not_in_app": [],
        "not_by_email": [],
        "digest": True,
        "digest_hour": 7,
    },
    "Range": {"count": 12, "dry_run": True},
    "Read": {"marked": 2},
    "Endpoint": ENDPOINT,
    "NewEndpoint": {**ENDPOINT, "secret": "whsec_…"},
    "Secret": {"secret": "whsec_…"},
    "Ping": {"delivered": True, "status_code": 204},
    "Delivery": DELIVERY,
    "DeliveryDetail": {
        **DELIVERY,
        "tries": [{"number": 1, "at": WHEN, "milliseconds": 84, "status_code": 204, "error": ""}],
        "body": '{"specversion":"1.0","type":"approvals.promotion.executed"}',
    },
}

EXAMPLES: dict[str, Example] = {
    "inbox_list": Example(query={"unread": "true"}),
    "inbox_read": Example({"ids": [76, 77]}),
    "inbox_preferences_retrieve": Example(),
    "inbox_preferences_change": Example({"digest": True, "digest_hour": 7}),
    "webhooks_list": Example(),
    "webhooks_create": Example(
        {
            "name": "deployer",
            "url": "https://deploy.example.org/hooks/models",
            "team": "payments-ml",
            "event_types": ["approvals.promotion"],
        }
    ),
    "webhooks_retrieve": Example(parts=HOOK),
    "webhooks_change": Example({"event_types": ["approvals.promotion", "models.version"]}, parts=HOOK),
    "webhooks_rotate_secret": Example(parts=HOOK),
    "webhooks_disable": Example(
        {"reason": "The receiver moves."},
        parts=HOOK,
        answer={**ENDPOINT, "enabled": False, "disabled_reason": "The receiver moves."},
    ),
    "webhooks_enable": Example(parts=HOOK),
    "webhooks_ping": Example(parts=HOOK),
    "webhooks_redeliver": Example(
        {"since": "2026-10-14T08:00:00Z", "until": "2026-10-14T12:00:00Z", "dry_run": True}, parts=HOOK
    ),
    "webhooks_deliveries_list": Example(parts=HOOK, query={"state": "exhausted"}),
    "webhooks_deliveries_retrieve": Example(parts=DELIVERED),
    "webhooks_deliveries_redeliver": Example(parts=DELIVERED, answer={**DELIVERY, "state": "due", "sent_at": None}),
}
