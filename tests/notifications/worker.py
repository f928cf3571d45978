"""The portal's own worker and scheduler for tests: a queue of its own, and sweeps every second."""

import django

django.setup()

from registry_portal.celery import app  # noqa: E402 - the settings come first

app.conf.beat_schedule = {
    name: {**entry, "schedule": 1, "options": {"expires": 5}}
    for name, entry in app.conf.beat_schedule.items()
    if entry["task"] in {"apps.audit.tasks.dispatch_outbox", "apps.notifications.tasks.sweep"}
}
app.worker_main(["worker", "--beat", "--concurrency=2", "--loglevel=WARNING", "--without-mingle", "--without-gossip"])
