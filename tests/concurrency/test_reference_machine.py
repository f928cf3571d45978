"""Any history of acts: the portal and a pure-Python reference say the same after each (invariants I1 to I8).

REFERENCE_EXAMPLES says how many histories are tried: 30 unless given.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.accounts import actions as account_actions
from apps.accounts import grants
from apps.accounts.models import User
from apps.accounts.roles import InstanceRole, Role
from apps.approvals import actions, policies, selectors
from apps.approvals.models import Promotion
from apps.approvals.standing import situation_of
from apps.audit.models import Event, Head, Leaf
from apps.core.actors import SYSTEM
from apps.core.errors import PortalError
from apps.models.models import StageAssignment
from tests import factories
from tests import registry_factories as registry
from tests.concurrency.reference import ENDED, Request, World

EXAMPLES = int(os.environ.get("REFERENCE_EXAMPLES", "30"))
PEOPLE = ("ada", "ben", "cem", "dora", "eve", "maker")
GROUPS = {"reviewer": {"ada", "ben", "cem", "maker"}, "compliance_officer": {"cem", "dora"}, "owner": {"eve"}}
POLICIES = (
    {"reviewer": 1},
    {"reviewer": 2},
    {"reviewer": 1, "compliance_officer": 1},
    {"reviewer": 1, "owner": 1},
    {"reviewer": 2, "compliance_officer": 1, "owner": 1},
)
VERDICTS = ("approve", "approve", "approve", "request_changes", "reject", "retract", "dismiss")
VERSIONS = ("1.0.0", "1.1.0")
ENDINGS = {"executed": "executed", "superseded": "superseded", "withdrawn": "cancelled"}
WHICH = st.integers(0, 10)
WHO = st.sampled_from(PEOPLE)


class Setting:
    """The team, its people and two sealed versions, made once: every history begins with them."""

    def __init__(self) -> None:
        self.team = factories.team("cards")
        self.people = {name: factories.person(name) for name in PEOPLE}
        self.pipeline = factories.service_account(self.people["maker"], "pipeline")
        grants.give(Role.CONTRIBUTOR, self.pipeline, self.team)
        self.setter = factories.person("setter", roles=(InstanceRole.COMPLIANCE_OFFICER,))
        for group, members in GROUPS.items():
            for name in sorted(members):
                self.give(name, group)
        # The one who sets the policies takes no part.
        account_actions.take_instance_role(self.setter, InstanceRole.COMPLIANCE_OFFICER, actor=SYSTEM)
        self.model = registry.registered_model(self.team, actor=self.pipeline, risk_tier="low")
        sealed = partial(registry.sealed_version, self.model, actor=self.pipeline)
        self.versions = {name: sealed(version=name) for name in VERSIONS}

    def give(self, name: str, group: str) -> None:
        """Make somebody a member of a group."""
        if group == InstanceRole.COMPLIANCE_OFFICER:
            account_actions.give_instance_role(self.people[name], group, actor=SYSTEM)
        else:
            account_actions.give_role(self.people[name], group, self.team, actor=SYSTEM)

    def take(self, name: str, group: str) -> None:
        """End a membership."""
        if group == InstanceRole.COMPLIANCE_OFFICER:
            account_actions.take_instance_role(self.people[name], group, actor=SYSTEM)
        else:
            account_actions.take_role(self.people[name], group, self.team, actor=SYSTEM)

    def set_policy(self, rules: dict[str, int], checked: bool) -> None:
        """Let a compliance officer set the organisation's policy; execution is by hand."""
        checks = [{"name": "ci", "kind": "external", "reporter": "pipeline"}] if checked else []
        places = [{"name": group, "group": group, "min_approvals": number} for group, number in rules.items()]
        document = {"rules": places, "checks": checks, "execution": "manual"}
        account_actions.give_instance_role(self.setter, InstanceRole.COMPLIANCE_OFFICER, actor=SYSTEM)
        actions.set_policy(stage="production", risk_tier="low", document=document, actor=self.setter)
        account_actions.take_instance_role(self.setter, InstanceRole.COMPLIANCE_OFFICER, actor=SYSTEM)


class Approvals(RuleBasedStateMachine):
    """Acts in any order on the promotions of one model, each done in the portal and in the reference."""

    setting: Setting

    def __init__(self) -> None:
        super().__init__()
        self.history = transaction.atomic()
        self.history.__enter__()
        self.promotions: list[Promotion] = []
        self.ended: dict[int, str] = {}

    def teardown(self) -> None:
        """Prove the log of the history, then forget the history."""
        try:
            self.prove_log()
        finally:
            transaction.set_rollback(True)
            self.history.__exit__(None, None, None)

    @initialize(rules=st.sampled_from(POLICIES), checked=st.booleans(), both=st.booleans())
    def begin(self, rules: dict[str, int], checked: bool, both: bool) -> None:
        groups = {group: set(members) for group, members in GROUPS.items()}
        attached = dict.fromkeys(VERSIONS, 0)
        self.world = World(groups, {*PEOPLE}, {"maker"}, rules, checked, attached)
        self.setting.set_policy(rules, checked)
        for name in VERSIONS[: 1 + both]:
            self.submit(name)

    @rule(name=st.sampled_from(VERSIONS))
    def submit(self, name: str) -> None:
        """Ask for a version that is not in production and not asked for already."""
        waits = any(not request.ended and request.version == name for request in self.world.requests)
        act = partial(
            actions.submit, self.setting.versions[name], target_stage="production", actor=self.setting.pipeline
        )
        if waits or self.world.production == name:
            assert self.refused(act) in {"promotion_exists", "move_not_allowed"}
            return
        self.promotions.append(act())
        self.world.requests.append(Request(name, self.world.policy))

    @rule(which=WHICH, who=WHO, verdict=st.sampled_from(VERDICTS), settled=WHICH)
    def decide(self, which: int, who: str, verdict: str, settled: int) -> None:
        """Let anybody say anything; a dismissal may name any decision."""
        promotion, request = self.chosen(which)
        rows = list(promotion.decisions.order_by("pk"))
        settles = settled % len(rows) if verdict == "dismiss" and rows else None
        act = partial(
            actions.decide,
            promotion,
            verdict=verdict,
            comment="because",
            password=factories.PASSWORD,
            etag=actions.refresh(promotion).etag,
            settles=None if settles is None else rows[settles].pk,
            actor=self.person(who),
        )
        refusal = self.world.refusal(request, who, verdict, settles)
        if refusal:
            assert self.refused(act) == refusal
        else:
            act()
            self.world.say(request, who, verdict, settles)

    @rule(which=WHICH, who=WHO)
    def decide_on_an_old_round(self, which: int, who: str) -> None:
        """Let somebody approve what they have not read: refused, whatever else holds."""
        promotion, request = self.chosen(which)
        etag = f'"promotion-{promotion.pk}-round-{actions.refresh(promotion).round_number + 1}"'
        words = {"verdict": "approve", "password": factories.PASSWORD, "etag": etag}
        act = partial(actions.decide, promotion, actor=self.person(who), **words)
        general = {"already_resolved", "inactive", "separation_of_duties", "not_a_reviewer"}
        refusal = self.world.refusal(request, who, "approve", None)
        assert self.refused(act) == (refusal if refusal in general else "stale_subject")

    @rule(which=WHICH, who=st.sampled_from(("pipeline", "eve", "ada", "system")))
    def execute(self, which: int, who: str) -> None:
        """Let a program, an owner, a reviewer or the portal itself try to carry it out."""
        promotion, request = self.chosen(which)
        actor = {"pipeline": self.setting.pipeline, "system": SYSTEM}.get(who) or self.person(who)
        state, act = self.world.state(request), partial(actions.execute, promotion, actor=actor)
        if request.ended:
            assert self.refused(act) == "already_resolved"
        elif who == "system":
            assert self.refused(act) == "manual_execution"
        elif who != "pipeline" and not (who in self.world.active and who in self.world.groups["owner"]):
            assert self.refused(act) == "forbidden"
        elif state != "approved":
            assert self.refused(act) == "not_approved"
        else:
            act()
            self.world.execute(request)

    @rule(which=WHICH, who=st.sampled_from(("pipeline", "maker", "eve", "ada")))
    def withdraw(self, which: int, who: str) -> None:
        """Let who asked, the owner of the program that asked, an owner of the team or a reviewer take it back."""
        promotion, request = self.chosen(which)
        actor = self.setting.pipeline if who == "pipeline" else self.person(who)
        act = partial(actions.withdraw, promotion, actor=actor)
        active = who == "pipeline" or who in self.world.active
        if request.ended:
            assert self.refused(act) == "already_resolved"
        elif active and (who in {"pipeline", "maker"} or who in self.world.groups["owner"]):
            act()
            request.ended = "cancelled"
        else:
            assert self.refused(act) == ("forbidden" if active else "inactive")

    @rule(name=st.sampled_from(VERSIONS))
    def attach_evidence(self, name: str) -> None:
        """Attach a later fact to a version."""
        version = self.setting.versions[name]
        actions.attach_evidence(version, kind="note", title="Seen", actor=self.setting.pipeline)
        self.world.attached[name] += 1

    @rule(which=WHICH, status=st.sampled_from(("passed", "passed", "failed", "error")))
    def report(self, which: int, status: str) -> None:
        """Let the program that the policy names report its check."""
        promotion, request = self.chosen(which)
        digest = selectors.standing(promotion).evidence_digest or "0" * 64
        words = {"name": "ci", "status": status, "evidence_digest": digest}
        act = partial(actions.report_check, promotion, actor=self.setting.pipeline, **words)
        if request.ended:
            assert self.refused(act) == "already_resolved"
        elif not self.world.checked:
            assert self.refused(act) == "unknown_check"
        else:
            act()
            request.reported.append((self.world.evidence(request), status))

    @rule(rules=st.sampled_from(POLICIES))
    def set_policy(self, rules: dict[str, int]) -> None:
        """Tighten or loosen the policy."""
        self.setting.set_policy(rules, self.world.checked)
        self.world.policy = rules

    @rule(who=WHO, group=st.sampled_from(tuple(GROUPS)))
    def change_membership(self, who: str, group: str) -> None:
        """Let somebody join or leave a group; leaving never lets anybody do more (I8)."""
        members = self.world.groups[group]
        if who in members:
            before = self.allowed(who)
            self.setting.take(who, group)
            members.remove(who)
            assert all(now <= then for now, then in zip(self.allowed(who), before, strict=True))
        elif who in self.world.active:
            self.setting.give(who, group)
            members.add(who)

    @rule(who=st.sampled_from(("ada", "ben", "dora")))
    def deactivate(self, who: str) -> None:
        """End somebody's account."""
        if who in self.world.active:
            account_actions.deactivate_user(self.person(who), actor=SYSTEM)
            self.world.active.remove(who)
            assert not any(self.allowed(who))

    @invariant()
    def portal_agrees_with_the_reference(self) -> None:
        """Compare every state, evaluated and stored; ended ones stay as they are (I5)."""
        for promotion, request in zip(self.promotions, self.pairs(), strict=True):
            expected = self.world.state(request)
            assert selectors.standing(self.fresh(promotion)).state == expected
            stored = actions.refresh(promotion)
            assert stored.state == expected
            assert self.ended.get(promotion.pk, expected) == expected
            if expected in ENDED:
                self.ended[promotion.pk] = expected
            assert self.replayed(promotion) == expected

    @invariant()
    def one_version_is_in_production(self) -> None:
        """Compare what is in production (I4)."""
        rows = StageAssignment.objects.current().filter(registered_model=self.setting.model, stage="production")
        expected = [self.world.production] if getattr(self, "world", None) and self.world.production else []
        assert [row.version.version for row in rows.select_related("version")] == expected

    def pairs(self) -> list[Request]:
        """Return the reference's requests."""
        return self.world.requests if self.promotions else []

    def chosen(self, which: int) -> tuple[Promotion, Request]:
        """Return one of the promotions, in both worlds."""
        index = which % len(self.promotions)
        return self.fresh(self.promotions[index]), self.world.requests[index]

    def fresh(self, promotion: Promotion) -> Promotion:
        """Return the promotion as the database has it."""
        return Promotion.objects.get(pk=promotion.pk)

    def person(self, name: str) -> User:
        """Return somebody as the database has them."""
        return User.objects.get(username=name)

    def allowed(self, who: str) -> list[set[str]]:
        """Return what somebody may do to each promotion."""
        return [self.allowed_on(self.person(who), self.fresh(promotion)) for promotion in self.promotions]

    def allowed_on(self, person: User, promotion: Promotion) -> set[str]:
        """Return what somebody may do to a promotion, as the policies say."""
        situation = situation_of(promotion)
        answers = {
            "decide": policies.can_decide(person, situation),
            "execute": policies.can_execute(person, promotion, situation.requirement),
            "withdraw": policies.can_withdraw(person, promotion),
        }
        return {name for name, answer in answers.items() if answer}

    def refused(self, act: Callable[[], Any]) -> str:
        """Return the code with which an act is refused."""
        with pytest.raises(PortalError) as refusal, transaction.atomic():
            act()
        return refusal.value.code

    def replayed(self, promotion: Promotion) -> str:
        """Return the state that the log alone tells (I6, I7)."""
        events = Event.objects.filter(subject_type="promotion", subject_id=promotion.pk).order_by("at", "id")
        told = [(ENDINGS.get(event.type.rpartition(".")[2]) or event.data.get("state")) for event in events]
        return str([state for state in told if state][-1])

    def prove_log(self) -> None:
        """Let the deferred triggers run as at COMMIT: leaves are dense and hash their events."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        leaves = list(Leaf.objects.select_related("event").order_by("leaf_index"))
        assert [leaf.leaf_index for leaf in leaves] == list(range(Head.objects.get().size))
        assert len(leaves) == Event.objects.count()
        for leaf in leaves:
            assert hashlib.sha256(b"\0" + leaf.event.body.encode()).digest() == bytes(leaf.leaf_hash)


@pytest.mark.django_db
def test_any_history_ends_as_the_reference_says() -> None:
    machine = type("Machine", (Approvals,), {"setting": Setting()})
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=25,
        # Bounded: a history that fails is told as it is, without minutes of looking for a shorter one.
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=bounds)
