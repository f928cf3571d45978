"""The log over HTTP: who reads what, in which order, through which filters."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.models import Team, User
from apps.audit import scopes
from apps.audit.models import Event
from apps.core.actors import SYSTEM
from tests import factories
from tests.audit.conftest import Thing, moved, noted

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/audit/events/"
MINE = "tests.thing"


@pytest.fixture
def reader(auditor: User) -> APIClient:
    """The auditor's client."""
    return factories.api(auditor, "audit:read")


def places(client: APIClient, **query: Any) -> list[int]:
    """Return the leaf indexes that a query answers."""
    answer = client.get(URL, {"type": MINE, **query})
    assert answer.status_code == 200, answer.json()
    return [event["index"] for event in answer.json()["results"]]


def place(event: Event) -> int:
    """Return the leaf index of an event."""
    return event.leaf.leaf_index


def test_the_log_is_read_in_its_order_and_page_by_page(reader: APIClient) -> None:
    events = [place(moved()) for _ in range(5)]
    first = reader.get(URL, {"type": MINE, "page_size": 2}).json()
    second = reader.get(first["next"]).json()
    third = reader.get(second["next"]).json()
    assert [event["index"] for page in (first, second, third) for event in page["results"]] == events
    assert third["next"] is None
    assert places(reader, order="newest") == events[::-1]


def test_an_event_is_answered_with_its_proof(reader: APIClient, auditor: User) -> None:
    event = noted("Ada said so", actor=auditor)
    for which in (place(event), event.pk):
        answer = reader.get(f"{URL}{which}/").json()
        assert answer["body"] == event.body
        assert answer["leaf_hash"] == hashlib.sha256(b"\x00" + event.body.encode()).hexdigest()
        assert answer["index"] == place(event)
        assert answer["actor"] == {"urn": auditor.urn, "username": "auditor", "name": "Auditor"}
        assert answer["subject"] == {"type": "thing", "id": "1", "label": "a thing"}
        assert answer["sentence"] == "noted on a thing: Ada said so"
        assert (answer["data"], answer["personal"]) == ({"line": 3}, {"reason": "Ada said so"})


def test_an_event_of_the_portal_itself_has_no_person(reader: APIClient) -> None:
    answer = reader.get(f"{URL}{moved().pk}/").json()
    assert answer["actor"] == {"urn": SYSTEM.urn, "username": None, "name": None}


def test_readers_see_only_events_within_their_scopes(owner: User, team: Team) -> None:
    seen = place(moved(Thing(audit_scopes=[f"team:{team.pk}"])))
    hidden = moved(Thing(audit_scopes=["team:999999"]))
    nobodys = moved(Thing(audit_scopes=[]))
    client = factories.api(owner, "audit:read")
    assert places(client) == [seen]
    for event in (hidden, nobodys):
        assert client.get(f"{URL}{event.pk}/").status_code == 404
        assert client.get(f"{URL}{place(event)}/").status_code == 404
    assert str(hidden.pk) not in b"".join(client.get(f"{URL}export/")).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", "export/", "0/"])
def test_a_token_without_the_scope_is_refused(auditor: User, path: str) -> None:
    moved()
    answer = factories.api(auditor, "models:read").get(f"{URL}{path}")
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert factories.api(None).get(f"{URL}{path}").status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_log_has_no_writing_methods(superuser: User, method: str) -> None:
    client = APIClient()
    client.force_login(superuser)
    for path in ("", "0/", "export/"):
        assert getattr(client, method)(f"{URL}{path}").status_code == 405


@pytest.mark.parametrize("which", ["99999", "9" * 30, "00000000-0000-0000-0000-000000000000", "-1", "x"])
def test_an_unknown_event_is_not_found(reader: APIClient, which: str) -> None:
    assert reader.get(f"{URL}{which}/").status_code == 404


def test_filters_by_type_and_subject(reader: APIClient) -> None:
    one, two = place(moved(Thing(pk=1))), place(noted())
    other = place(moved(Thing(pk=2, audit_type="box")))
    assert places(reader) == [one, two, other]
    assert places(reader, type="tests.thing.noted") == [two]
    assert places(reader, type="tests.thing.noted, tests.thing.moved") == [one, two, other]
    assert places(reader, type="tests.thi") == []
    assert places(reader, subject_type="box") == [other]
    assert places(reader, subject_type="thing", subject_id="1") == [one, two]


def test_filters_by_actor(reader: APIClient, auditor: User) -> None:
    hers, its = place(moved(actor=auditor)), place(moved())
    assert places(reader, actor="auditor") == places(reader, actor=auditor.urn) == [hers]
    assert places(reader, actor=SYSTEM.urn) == [its]
    assert places(reader, actor="nobody-of-this-name") == []


def test_filters_by_time_and_place(reader: APIClient) -> None:
    first, second = moved(), moved()
    assert places(reader, since=second.at.isoformat()) == [place(second)]
    assert places(reader, since=second.at.astimezone(timezone(timedelta(hours=23, minutes=17))).isoformat()) == [
        place(second)
    ]
    assert places(reader, until=first.at.isoformat()) == [place(first)]
    assert places(reader, until=(first.at - timedelta(days=1)).isoformat()) == []
    assert places(reader, after=place(first)) == [place(second)]
    assert places(reader, before=place(second)) == [place(first)]


def test_filters_by_words(reader: APIClient) -> None:
    found = place(moved(version="card-fraud 1.4.0", places=["Köln"]))
    moved(version="churn 2.0.0")
    for words in ("card-fraud", "fraud", "1.4.0", "köln", '"card-fraud 1.4.0"', "fraud -churn"):
        assert places(reader, text=words) == [found], words
    assert places(reader, text="nothing-of-this") == []


def test_filters_by_scope_and_by_name(reader: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "_resolvers", {})
    scopes.register("model", {"card-fraud": 7}.get)
    found = place(moved(Thing(audit_scopes=["team:3", "model:7"])))
    moved(Thing(audit_scopes=["model:8"]))
    assert places(reader, model="card-fraud") == places(reader, scope="team:3") == [found]
    assert places(reader, model="churn") == []


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "until=x",
        "until=0001-01-01T00:00%2B20:00",
        "after=-1",
        f"before={2**64}",
        "after=a",
        "text=%00",
    ],
)
def test_a_malformed_filter_is_answered_with_its_field(reader: APIClient, query: str) -> None:
    for path in ("", "export/"):
        answer = reader.get(f"{URL}{path}?{query}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_a_page_needs_the_same_queries_however_long_it_is(reader: APIClient, auditor: User) -> None:
    moved(actor=auditor)
    reader.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as short:
        reader.get(URL, {"type": MINE})
    for _ in range(20):
        noted(actor=auditor)
    with CaptureQueriesContext(connection) as long:
        reader.get(URL, {"type": MINE})
    assert len(long) == len(short)


def test_the_export_recomputes_from_its_own_lines(reader: APIClient) -> None:
    events = [moved(words=f"é {quote('x')} {number}") for number in range(3)] + [noted("Ada said so")]
    answer = reader.get(f"{URL}export/", {"type": MINE})
    assert answer.headers["Content-Type"].startswith("application/jsonl")
    lines = [json.loads(line) for line in b"".join(answer).splitlines()]  # type: ignore[arg-type]
    assert [line["body"] for line in lines] == [event.body for event in events]
    for line in lines:
        assert line["leaf_hash"] == hashlib.sha256(b"\x00" + line["body"].encode()).hexdigest()
    kept = lines[-1]["personal"]
    salted = bytes.fromhex(kept["salt"]) + b'{"reason":"Ada said so"}'
    assert json.loads(lines[-1]["body"])["personal"] == hashlib.sha256(salted).hexdigest()


def test_the_export_streams_in_chunks_and_ends_where_the_log_ended(
    reader: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.audit.selectors.CHUNK", 2)
    events = [place(moved()) for _ in range(5)]
    answer = reader.get(f"{URL}export/", {"type": MINE, "order": "newest"})
    assert answer.streaming
    stream = iter(answer)  # type: ignore[call-overload]
    read = next(stream)
    assert len(read.splitlines()) == 2
    late = place(moved())
    found = [json.loads(line)["index"] for line in (read + b"".join(stream)).splitlines()]
    assert found == events
    assert late not in found


def test_a_refused_export_is_a_problem_for_whoever_asks_for_lines(auditor: User) -> None:
    client = factories.api(auditor, "models:read")
    answer = client.get(f"{URL}export/", headers={"Accept": "application/jsonl"})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (403, "missing_scope")
    allowed = factories.api(auditor, "audit:read").get(f"{URL}export/", headers={"Accept": "application/jsonl"})
    assert allowed.status_code == 200


def test_event_types_are_listed_with_their_words(reader: APIClient) -> None:
    answer = reader.get("/api/v1/audit/event-types/").json()
    assert {"name": "tests.thing.moved", "wording": "moved {thing} to {places}"} in answer


def test_words_to_leave_out_are_no_search(reader: APIClient) -> None:
    answer = reader.get(f"{URL}?text=-approved")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "text")
    assert "Write a word to look for" in answer.json()["errors"][0]["message"]
