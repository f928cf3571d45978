"""Every address and who may read it; a new address without a line here fails a test.

The objects that addresses name belong to a team whose members are the personas of tests/personas.py.
"""

from __future__ import annotations

EVERYBODY = frozenset(
    {
        *("owner", "contributor", "reviewer", "second_reviewer", "third", "pipeline"),
        *("compliance", "auditor", "administrator", "stranger", "superuser"),
    }
)
READERS = frozenset({"compliance", "auditor"})
TEAM = frozenset({"owner", "contributor", "reviewer", "second_reviewer", "third", "pipeline"})
MODEL = TEAM | READERS
WEBHOOK = READERS | {"owner"}
PEOPLE = EVERYBODY - {"pipeline"}

# Answer whoever asks, signed in or not.
PUBLIC = frozenset(
    {
        *("health-live", "health-ready", "api-schema", "api-docs"),
        *("account_login", "account_inactive", "account_signup", "account_logout"),
        *("account_reset_password", "account_reset_password_done"),
        *("account_reset_password_from_key", "account_reset_password_from_key_done"),
    }
)

# Name of an address -> who gets 200 from GET. The admin has its own test in tests/accounts.
READ: dict[str, frozenset[str]] = {
    "api-me": EVERYBODY,
    "api-tokens": PEOPLE,
    "api-teams": EVERYBODY,
    "api-team": MODEL | {"administrator"},
    "api-team-grants": MODEL | {"administrator"},
    "api-model-grants": MODEL,
    "api-service-accounts": PEOPLE,
    "api-models": EVERYBODY,
    "api-model": MODEL,
    "api-model-production": MODEL,
    "api-model-stages": MODEL,
    "api-model-stage": MODEL,
    "api-aliases": MODEL,
    "api-versions": MODEL,
    "api-version": MODEL,
    "api-artifact": MODEL,
    "api-version-evidence": MODEL,
    "api-lineage": MODEL,
    "api-dataset-uses": EVERYBODY,
    "api-inventory": EVERYBODY,
    "api-metadata-standards": EVERYBODY,
    "api-promotions": EVERYBODY,
    "api-promotion": MODEL,
    "api-promotion-departures": EVERYBODY,
    "api-threads": MODEL,
    "api-thread": MODEL,
    "api-policies": EVERYBODY,
    "api-webhooks": EVERYBODY,
    "api-webhook": WEBHOOK,
    "api-deliveries": WEBHOOK,
    "api-delivery": WEBHOOK,
    "api-inbox": EVERYBODY,
    "api-inbox-preferences": EVERYBODY,
    "api-audit-events": EVERYBODY,
    "api-audit-export": EVERYBODY,
    "api-audit-event": MODEL,
    "api-audit-event-by-index": MODEL,
    "api-audit-event-types": EVERYBODY,
    "account_reauthenticate": PEOPLE,
    "account_change_password": PEOPLE,
    "account_set_password": frozenset(),
    "portal:home": PEOPLE,
    "portal:catalogue": PEOPLE,
    "portal:search": PEOPLE,
    "portal:save-search": PEOPLE,
    "portal:saved-search": frozenset({"reviewer"}),
    "portal:delete-search": frozenset({"reviewer"}),
    "portal:model": MODEL - {"pipeline"},
    "portal:model-versions": MODEL - {"pipeline"},
    "portal:model-lineage": MODEL - {"pipeline"},
    "portal:model-promotions": MODEL - {"pipeline"},
    "portal:model-people": MODEL - {"pipeline"},
    "portal:model-history": MODEL - {"pipeline"},
    "portal:model-use": MODEL - {"pipeline"},
    "portal:compare": MODEL - {"pipeline"},
    "portal:version": MODEL - {"pipeline"},
    "portal:ledger": PEOPLE,
    "portal:event": MODEL - {"pipeline"},
    "portal:export": PEOPLE,
    "portal:inventory": PEOPLE,
    "portal:object-history": MODEL - {"pipeline"},
    "portal:person": MODEL - {"pipeline"} | {"administrator"},
    "portal:object": frozenset(),
    "approvals:promotions": PEOPLE,
    "approvals:departures": PEOPLE,
    "approvals:promotion": MODEL - {"pipeline"},
    "approvals:withdraw": MODEL - {"pipeline"},
    "approvals:execute": MODEL - {"pipeline"},
    "approvals:discussion": MODEL - {"pipeline"},
    "approvals:mentions": MODEL - {"pipeline"},
    "approvals:reply": MODEL - {"pipeline"},
    "approvals:resolve": MODEL - {"pipeline"},
    "approvals:reopen": MODEL - {"pipeline"},
    "approvals:submit": MODEL - {"pipeline"},
    "approvals:demote": MODEL - {"pipeline"},
    "approvals:attach": MODEL - {"pipeline"},
    "lineage:search": PEOPLE,
    "lineage:node": MODEL - {"pipeline"},
    "models:edit": MODEL - {"pipeline"},
    "models:alias": MODEL - {"pipeline"},
    "models:alias-remove": MODEL - {"pipeline"},
    "webhooks:list": PEOPLE,
    "webhooks:add": PEOPLE,
    "webhooks:webhook": WEBHOOK,
    "webhooks:edit": WEBHOOK,
    "webhooks:ping": frozenset(),
    "webhooks:rotate": WEBHOOK,
    "webhooks:disable": WEBHOOK,
    "webhooks:repeat-range": WEBHOOK,
    "webhooks:delivery": WEBHOOK,
    "inbox:messages": PEOPLE,
    "inbox:preferences": PEOPLE,
    "accounts:profile": PEOPLE,
    "accounts:tokens": PEOPLE,
    "accounts:add-token": PEOPLE,
    "accounts:revoke-token": frozenset({"contributor", "administrator"}),
    "accounts:service-accounts": PEOPLE,
    "accounts:add-service-account": PEOPLE,
    "accounts:service-account": frozenset({"contributor", "administrator"}),
    "accounts:hand-over-service-account": frozenset({"contributor", "administrator"}),
    "accounts:deactivate-service-account": frozenset({"contributor", "administrator"}),
}

# What an address must be asked with.
QUERY = {"api-dataset-uses": "?namespace=warehouse&name=cards"}

# Addresses without GET.
WRITE_ONLY = frozenset(
    {
        *("api-token-revoke", "api-team-grants-take", "api-model-grants-take"),
        *("api-service-account-deactivate", "api-service-account-reactivate", "api-service-account-hand-over"),
        *("api-version-seal", "api-version-fail", "api-version-demote", "api-alias"),
        *("api-promotion-decide", "api-promotion-execute", "api-promotion-withdraw", "api-promotion-checks"),
        *("api-thread-resolve", "api-thread-reopen"),
        *("api-webhook-rotate-secret", "api-webhook-disable", "api-webhook-enable", "api-webhook-ping"),
        *("api-delivery-redeliver", "api-webhook-redeliver", "api-inbox-read"),
        *("accounts:end-session", "accounts:end-other-sessions"),
        *("accounts:reactivate-service-account", "inbox:read", "portal:theme"),
        *("webhooks:enable", "webhooks:repeat"),
    }
)

# Concern the asker alone: an empty body is no offence there.
OWN = frozenset(
    {
        *("api-inbox-read", "api-inbox-preferences", "inbox:read", "inbox:preferences", "portal:theme"),
        *("portal:save-search", "accounts:end-other-sessions"),
        *("portal:inventory", "account_reauthenticate", "account_change_password", "account_set_password"),
    }
)

# API views whose POST carries a stream instead of a key for repeats.
STREAMED = frozenset({"api-artifact"})
