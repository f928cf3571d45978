"""Personal data can be erased; what was proven stays proven."""

from __future__ import annotations

import hashlib

import pytest

from apps.accounts.models import User
from apps.audit import actions as audit
from apps.audit.events import PERSONAL_ERASED
from apps.audit.models import Event, Leaf, PersonalData
from apps.core.errors import Conflict, Forbidden
from tests import factories
from tests.assertions import assert_audited, assert_unchanged
from tests.audit.conftest import moved, noted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_compliance_officer_erases_and_the_leaf_stays_valid(compliance: User) -> None:
    event = noted("Ada said so")
    with assert_audited(PERSONAL_ERASED, event, actor=compliance) as recorded:
        audit.erase_personal_data(event, actor=compliance)
    assert recorded.data == {"index": event.leaf.leaf_index}
    assert not PersonalData.objects.filter(event=event).exists()
    kept = Event.objects.get(pk=event.pk)
    assert kept.body == event.body
    assert bytes(Leaf.objects.get(event=event).leaf_hash) == hashlib.sha256(b"\x00" + event.body.encode()).digest()
    assert kept.sentence == "noted on a thing: (withheld)"


@pytest.mark.parametrize("name", ["auditor", "administrator", "owner", "stranger", "superuser", "pipeline"])
def test_others_cannot_erase(request: pytest.FixtureRequest, name: str) -> None:
    event, actor = noted(), request.getfixturevalue(name)
    with assert_unchanged(PersonalData), pytest.raises(Forbidden, match="Only compliance officers"):
        audit.erase_personal_data(event, actor=actor)


def test_nothing_is_erased_twice_or_where_nothing_was(compliance: User) -> None:
    event, bare = noted(), moved()
    audit.erase_personal_data(event, actor=compliance)
    for each in (event, bare):
        with assert_unchanged(PersonalData), pytest.raises(Conflict, match="no personal data left"):
            audit.erase_personal_data(each, actor=compliance)


@pytest.mark.parametrize("table", ["event", "leaf", "head", "outboxentry", "personaldata"])
def test_the_admin_shows_the_log_and_changes_nothing(superuser: User, table: str) -> None:
    noted()
    client = factories.browser(superuser)
    assert client.get(f"/admin/audit/{table}/").status_code == 200
    assert client.get(f"/admin/audit/{table}/add/").status_code == 404
    pk = {"event": Event.objects.get().pk, "head": 1, "leaf": 0}.get(table, Event.objects.get().pk)
    assert client.get(f"/admin/audit/{table}/{pk}/change/").status_code == 200
    with assert_unchanged():
        assert client.post(f"/admin/audit/{table}/{pk}/change/", {"body": "{}"}).status_code == 403
        assert client.post(f"/admin/audit/{table}/{pk}/delete/", {"post": "yes"}).status_code == 404


def test_the_admin_erases_by_the_same_rules(superuser: User, compliance: User) -> None:
    event = noted()
    asked = {"action": "erase_personal_data", "_selected_action": str(event.pk)}
    with assert_unchanged(PersonalData):
        factories.browser(superuser).post("/admin/audit/event/", {**asked, "confirmed": "yes"}, follow=True)
    compliance.is_superuser = True
    compliance.save()
    with assert_unchanged(PersonalData):
        page = factories.browser(compliance).post("/admin/audit/event/", asked)
    assert "Erase personal data for good" in page.content.decode()
    with assert_audited(PERSONAL_ERASED, event, actor=compliance):
        factories.browser(compliance).post("/admin/audit/event/", {**asked, "confirmed": "yes"}, follow=True)
