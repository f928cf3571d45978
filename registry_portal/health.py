"""Probes: live says that the process answers, ready that it can serve."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from registry_portal import environment
from registry_portal.celery import app

# Applied migrations stay applied: the graph is read until it was complete once in this process.
_migrated: set[str] = set()


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 whenever the process can."""
    return JsonResponse({"status": "live"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, migrations and storage are there, else 503; a missing broker is only told."""
    checks = {name: _outcome(check) for name, check in CHECKS.items()}
    fit = all(outcome == "ok" for name, outcome in checks.items() if name not in BEST_EFFORT)
    return JsonResponse({"status": "ready" if fit else "unready", "checks": checks}, status=200 if fit else 503)


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except (Exception, environment.Refused) as error:  # noqa: BLE001 - whatever fails is the answer
        # Its text stays inside, as probes may be public.
        return f"failed: {type(error).__name__}"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "failed: migrations are waiting"
        _migrated.add("all")
    return "ok"


def _storage() -> str:
    storage = storages["artifacts"]
    if not isinstance(storage, FileSystemStorage):
        storage.exists(f"health/{uuid.uuid4()}")
    elif not os.access(environment.folder(Path(storage.location)), os.W_OK | os.X_OK):
        return "failed: not writable"
    return "ok"


def _broker() -> str:
    with app.connection_for_write(transport_options=app.conf.broker_transport_options) as broker:
        broker.ensure_connection(max_retries=1, timeout=1)
    return "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "storage": _storage,
    "broker": _broker,
}
BEST_EFFORT = {"broker"}
