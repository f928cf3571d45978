"""Who may do what with promotions; every answer is Allowed, or Denied with the reason people read."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from apps.accounts import grants
from apps.accounts.models import User
from apps.accounts.roles import InstanceRole, Permission
from apps.approvals import eligibility
from apps.approvals.models import Decision, Promotion, Thread
from apps.approvals.requirements import Requirement
from apps.approvals.standing import Situation
from apps.approvals.states import State, Verdict
from apps.core.actors import Actor, System
from apps.core.verdicts import Allowed, Denied
from apps.core.verdicts import Verdict as Answer
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import DEMOTIONS, MOVES, Visibility

INACTIVE = Denied("Your account is deactivated.", code="inactive")


def can_submit(
    actor: User,
    version: ModelVersion,
    stage: str,
    target: str,
    requirement: Requirement,
) -> Answer:
    """May the actor ask to move the version from its stage to the target?"""
    if not _holds(actor, Permission.REQUEST, version.registered_model):
        return Denied("You need the contributor or owner role on this model or its team to ask for a promotion.")
    if not version.is_sealed:
        return Denied(
            "Seal the version first: only sealed versions can be promoted.",
            "not_sealed",
            wrong_state=True,
        )
    if target not in MOVES[stage]:
        return Denied(
            f"A version in {stage} cannot be promoted to {target}.",
            "move_not_allowed",
            wrong_state=True,
        )
    if requirement.owner_only and not _holds(actor, Permission.MANAGE, version.registered_model):
        return Denied(f"Only an owner of the model may move it to {target}.", code="owner_only")
    return Allowed()


def can_decide(actor: User, situation: Situation) -> Answer:
    """May the actor decide on the promotion, whatever the verdict (R1, R2, R17, R21)?"""
    promotion = situation.promotion
    if (over := ended(promotion)) is not None:
        return over
    if not actor.is_active:
        return INACTIVE
    if actor.is_service_account:
        return Denied(
            "Programs answer checks; only people decide on promotions.",
            code="not_a_person",
        )
    if reason := situation.excluded.get(actor.pk):
        return Denied(reason, code="separation_of_duties")
    if not groups_of(actor, situation):
        asked = " and ".join(eligibility.group_words(rule.group) for rule in situation.requirement.rules)
        return Denied(
            f"This promotion is decided by {asked or 'nobody'}; you are not among them.",
            "not_a_reviewer",
        )
    return Allowed()


def can_give(actor: User, verdict: str, situation: Situation, settles: Decision | None) -> Answer:
    """May the actor give this verdict now? Retracting needs a decision of one's own, dismissing somebody else's."""
    own = [row for row in situation.decisions if row.actor_id == actor.pk and row.verdict != Verdict.DISMISS]
    if verdict == Verdict.RETRACT and (not own or own[-1].verdict == Verdict.RETRACT):
        return Denied("You have no decision to take back.", "nothing_to_retract", wrong_state=True)
    if verdict == Verdict.DISMISS:
        return _can_dismiss(actor, situation, settles)
    last = own[-1] if own else None
    if last and last.verdict == verdict and last.evidence_digest == situation.evidence_digest:
        return Denied("You already said so on this evidence.", "already_decided", wrong_state=True)
    return Allowed()


def _can_dismiss(actor: User, situation: Situation, settles: Decision | None) -> Answer:
    if settles is None or settles.verdict != Verdict.REQUEST_CHANGES:
        return Denied(
            "Say which request for changes you dismiss.",
            "nothing_to_dismiss",
            wrong_state=True,
        )
    if settles.actor_id == actor.pk:
        return Denied(
            "Take your own request back by retracting it or by approving.",
            code="own_request",
        )
    if not set(settles.groups) & set(groups_of(actor, situation)):
        return Denied(
            "Only another member of the group of the person who asked can dismiss it.",
            "not_in_group",
        )
    return Allowed()


def groups_of(actor: User, situation: Situation) -> list[str]:
    """Return the groups whose places the actor could fill."""
    return [group for group, people in situation.eligible.items() if actor.pk in people]


def can_execute(actor: Actor, promotion: Promotion, requirement: Requirement) -> Answer:
    """May the actor carry out an approved promotion?"""
    if (over := ended(promotion)) is not None:
        return over
    if isinstance(actor, System):
        manual = Denied(
            "The policy wants a person or pipeline to execute this promotion.",
            code="manual_execution",
        )
        return Allowed() if requirement.automatic else manual
    if isinstance(actor, User) and _holds(actor, Permission.REQUEST, promotion.registered_model):
        return Allowed()
    return Denied("You need the contributor or owner role on this model or its team to execute a promotion.")


def can_withdraw(actor: User, promotion: Promotion) -> Answer:
    """May the actor take the request back: who asked, the owner of the program that asked, or a model owner?"""
    if (over := ended(promotion)) is not None:
        return over
    if not actor.is_active:
        return INACTIVE
    asked = promotion.requested_by
    if actor.pk in (asked.pk, asked.owner_id) or _holds(actor, Permission.MANAGE, promotion.registered_model):
        return Allowed()
    return Denied("Only who asked for this promotion, or an owner of the model, can withdraw it.")


def can_demote(actor: User, version: ModelVersion, stage: str, target: str) -> Answer:
    """May the actor take the version down at once (R19)?"""
    if actor.is_service_account:
        return Denied("A demotion is signed, so only a person can do it.", code="not_a_person")
    if not _holds(actor, Permission.MANAGE, version.registered_model):
        return Denied("Only an owner of the model can demote a version.")
    if target not in DEMOTIONS[stage]:
        return Denied(
            f"A version in {stage} cannot be demoted to {target}.",
            "move_not_allowed",
            wrong_state=True,
        )
    return Allowed()


def can_attach_evidence(actor: User, version: ModelVersion) -> Answer:
    """May the actor attach evidence: contributors, owners and reviewers of the model, and compliance officers?"""
    if not version.is_sealed:
        return Denied(
            "Seal the version first; until then change the version itself.",
            "not_sealed",
            wrong_state=True,
        )
    if takes_part(actor, version.registered_model):
        return Allowed()
    return Denied("You need a role on this model or its team to attach evidence.")


def takes_part(actor: User, registered_model: RegisteredModel) -> bool:
    """Tell whether the actor works on the model: contributor, owner or reviewer, or a compliance officer."""
    if actor.is_active and InstanceRole.COMPLIANCE_OFFICER in actor.instance_roles():
        return True
    return any(_holds(actor, each, registered_model) for each in (Permission.REGISTER, Permission.REVIEW))


def can_comment(actor: User, promotion: Promotion) -> Answer:
    """May the actor join the discussion: everybody who may see the model, programs too, even after the promotion ended?

    What is said decides nothing, so a question about an old promotion is as welcome as one about a pending one.
    """
    if not actor.is_active:
        return INACTIVE
    if RegisteredModel.objects.visible_to(actor).filter(pk=promotion.registered_model_id).exists():
        return Allowed()
    return Denied("Only people who may see the model can discuss it.", "not_a_reader")


def who_can_comment(registered_model: RegisteredModel) -> QuerySet[User]:
    """Return the active people who may see the model, whom a mention reaches."""
    people = User.objects.active().people()
    if registered_model.visibility == Visibility.ORGANISATION:
        return people
    holders = grants.holders(Permission.VIEW, (registered_model, registered_model.team))
    everything = User.objects.filter(groups__name__in=grants.READS_EVERYTHING)
    return people.filter(Q(pk__in=holders.values("pk")) | Q(pk__in=everything.values("pk")))


def can_reply(thread: Thread) -> Answer:
    """May those who can comment go on in this thread?"""
    if thread.is_resolved:
        return Denied("This thread is resolved; reopen it to go on.", "thread_resolved", wrong_state=True)
    return Allowed()


def can_settle(actor: User, thread: Thread, *, part: bool) -> Answer:
    """May the actor resolve and reopen the thread: who opened it, and who takes `part` in the work on the model?"""
    if part or actor.pk in (thread.opened_by_id, thread.opened_by.owner_id):
        return Allowed()
    return Denied(
        "Only who opened this thread, or somebody with a role on the model, can resolve and reopen it.",
        "not_involved",
    )


def can_set_policy(actor: User) -> Answer:
    """May the actor write policies: compliance officers only?"""
    if actor.is_active and InstanceRole.COMPLIANCE_OFFICER in actor.instance_roles():
        return Allowed()
    return Denied("Only a compliance officer can set policies.")


def _holds(actor: User, permission: str, registered_model: RegisteredModel) -> bool:
    return grants.holds(actor, permission, (registered_model, registered_model.team))


def ended(promotion: Promotion) -> Denied | None:
    """Return why nobody can do anything more to a promotion; None while it is pending."""
    if promotion.is_pending:
        return None
    return Denied(
        f"This promotion is already {State(promotion.state).label.lower()}; nothing is left to decide.",
        "already_resolved",
        True,
    )
