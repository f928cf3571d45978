"""Callers that strike at the same moment, over HTTP, against several processes: one wins, the other is told why.

After each round every invariant is read from the database, and the outcome through the API.
"""

from __future__ import annotations

import time
from collections import Counter
from functools import partial

from tests.concurrency.clients import Answer, Client, at_once
from tests.concurrency.invariants import Ledger
from tests.concurrency.registry import (
    Promotion,
    attach_evidence,
    decide,
    execute,
    in_production,
    read,
    register_model,
    register_version,
    requested,
    sealed_version,
)

ENOUGH_TO_SEE_BOTH = 20
WAIT_SECONDS = 30
FIRST_STEP_SECONDS, SMALLEST_STEP_SECONDS = 0.01, 0.002


class Versions:
    """A model and so many sealed versions of it, of which those outside production can be asked for again."""

    def __init__(self, client: Client, model: str, risk_tier: str, number: int) -> None:
        self.client = client
        self.model = register_model(client, model, risk_tier)
        self.versions = [sealed_version(client, model) for _ in range(number)]

    def in_production(self) -> str | None:
        """Return the version in production."""
        return in_production(self.client, self.model)

    def requested(self, number: int) -> list[Promotion]:
        """Ask for so many versions that are not in production, those that rested longest first."""
        now = self.in_production()
        chosen = [version for version in self.versions if version != now][:number]
        self.versions = [version for version in self.versions if version not in chosen] + chosen
        return [requested(self.client, self.model, version) for version in chosen]


class HeadStart:
    """How many seconds the first caller is ahead: whoever won starts later next time, so that both orders occur."""

    def __init__(self) -> None:
        self.seconds, self.step, self.before = 0.0, FIRST_STEP_SECONDS, True

    def adapt(self, first_won: bool) -> None:
        """Move the start against the winner, in growing steps while the same caller wins."""
        self.step = max(SMALLEST_STEP_SECONDS, self.step * (1.5 if first_won == self.before else 0.5))
        self.seconds += -self.step if first_won else self.step
        self.before = first_won


def require_both(outcomes: Counter[str], rounds: int, *names: str) -> None:
    """Fail where one order never occurred: then nothing raced."""
    print(dict(outcomes))
    assert rounds < ENOUGH_TO_SEE_BOTH or all(outcomes[name] for name in names), outcomes


def test_approve_against_reject_ends_in_one_of_them(
    pipelines: list[Client], reviewers: list[Client], ledger: Ledger, rounds: int
) -> None:
    versions, outcomes = Versions(pipelines[0], "approve-reject", "low", 2), Counter[str]()
    ahead = HeadStart()
    for _ in range(rounds):
        (promotion,) = versions.requested(1)
        approval, rejection = at_once(
            partial(decide, reviewers[0], promotion, "approve"),
            partial(decide, reviewers[1], promotion, "reject"),
            head_start=ahead.seconds,
        )
        winner = settled(ledger, promotion, "rejected", "executed")
        outcomes[winner] += 1
        ahead.adapt(winner == "executed")
        if winner == "rejected":
            rejection.expect(201)
            assert approval.status == 201 or conflict(approval) == "already_resolved", approval.body
        else:
            approval.expect(201)
            assert winner == "executed"
            assert conflict(rejection) == "already_resolved", rejection.body
        assert (versions.in_production() == promotion.version) == (winner == "executed")
        ledger.verify()
    require_both(outcomes, rounds, "rejected", "executed")


def test_approve_against_new_evidence_counts_on_what_was_seen_only(
    pipelines: list[Client], reviewers: list[Client], ledger: Ledger, rounds: int
) -> None:
    versions, outcomes = Versions(pipelines[0], "approve-evidence", "medium", 1), Counter[str]()
    (promotion,) = versions.requested(1)
    ahead = HeadStart()
    for number in range(1, rounds + 1):
        approval, attached = at_once(
            partial(decide, reviewers[number % 2], promotion, "approve"),
            partial(attach_evidence, pipelines[1], versions.model, promotion.version),
            head_start=ahead.seconds,
        )
        attached.expect(201)
        outcomes["approval first" if approval.status == 201 else "evidence first"] += 1
        ahead.adapt(approval.status == 201)
        assert approval.status == 201 or conflict(approval) == "stale_subject", approval.body
        seen, promotion = promotion, read(pipelines[0], promotion)
        assert promotion.digest != seen.digest
        assert (promotion.state, promotion.round) == ("open", number + 1)
        assert conflict(execute(pipelines[0], promotion)) == "not_approved"
        ledger.verify()
    decide(reviewers[0], promotion, "approve").expect(201)
    execute(pipelines[0], promotion).expect(200)
    ledger.verify()
    require_both(outcomes, rounds, "evidence first", "approval first")


def test_two_promotions_executed_at_once_put_one_version_in_production(
    pipelines: list[Client], reviewers: list[Client], ledger: Ledger, rounds: int
) -> None:
    versions, outcomes = Versions(pipelines[0], "execute-execute", "medium", 3), Counter[str]()
    ahead = HeadStart()
    for _ in range(rounds):
        rivals = versions.requested(2)
        assert {decide(reviewers[0], rival, "approve").expect(201).body["state"] for rival in rivals} == {"approved"}
        answers = at_once(
            *(partial(execute, client, rival) for client, rival in zip(pipelines, rivals, strict=True)),
            head_start=ahead.seconds,
        )
        won = [answer.status for answer in answers].index(200)
        outcomes[f"caller {won}"] += 1
        ahead.adapt(won == 0)
        assert conflict(answers[1 - won]) in {"superseded", "already_resolved"}, answers[1 - won].body
        assert read(pipelines[0], rivals[won]).state == "executed"
        assert read(pipelines[0], rivals[1 - won]).state == "superseded"
        assert versions.in_production() == rivals[won].version
        ledger.verify()
    require_both(outcomes, rounds, "caller 0", "caller 1")


def test_two_pipelines_registering_at_once_get_two_versions(
    pipelines: list[Client], ledger: Ledger, rounds: int
) -> None:
    model, seen = register_model(pipelines[0], "bump-bump", "low"), set()
    for round_number in range(rounds):
        answers = at_once(*(partial(register_version, client, model) for client in pipelines))
        numbers = {answer.expect(201).body["number"] for answer in answers}
        assert numbers == {2 * round_number + 1, 2 * round_number + 2}
        seen |= {answer.body["version"] for answer in answers}
        ledger.verify()
    assert len(seen) == 2 * rounds


def settled(ledger: Ledger, promotion: Promotion, *states: str) -> str:
    """Wait until a promotion is in one of the states; return the one it is in at the end."""
    statement, deadline = "SELECT state FROM approvals_promotion WHERE id = %s", time.monotonic() + WAIT_SECONDS
    while (
        state := str(ledger.rows(statement, promotion.id)[0]["state"])
    ) not in states and time.monotonic() < deadline:
        time.sleep(0.01)
    return state


def conflict(answer: Answer) -> str:
    """Return the code of a 409."""
    return answer.expect(409).code
