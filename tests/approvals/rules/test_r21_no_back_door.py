"""R21: admin pages are read-only for everybody; only one module may move a version."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals.models import Decision, Promotion
from tests.approvals.acts import decide
from tests.assertions import assert_unchanged
from tests.factories import browser

TABLES = [model for model in admin.site._registry if model._meta.app_label in ("approvals", "models", "audit")]


def test_every_table_of_approvals_is_registered(db: None):
    names = {model._meta.model_name for model in TABLES if model._meta.app_label == "approvals"}
    assert names >= {"policy", "policyversion", "promotion", "round", "decision", "signature", "checkrun"}


@pytest.mark.parametrize("table", TABLES, ids=lambda model: model._meta.label)
def test_superuser_reads_but_cannot_write_in_the_admin(table, promotion: Promotion, reviewer: User, superuser: User):
    decide(promotion, reviewer)
    client, name = browser(superuser), f"admin:{table._meta.app_label}_{table._meta.model_name}"
    listing = reverse(f"{name}_changelist")
    assert client.get(listing).status_code == 200
    # There is no address to add or delete where nobody may; where there is one, it refuses.
    assert client.get(f"{listing}add/").status_code in (403, 404)
    row = table.objects.first()
    if row is None:
        return
    assert client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    with assert_unchanged(table):
        assert client.post(reverse(f"{name}_change", args=[row.pk]), {"state": "executed"}).status_code == 403
        assert client.post(f"{listing}{row.pk}/delete/", {"post": "yes"}).status_code in (403, 404)


def test_bulk_delete_is_not_offered(promotion: Promotion, reviewer: User, superuser: User):
    decide(promotion, reviewer)
    url = reverse("admin:approvals_decision_changelist")
    with assert_unchanged(Decision):
        chosen = {"action": "delete_selected", "_selected_action": [Decision.objects.get().pk], "post": "yes"}
        browser(superuser).post(url, chosen)
