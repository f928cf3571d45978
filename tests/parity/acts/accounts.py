"""What people do to roles, tokens, programs, teams and webhooks."""

from __future__ import annotations

from datetime import timedelta

from apps.accounts import actions
from apps.accounts.models import ApiToken, User
from apps.accounts.roles import Role
from apps.notifications import actions as notifications
from apps.notifications.models import Endpoint
from tests.parity.acts.act import API, MODEL, NOBODY, PEOPLE, Act, sees_anyway, sees_team
from tests.parity.doors import Form, Sent
from tests.parity.world import World

TEAM = {"slug": "risk", "name": "Risk"}
BOT = {"username": "new-bot", "name": "New bot"}
PROGRAM = {"action": "deactivate", "confirmed": "yes"}


def _owner_where_asked(user: User) -> dict[str, str]:
    """Administrators are asked on whose behalf."""
    return {"owner": user.username} if user.username == "administrator" else {}


def role(act: str, whom: str, given: str, by: frozenset[str]) -> Act:
    """Give or take a role on the team."""
    do = {"give": actions.give_role, "take": actions.take_role}[act]
    ending = "take/" if act == "take" else ""

    def admin(world: World) -> Form:
        chosen = {"action": f"{act}_role", "_selected_action": world.team.pk, "confirmed": "yes"}
        return Form("/admin/accounts/team/", {**chosen, "user": world.people[whom].pk, "role": given})

    return Act(
        f"{act} {given} of the team: {whom}",
        "sealed",
        by,
        lambda world, user: do(world.people[whom], given, world.team, actor=user),
        lambda world: Sent("post", f"{API}/teams/cards/grants/{ending}", {"username": whom, "role": given}),
        admin=admin,
        sees=sees_team,
        to={"admin": frozenset({"administrator"})},
    )


def revoke(whose: str, by: frozenset[str]) -> Act:
    """End somebody's token."""

    def admin(world: World) -> Form:
        chosen = {"action": "revoke", "_selected_action": world.tokens[whose].pk, "confirmed": "yes"}
        return Form("/admin/accounts/apitoken/", chosen)

    def sees(world: World, user: User) -> bool:
        return ApiToken.objects.visible_to(user).filter(pk=world.tokens[whose].pk).exists()

    return Act(
        f"revoke token of the {whose}",
        "sealed",
        by,
        lambda world, user: actions.revoke_token(world.tokens[whose], actor=user),
        lambda world: Sent("post", f"{API}/tokens/{world.tokens[whose].prefix}/revoke/"),
        lambda world, user: Form(f"/tokens/{world.tokens[whose].prefix}/revoke/"),
        admin,
        sees,
        # No program holds a token that could end tokens.
        to={"admin": frozenset({"administrator"}), "api": PEOPLE},
    )


def create_token(scope: str, by: frozenset[str]) -> Act:
    """Create a token for oneself."""
    given = {"name": "ci", "scopes": [scope]}
    return Act(
        f"create token with {scope}",
        "sealed",
        by,
        lambda world, user: actions.create_token(user, **given, lifetime=timedelta(days=30), actor=user),
        lambda world: Sent("post", f"{API}/tokens/", {**given, "lifetime_days": 30}),
        lambda world, user: Form("/tokens/add/", {**given, "days": "30", "holder": user.username}),
        sees=sees_anyway,
    )


ACTS = (
    role("give", "stranger", Role.REVIEWER, frozenset({"owner", "administrator"})),
    role("give", "owner", Role.REVIEWER, frozenset({"administrator"})),
    role("give", "pipeline", Role.REVIEWER, NOBODY),
    role("give", "third", Role.REVIEWER, NOBODY),
    role("take", "third", Role.REVIEWER, frozenset({"owner", "administrator", "third"})),
    role("take", "stranger", Role.REVIEWER, NOBODY),
    Act(
        "give reviewer of the model",
        "sealed",
        frozenset({"owner"}),
        lambda world, user: actions.give_role(world.people["stranger"], Role.REVIEWER, world.model, actor=user),
        lambda world: Sent("post", f"{API}{MODEL}grants/", {"username": "stranger", "role": "reviewer"}),
    ),
    create_token("models:read", PEOPLE),
    create_token("models:everything", NOBODY),
    revoke("contributor", frozenset({"contributor", "administrator"})),
    revoke("pipeline", frozenset({"contributor", "administrator", "pipeline"})),
    Act(
        "deactivate the pipeline",
        "sealed",
        frozenset({"contributor", "administrator"}),
        lambda world, user: actions.deactivate_user(world.people["pipeline"], actor=user),
        lambda world: Sent("post", f"{API}/service-accounts/pipeline/deactivate/"),
        lambda world, user: Form("/service-accounts/pipeline/deactivate/"),
        admin=lambda world: Form("/admin/accounts/user/", {**PROGRAM, "_selected_action": world.people["pipeline"].pk}),
        sees=lambda world, user: User.objects.managed_by(user).filter(username="pipeline").exists(),
        to={"admin": frozenset({"administrator"})},
    ),
    Act(
        "hand the pipeline over",
        "sealed",
        frozenset({"contributor", "administrator"}),
        lambda world, user: actions.hand_over_service_account(
            world.people["pipeline"], world.people["owner"], actor=user
        ),
        lambda world: Sent("post", f"{API}/service-accounts/pipeline/hand-over/", {"owner": "owner"}),
        lambda world, user: Form("/service-accounts/pipeline/hand-over/", {"owner": "owner"}),
        sees=lambda world, user: User.objects.managed_by(user).filter(username="pipeline").exists(),
    ),
    Act(
        "create a service account",
        "sealed",
        PEOPLE,
        lambda world, user: actions.create_service_account(**BOT, owner=user, actor=user),
        lambda world: Sent("post", f"{API}/service-accounts/", BOT),
        lambda world, user: Form("/service-accounts/add/", BOT | _owner_where_asked(user)),
        sees=sees_anyway,
    ),
    Act(
        "create team",
        "sealed",
        frozenset({"administrator"}),
        lambda world, user: actions.create_team(**TEAM, actor=user),
        lambda world: Sent("post", f"{API}/teams/", TEAM),
        admin=lambda world: Form("/admin/accounts/team/add/", TEAM),
        sees=sees_anyway,
        to={"admin": frozenset({"administrator"})},
    ),
    Act(
        "disable a webhook of the organisation",
        "sealed",
        frozenset({"administrator", "compliance"}),
        lambda world, user: notifications.disable_endpoint(world.webhook, "It moved", actor=user),
        lambda world: Sent("post", f"{API}/webhooks/{world.webhook.pk}/disable/", {"reason": "It moved"}),
        lambda world, user: Form(f"/webhooks/{world.webhook.pk}/disable/", {"reason": "It moved"}),
        admin=lambda world: Form(
            "/admin/notifications/endpoint/",
            {"action": "disable", "_selected_action": world.webhook.pk, "confirmed": "yes", "reason": "It moved"},
        ),
        sees=lambda world, user: Endpoint.objects.visible_to(user).filter(pk=world.webhook.pk).exists(),
        to={"admin": frozenset({"compliance"})},
    ),
)
