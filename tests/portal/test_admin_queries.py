"""Lists of the admin ask as many questions for many rows as for few, and never many."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from apps.accounts.models import User
from apps.approvals.models import Promotion
from apps.models.models import RegisteredModel
from tests.portal.test_queries import asked, grow

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 20


def addresses() -> list[str]:
    """Return every list of the admin."""
    names = [f"admin:{table._meta.app_label}_{table._meta.model_name}_changelist" for table in admin.site._registry]
    return [reverse(name) for name in names]


def test_lists_ask_no_more_for_more_rows(
    model: RegisteredModel,
    promotion: Promotion,
    owner: User,
    reviewer: User,
    second_reviewer: User,
    compliance: User,
):
    few = {address: asked(compliance, address) for address in addresses()}
    grow(model, promotion, owner, [reviewer, second_reviewer])
    many = {address: asked(compliance, address) for address in addresses()}
    # A list that was empty asks nothing about its rows.
    assert {address: (few[address], many[address]) for address in few if many[address] > few[address] + 1} == {}
    assert {address: count for address, count in many.items() if count > MOST} == {}
