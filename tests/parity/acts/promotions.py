"""What people do to promotions and policies."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import User
from apps.approvals import actions
from apps.approvals.models import Policy
from tests.factories import PASSWORD
from tests.parity.acts.act import API, CONTRIBUTORS, NOBODY, REVIEWERS, VERSION, Act, sees_anyway
from tests.parity.doors import Form, Sent
from tests.parity.world import World

SIGNED = {"password": PASSWORD}
POLICY = {"stage": "production", "risk_tier": "low", "document": {"rules": [], "checks": []}, "note": "Simpler"}

# The same policy as the admin's form sends it: no rule, no check, the usual terms.
WRITTEN = {
    "rules-count": 0,
    "rollback-count": 0,
    "checks-count": 0,
    "step": "save",
    "terms-note": "Simpler",
    "terms-execution": "automatic",
    "terms-expires_after_days": 14,
    "terms-execute_within_hours": 72,
}


def low_tier() -> Policy:
    """Return the policy that the portal starts with for low-tier models going to production."""
    return Policy.objects.get(stage="production", risk_tier="low", team=None, registered_model=None)


def submit(situation: str, by: frozenset[str], stage: str = "production") -> Act:
    """Ask for a promotion."""
    given = {"target_stage": stage, "reason": "Better"}
    return Act(
        f"submit to {stage}",
        situation,
        by,
        lambda world, user: actions.submit(world.version, **given, actor=user),
        lambda world: Sent("post", f"{API}/promotions/", {"model": "card-fraud", "version": "1.0.0", **given}),
        lambda world, user: Form(f"{VERSION}promote/", given),
    )


def decide(verdict: str, situation: str, by: frozenset[str] = NOBODY, name: str = "", **changed: str) -> Act:
    """Sign a verdict; `changed` says what is wrong with it."""
    given = {"comment": "because", **SIGNED, **changed}
    settles = verdict == "dismiss"

    def etag(world: World) -> str:
        return given.get("etag", world.promotion.etag)

    def do(world: World, user: User) -> object:
        more = {**given, "etag": etag(world), "settles": world.asked.pk if settles else None}
        return actions.decide(world.promotion, verdict=verdict, **more, actor=user)

    def api(world: World) -> Sent:
        body: dict[str, Any] = {"verdict": verdict, "comment": given["comment"]}
        body |= {"signature": {"password": given["password"]}} | ({"settles": world.asked.pk} if settles else {})
        return Sent("post", f"{API}/promotions/{world.promotion.pk}/decisions/", body, {"If-Match": etag(world)})

    def portal(world: World, user: User) -> Form:
        chosen = f"dismiss:{world.asked.pk}" if settles else verdict
        return Form(f"/promotions/{world.promotion.pk}/", {"verdict": chosen, **given, "etag": etag(world)})

    return Act(name or verdict.replace("_", " "), situation, by, do, api, portal)


def withdraw(situation: str, by: frozenset[str] = NOBODY) -> Act:
    """Take a request back."""
    given = {"reason": "Not yet"}
    return Act(
        "withdraw",
        situation,
        by,
        lambda world, user: actions.withdraw(world.promotion, **given, actor=user),
        lambda world: Sent("post", f"{API}/promotions/{world.promotion.pk}/withdraw/", given),
        lambda world, user: Form(f"/promotions/{world.promotion.pk}/withdraw/", given),
    )


def execute(situation: str, by: frozenset[str] = NOBODY) -> Act:
    """Carry out a promotion."""
    return Act(
        "execute",
        situation,
        by,
        lambda world, user: actions.execute(world.promotion, actor=user),
        lambda world: Sent("post", f"{API}/promotions/{world.promotion.pk}/execute/"),
        lambda world, user: Form(f"/promotions/{world.promotion.pk}/execute/"),
    )


def demote(situation: str, by: frozenset[str] = NOBODY, name: str = "demote", **changed: str) -> Act:
    """Take a version down."""
    given = {"to_stage": "archived", "reason": "It drifts", **changed}
    signed = {"password": given.pop("password", PASSWORD)}
    return Act(
        name,
        situation,
        by,
        lambda world, user: actions.demote(world.version, **given, **signed, actor=user),
        lambda world: Sent("post", f"{API}{VERSION}demote/", {**given, "signature": signed}),
        lambda world, user: Form(f"{VERSION}demote/", {**given, **signed}),
    )


def attach(by: frozenset[str], kind: str = "evaluation_report") -> Act:
    """Attach evidence."""
    given = {"kind": kind, "title": "October"}
    return Act(
        f"attach {kind}",
        "open",
        by,
        lambda world, user: actions.attach_evidence(world.version, **given, actor=user),
        lambda world: Sent("post", f"{API}{VERSION}evidence/", given),
        lambda world, user: Form(f"{VERSION}attach/", given),
    )


def report(name: str, situation: str, by: frozenset[str] = NOBODY) -> Act:
    """Report a check."""
    given = {"name": name, "status": "passed"}
    return Act(
        f"report {name}",
        situation,
        by,
        lambda world, user: actions.report_check(world.promotion, **given, evidence_digest=world.digest, actor=user),
        lambda world: Sent(
            "post", f"{API}/promotions/{world.promotion.pk}/checks/", {**given, "evidence_digest": world.digest}
        ),
    )


SPEAKERS = CONTRIBUTORS | REVIEWERS | {"compliance", "auditor"}
SAID = {"text": "See the report, @third."}


def open_thread(situation: str, by: frozenset[str], name: str = "open a thread", **changed: str) -> Act:
    """Begin a thread."""
    given = {**SAID, **changed}
    return Act(
        name,
        situation,
        by,
        lambda world, user: actions.open_thread(world.promotion, **given, actor=user),
        lambda world: Sent("post", f"{API}/promotions/{world.promotion.pk}/discussion/", given),
        lambda world, user: Form(f"/promotions/{world.promotion.pk}/discussion/", given),
    )


def in_thread(verb: str, situation: str, by: frozenset[str] = NOBODY) -> Act:
    """Reply in a thread, resolve or reopen it."""
    given, place = SAID if verb == "reply" else {}, "" if verb == "reply" else f"{verb}/"

    def address(world: World) -> str:
        return f"/promotions/{world.promotion.pk}/discussion/{world.thread.pk}/"

    return Act(
        f"{verb} thread",
        situation,
        by,
        lambda world, user: getattr(actions, verb)(world.thread, **given, actor=user),
        lambda world: Sent("post", f"{API}{address(world)}{place}", given),
        lambda world, user: Form(f"/promotions/{world.promotion.pk}/", given, f"{address(world)}{verb}/"),
    )


ACTS = (
    open_thread("open", SPEAKERS),
    open_thread("executed", SPEAKERS),
    open_thread("open", NOBODY, "open a thread without words", text=" "),
    in_thread("reply", "discussed", SPEAKERS),
    in_thread("reply", "resolved"),
    in_thread("resolve", "discussed", SPEAKERS),
    in_thread("resolve", "resolved"),
    in_thread("reopen", "resolved", SPEAKERS),
    in_thread("reopen", "discussed"),
    submit("sealed", CONTRIBUTORS),
    submit("open", NOBODY),
    submit("executed", NOBODY, "staging"),
    submit("sealed", NOBODY, "nowhere"),
    decide("approve", "open", REVIEWERS),
    decide("approve", "approved", frozenset({"third"})),
    decide("approve", "executed"),
    decide("approve", "open", name="approve what was", etag='"promotion-1-round-9"'),
    decide("approve", "open", name="approve with a wrong password", password="wrong"),
    decide("request_changes", "open", REVIEWERS),
    decide("request_changes", "open", name="request changes for no reason", comment=" "),
    decide("reject", "open", REVIEWERS),
    decide("retract", "changes", frozenset({"reviewer"})),
    decide("dismiss", "changes", REVIEWERS - {"reviewer"}),
    withdraw("open", frozenset({"owner", "contributor"})),
    withdraw("executed"),
    execute("open"),
    execute("approved", CONTRIBUTORS),
    execute("executed"),
    demote("executed", frozenset({"owner"})),
    demote("executed", name="demote with a wrong password", password="wrong"),
    demote("executed", name="demote for no reason", reason=" "),
    demote("sealed", name="demote from experimental", to_stage="experimental"),
    attach(CONTRIBUTORS | REVIEWERS | {"compliance"}),
    attach(NOBODY, "Not a kind"),
    report("ci", "checked", frozenset({"pipeline"})),
    report("ci", "executed"),
    report("unknown", "checked"),
    Act(
        "set policy",
        "open",
        frozenset({"compliance"}),
        lambda world, user: actions.set_policy(**POLICY, actor=user),
        lambda world: Sent("post", f"{API}/policies/", POLICY),
        admin=lambda world: Form(f"/admin/approvals/policy/{low_tier().pk}/edit/", WRITTEN),
        sees=sees_anyway,
        to={"admin": frozenset({"compliance"})},
    ),
)
