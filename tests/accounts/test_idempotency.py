"""Requests sent twice are done once."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from rest_framework.test import APIClient

from apps.accounts import tasks
from apps.accounts.models import IdempotentAnswer, Team, User
from apps.core import clock
from tests import factories
from tests.accounts import idempotency_urls as view

pytestmark = pytest.mark.urls("tests.accounts.idempotency_urls")


def send(client: APIClient, body: Any = None, key: str | None = "k1", path: str = "/count/") -> Any:
    headers = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    return client.post(path, {} if body is None else body, format="json", **headers)


@pytest.fixture
def client(stranger: User) -> APIClient:
    client = factories.api(stranger)
    client.raise_request_exception = False
    return client


def test_repeated_request_gets_the_first_answer(client: APIClient) -> None:
    first, second = send(client), send(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == {"team": "made-0", "secret": None}
    assert second["Location"] == first["Location"] == "/made-0/"
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Team.objects.count() == 1


def test_secret_is_shown_once_and_never_stored(client: APIClient) -> None:
    assert send(client).json()["secret"] == "s3cret"
    assert "s3cret" not in IdempotentAnswer.objects.get().body


@pytest.mark.parametrize(("body", "path"), [({"a": 1}, "/count/"), ({}, "/other/"), ({}, "/count/?page=2")])
def test_key_of_another_request_is_refused(client: APIClient, body: Any, path: str) -> None:
    send(client)
    answer = send(client, body, path=path)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Team.objects.count() == 1


def test_without_a_key_each_request_counts(client: APIClient) -> None:
    assert [send(client, key=None).json()["team"] for _ in range(2)] == ["made-0", "made-1"]
    assert not IdempotentAnswer.objects.exists()


def test_key_belongs_to_one_account(client: APIClient, owner: User) -> None:
    before = Team.objects.count()
    send(client)
    assert "Idempotency-Replayed" not in send(factories.api(owner))
    assert Team.objects.count() == before + 2


@pytest.mark.parametrize(
    ("body", "status"),
    [({"fail": "conflict"}, 409), ({"fail": "framework"}, 404), ({"fail": "unavailable"}, 503),
     ({"fail": "defect"}, 500), ({"status": 400}, 400), ({"status": 502}, 502)],
)  # fmt: skip
def test_failed_request_keeps_no_key_and_may_be_tried_again(client: APIClient, body: Any, status: int) -> None:
    assert send(client, body).status_code == status
    assert not IdempotentAnswer.objects.exists()
    assert send(client).status_code == 201


@pytest.mark.parametrize("fail", ["unavailable", "defect"])
def test_request_that_broke_leaves_nothing(client: APIClient, fail: str) -> None:
    send(client, {"fail": fail})
    assert not Team.objects.exists()


def test_what_a_refusal_left_on_purpose_stays(client: APIClient) -> None:
    send(client, {"fail": "conflict"})
    assert Team.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "schlüssel".encode().decode("latin-1")])
def test_unusable_key_is_refused(client: APIClient, key: str) -> None:
    answer = send(client, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
    assert not Team.objects.exists()


def test_longest_key_is_accepted(client: APIClient) -> None:
    assert [send(client, key="x" * 255).status_code for _ in range(2)] == [201, 201]
    assert Team.objects.count() == 1


def test_streamed_bodies_are_left_alone(client: APIClient) -> None:
    assert [send(client, path="/stream/").json()["team"] for _ in range(2)] == ["made-0", "made-1"]


def test_asker_is_checked_before_the_key(client: APIClient, stranger: User) -> None:
    send(client)
    assert send(factories.api(stranger, "models:read")).json()["code"] == "missing_scope"
    assert send(APIClient()).status_code == 401


def test_answers_are_forgotten_after_a_week(client: APIClient) -> None:
    send(client)
    assert tasks.forget_answers() == 0
    IdempotentAnswer.objects.update(created_at=clock.now() - timedelta(days=8))
    assert tasks.forget_answers() == 1
    assert send(client).json()["team"] == "made-1"


def together(client: APIClient, first: Any, second: Any) -> tuple[Any, Any]:
    """Send the second request while the first, which waits inside its view, is not yet committed."""
    view.ENTERED.clear()
    view.GO_ON.clear()

    def one(body: Any) -> Any:
        try:
            return send(client, body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as executor:
        earlier: Future[Any] = executor.submit(one, first)
        assert view.ENTERED.wait(10)
        later: Future[Any] = executor.submit(one, second)
        until_somebody_waits_for_a_lock()
        assert not later.done()
        view.GO_ON.set()
        return earlier.result(10), later.result(10)


def until_somebody_waits_for_a_lock() -> None:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_sleep(0.02), EXISTS ({waiting})")
            if cursor.fetchone()[1]:
                return
    raise AssertionError("The second request did not wait.")


@pytest.mark.django_db(transaction=True)
def test_second_of_two_at_once_waits_and_gets_the_first_answer(client: APIClient) -> None:
    first, second = together(client, {"wait": True}, {"wait": True})
    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Team.objects.filter(slug__startswith="made-").count() == 1


@pytest.mark.django_db(transaction=True)
def test_second_of_two_at_once_acts_when_the_first_fails(client: APIClient) -> None:
    first, second = together(client, {"wait": True, "fail": "conflict"}, {})
    assert (first.status_code, second.status_code) == (409, 201)
    assert "Idempotency-Replayed" not in second
