"""How the calls about people, teams, service accounts and tokens look."""

from __future__ import annotations

from typing import Any

from apps.core.examples import Example

WHEN, EXPIRES = "2026-10-01T08:00:00Z", "2026-12-30T08:00:00Z"
MINA = {"username": "mina", "name": "Mina Roth", "service_account": False, "active": True, "roles": ["reviewer"]}
PIPELINE = ["models:read", "models:write", "promotions:request"]
TOKEN = {
    "prefix": "rp_3kd8",
    "name": "nightly training",
    "holder": "train-bot",
    "scopes": PIPELINE,
    "state": "active",
    "created_at": WHEN,
    "expires_at": EXPIRES,
    "revoked_at": None,
    "last_used_at": None,
}
ACCOUNT = {"username": "train-bot", "name": "Training", "owner": "ada", "active": True, "created_at": WHEN}

ANSWERS: dict[str, Any] = {
    "Me": {
        "username": "train-bot",
        "name": "Training",
        "service_account": True,
        "owner": "ada",
        "roles": [],
        "teams": [{"slug": "payments-ml", "name": "Payments ML", "roles": ["contributor"]}],
        "authenticated_by": "token",
        "token": "rp_3kd8",
        "scopes": PIPELINE,
    },
    "Member": MINA,
    "Team": {
        "slug": "payments-ml",
        "name": "Payments ML",
        "description": "Models behind card payments.",
        "created_at": WHEN,
        "members": [MINA],
    },
    "ServiceAccount": ACCOUNT,
    "Token": TOKEN,
    "CreatedToken": {**TOKEN, "token": "rp_…"},
}

EXAMPLES: dict[str, Example] = {
    "me": Example(python="registry.me()"),
    "models_grants_list": Example(parts={"name": "card-fraud"}),
    "models_grants_create": Example({"username": "mina", "role": "reviewer"}, parts={"name": "card-fraud"}),
    "models_grants_take_create": Example({"username": "mina", "role": "reviewer"}, parts={"name": "card-fraud"}),
    "teams_list": Example(),
    "teams_create": Example(
        {"slug": "payments-ml", "name": "Payments ML", "description": "Models behind card payments."}
    ),
    "teams_retrieve": Example(parts={"slug": "payments-ml"}),
    "teams_grants_list": Example(parts={"name": "payments-ml"}),
    "teams_grants_create": Example({"username": "mina", "role": "reviewer"}, parts={"name": "payments-ml"}),
    "teams_grants_take_create": Example({"username": "mina", "role": "reviewer"}, parts={"name": "payments-ml"}),
    "service_accounts_list": Example(),
    "service_accounts_create": Example({"username": "train-bot", "name": "Training"}),
    "service_accounts_deactivate": Example(parts={"username": "train-bot"}, answer={**ACCOUNT, "active": False}),
    "service_accounts_reactivate": Example(parts={"username": "train-bot"}, answer={**ACCOUNT, "active": True}),
    "service_accounts_hand_over": Example(
        {"owner": "priya"}, parts={"username": "train-bot"}, answer={**ACCOUNT, "owner": "priya"}
    ),
    "tokens_list": Example(),
    "tokens_create": Example(
        {"name": "nightly training", "scopes": PIPELINE, "service_account": "train-bot", "lifetime_days": 90}
    ),
    "tokens_revoke": Example(
        parts={"prefix": "rp_3kd8"}, answer={**TOKEN, "state": "revoked", "revoked_at": "2026-11-02T10:00:00Z"}
    ),
}
