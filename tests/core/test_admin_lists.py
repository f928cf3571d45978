"""Lists of the admin stay quick on long tables: nothing is counted or read as a whole to show a page."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db import connection
from django.db.models import DateTimeField, ForeignKey, ManyToManyField
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import IdempotentAnswer, User
from apps.approvals import models as approvals
from apps.core.admin import paging
from apps.core.admin.site import SECTIONS
from apps.core.admin.tables import ReadOnlyAdmin
from apps.lineage.models import Node
from apps.models import models as registry
from apps.notifications.models import Delivery
from tests.factories import browser, person

PAGES = [pytest.param(page, id=table.__name__) for table, page in admin.site._registry.items()]
FEW = {"team", "group", "endpoint"}


@pytest.mark.parametrize("page", PAGES)
def test_every_list_stands_on_the_base_that_writes_nothing(page: Any) -> None:
    assert isinstance(page, ReadOnlyAdmin)
    assert page.section in SECTIONS
    assert page.ordering


@pytest.mark.parametrize("page", PAGES)
def test_every_offered_filter_answers(page: Any, auditor: User) -> None:
    client, address = browser(auditor), f"/admin/{page.opts.app_label}/{page.opts.model_name}/"
    shown = client.get(address).content.decode().partition('<aside aria-label="Filters">')[2].partition("</aside>")[0]
    offered = [html.unescape(link) for link in re.findall(r'href="(\?[^"]+)"', shown)]
    offered += ["?since=2026-01-01&until=2026-12-31"] if 'name="since"' in shown else []
    # A filter by team is offered where there are several.
    assert offered or tuple(page.list_filter) in ((), ("content_object",))
    assert {link: answer for link in offered if (answer := client.get(address + link).status_code) != 200} == {}


@pytest.mark.parametrize("page", PAGES)
def test_no_filter_reads_a_whole_column_to_know_its_values(page: Any) -> None:
    for name in (each for each in page.list_filter if isinstance(each, str)):
        field = get_fields_from_path(page.model, name)[-1]
        if isinstance(field, ForeignKey | ManyToManyField):
            assert field.related_model._meta.model_name in FEW, name
        else:
            known = bool(getattr(field, "choices", None)) or field.get_internal_type() == "BooleanField"
            assert known or isinstance(field, DateTimeField), name


# Tables that grow with everything that happens; others hold as many rows as there are people, teams and rules.
LONG = (
    *(approvals.Promotion, approvals.Decision, approvals.Signature, approvals.CheckRun, approvals.AttachedEvidence),
    *(approvals.Round, approvals.Thread, approvals.Comment, registry.RegisteredModel, registry.ModelVersion),
    *(registry.Artifact, registry.Blob, registry.StageAssignment, registry.Alias, Node, Delivery, IdempotentAnswer),
)


@pytest.mark.parametrize("table", LONG, ids=lambda table: table.__name__)
def test_long_tables_are_searched_by_index_alone(table: Any) -> None:
    page: Any = admin.site._registry[table]
    assert page.searches
    assert not page.search_fields
    assert page.search_help_text
    assert set(page.sortable_by or ()) <= {"name"}


@pytest.mark.parametrize("page", PAGES)
def test_no_list_counts_or_reads_dates_of_all_its_rows(page: Any) -> None:
    assert page.paginator is paging.BoundedPaginator
    assert not page.date_hierarchy
    assert not page.show_full_result_count


def test_rows_are_counted_up_to_a_bound(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging.BoundedPaginator, "most", 2)
    for _ in range(3):
        person()
    with CaptureQueriesContext(connection) as queries:
        assert browser(administrator).get("/admin/accounts/user/").status_code == 200
    assert not [query for query in queries if "COUNT(*)" in query["sql"] and '"accounts_user"' in query["sql"]]
    assert [
        query
        for query in queries
        if 'SELECT "accounts_user"."id" AS "pk"' in query["sql"] and "LIMIT 3" in query["sql"]
    ]


def test_list_says_that_there_are_more_only_where_there_are(db: None) -> None:
    people = [person() for _ in range(3)]
    rows = User.objects.filter(pk__in=[each.pk for each in people])
    for most, count, bounded in ((2, 2, True), (3, 3, False), (4, 3, False)):
        pages = paging.BoundedPaginator(rows, 50)
        pages.most = most
        assert (pages.count, pages.is_bounded) == (count, bounded)


def test_pages_follow_the_order_of_the_list_and_read_what_it_shows(db: None) -> None:
    people = [person(f"page-reader-{number}") for number in range(5)]
    rows = User.objects.filter(pk__in=[each.pk for each in people]).select_related("owner").order_by("-username")
    pages = paging.BoundedPaginator(rows, 2)
    shown = [[each.username[-1] for each in pages.page(number)] for number in pages.page_range]
    assert shown == [["4", "3"], ["2", "1"], ["0"]]
    with CaptureQueriesContext(connection) as queries:
        assert [each.owner for each in pages.page(3)] == [None]
    assert len(queries) == 1
    assert not list(paging.BoundedPaginator(rows.none(), 2).page(1))


def test_person_with_several_roles_is_listed_once_under_each(administrator: User) -> None:
    both = person("keeps-both", roles=("compliance_officer", "auditor"))
    for role in ("compliance_officer", "auditor"):
        page = browser(administrator).get(f"/admin/accounts/user/?role={role}").content.decode()
        assert page.count(f'href="/admin/accounts/user/{both.pk}/change/') == 1
