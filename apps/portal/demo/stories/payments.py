"""Payments ML: a policy of the team's own, and integration tests that must pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.approvals import actions as approvals
from apps.approvals.states import CheckStatus, Verdict
from apps.models.models import RegisteredModel
from apps.models.states import Stage
from apps.portal.demo.organisation import Organisation

RUNS = "https://ci.example.org/payments/runs"
TEAM: dict[str, Any] = {
    "checks": [
        {"name": "accuracy", "kind": "metric", "metric": "accuracy", "minimum": 0.95, "max_regression": 0.01},
    ],
    "needs_reason": True,
}
AMOUNTS: dict[str, Any] = {
    "checks": [
        {"name": "answers", "kind": "metric", "metric": "accuracy_when_answering", "minimum": 0.98},
        {"name": "integration-tests", "kind": "external", "reporter": "ci-bot"},
    ],
}


def amount_digit_reader(bank: Organisation) -> Iterator[None]:
    """The rules tighten while a request waits, until it expires; a candidate fails its integration tests."""
    model = bank.register_model("amount-digit-reader", by="train-bot", tags=("vision", "amounts"))
    bank.move(
        bank.register(model, "1.0.0", by="train-bot"),
        "Pilot on one amount box.",
        by="train-bot",
        leo="It abstains where it should.",
        mina="Pilot only; a clerk confirms every amount.",
        iris="Limitations say that it never saw a payment slip.",
    )
    yield
    stricter = bank.register(model, "1.0.1", by="train-bot")
    bank.ask(stricter, "Abstains below 0.80: fewer wrong amounts.", by="train-bot")
    _tighten(bank, model)
    yield
    full = bank.ask(bank.register(model, "1.1.0", by="train-bot"), "All training images.", by="train-bot")
    bank.report(full, CheckStatus.PASSED, "412 of 412 tests passed", url=f"{RUNS}/118")
    bank.approve(
        full,
        mina="Meets the new limits with room to spare.",
        yuki="99.3 % of its answers are right.",
        sam="The team's rules are met; the pilot may grow.",
    )
    bank.execute(full)
    yield
    bank.ask(stricter, "Asked again: nobody had time for the first request before it expired.", by="ada")
    network = bank.register(model, "2.0.0", by="train-bot")
    taken = bank.ask(network, "Answers 91 % instead of 81 % of the boxes.", by="train-bot")
    bank.report(taken, CheckStatus.ERROR, "The test machine lost its network", url=f"{RUNS}/131")
    bank.report(taken, CheckStatus.PASSED, "412 of 412 tests passed", url=f"{RUNS}/132")
    bank.approve(
        taken,
        leo="A tenth fewer boxes for the clerks.",
        yuki="Accuracy when answering stays above the floor.",
        iris="A slightly lower accuracy when answering is weighed against coverage, in writing.",
    )
    bank.execute(taken)
    bank.point("champion", network, by="priya")
    yield
    candidate = bank.register(model, "2.1.0-rc.1", by="train-bot")
    bank.point("challenger", candidate, by="priya")
    failing = bank.ask(candidate, "Weights of digit-reader 2.1.0, abstains below 0.95.", by="train-bot")
    yield
    summary = "3 of 412 tests failed: empty boxes get an answer"
    bank.report(failing, CheckStatus.FAILED, summary, url=f"{RUNS}/140")
    bank.approve(failing, mina="The numbers convince me; the empty boxes must be sorted out.")


def digit_second_look(bank: Organisation) -> Iterator[None]:
    """An evaluation report opens a second round; a forest goes straight to the archive."""
    model = bank.register_model("digit-second-look", by="train-bot", tags=("vision", "amounts"))
    bank.register(model, "1.0.0", by="train-bot")
    yield
    full = bank.register(model, "1.1.0", by="train-bot")
    bank.move(full, "All images of the four digits.", by="ada", stage=Stage.STAGING, leo="To staging first.")
    bank.move(
        full,
        "Staging brought no surprise.",
        by="ada",
        leo="As hoped.",
        mina="Disagreement goes to a clerk, so an error costs little.",
    )
    yield
    forest = bank.register(model, "1.2.0", by="train-bot")
    bank.move(forest, "Eighty times as large and no more accurate.", by="priya", stage=Stage.ARCHIVED)
    yield
    trees = bank.register(model, "1.3.0", by="train-bot")
    bank.move(trees, "Extra trees beside production.", by="ada", stage=Stage.STAGING, mina="Large, but worth a look.")
    yield
    rounds = bank.ask(trees, "Extra trees: accuracy 0.968.", by="ada")
    bank.approve(rounds, leo="Best accuracy of the line.")
    bank.decide(rounds, Verdict.REQUEST_CHANGES, yuki="Which digits are confused, and how sure is it then?")
    bank.attach(
        trees,
        "evaluation_report",
        "Confusions of 1.3.0",
        "7 of 216 digits are misread; 3 taken for 8 or 9, and 5 for 9, make up four of them.",
        by="ada",
        rows=216,
        misread=7,
    )
    bank.approve(rounds, yuki="Thank you, that is what I was missing.")
    size = bank.discuss(
        rounds, "@ada why not the forest of 1.2.0?", by="yuki", ada="It is *larger*, and no more accurate than `1.1.0`."
    )
    approvals.resolve(size, actor=bank.users["yuki"])
    bank.discuss(
        rounds,
        "Log loss **doubles** against `1.1.0`. @leo, can a clerk still rely on how sure it says it is?",
        by="mina",
        ada="Its two highest bins are too sure of themselves; the report counts the digits.",
    )
    # Not in the last chapter: the deployer that cannot be reached has been given up before the present begins.
    network = bank.register(model, "2.0.0", by="train-bot")
    bank.move(network, "Thirty times smaller than the trees.", by="ada", stage=Stage.STAGING, mina="Worth a trial.")


def _tighten(bank: Organisation, model: RegisteredModel) -> None:
    bank.set_policy(TEAM, "Accuracy floor after the pilot.", by="iris", team=bank.teams["payments-ml"])
    note = "What it answers must be right, and the integration tests must pass."
    bank.set_policy(AMOUNTS, note, by="iris", registered_model=model)
