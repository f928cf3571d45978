"""Lineage in the admin: there to read, and nothing else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.lineage.models import Edge, Node
from apps.models.models import RegisteredModel
from tests import factories
from tests.assertions import assert_unchanged
from tests.lineage.conftest import Register, dataset


@pytest.mark.parametrize("table", [Node, Edge])
def test_superuser_reads_but_cannot_write(
    fraud: RegisteredModel, superuser: User, drawn: Register, table: type[Node | Edge]
) -> None:
    drawn(fraud, datasets=[dataset()])
    row, name = table.objects.earliest("pk"), f"admin:lineage_{table._meta.model_name}"
    browser = factories.browser(superuser)
    assert browser.get(reverse(f"{name}_changelist")).status_code == 200
    assert browser.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    with assert_unchanged(Node, Edge):
        assert browser.get(f"{reverse(f'{name}_changelist')}add/").status_code == 404
        assert browser.post(reverse(f"{name}_change", args=[row.pk]), {"label": "other"}).status_code == 403
        delete = f"{reverse(f'{name}_changelist')}{row.pk}/delete/"
        assert browser.post(delete, {"post": "yes"}).status_code == 404
