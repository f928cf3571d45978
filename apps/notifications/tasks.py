"""Celery doors of notifications: rows by id, and the sweep that finds what is due."""

from __future__ import annotations

from celery import shared_task

from apps.notifications import sending
from apps.notifications.models import Delivery, Digest, Email


@shared_task(name="apps.notifications.tasks.deliver")
def deliver(pk: int) -> None:
    """Send one delivery."""
    sending.deliver(pk)


@shared_task(name="apps.notifications.tasks.send_email")
def send_email(pk: int) -> None:
    """Send one e-mail."""
    sending.send_email(pk)


@shared_task(name="apps.notifications.tasks.send_digest")
def send_digest(pk: int) -> None:
    """Send one daily e-mail."""
    sending.send_digest(pk)


@shared_task(name="apps.notifications.tasks.sweep")
def sweep() -> int:
    """Wake workers for what is due: digests, retries, and what a broken broker or a dead worker forgot."""
    deliveries = sending.wake(Delivery.objects.all(), "apps.notifications.tasks.deliver")
    digests = sending.wake(Digest.objects.all(), "apps.notifications.tasks.send_digest")
    return deliveries + digests + sending.wake(Email.objects.all(), "apps.notifications.tasks.send_email")
