"""Event types of accounts; names and reasons stay out of the leaf."""

from apps.audit.events import register

USER_CREATED = register("accounts.user.created", "created the account of {name}", personal=("name", "username"))
USER_DEACTIVATED = register(
    "accounts.user.deactivated", "deactivated the account of {name}: {reason}", personal=("name", "reason")
)
USER_REACTIVATED = register("accounts.user.reactivated", "reactivated the account of {name}", personal=("name",))
PASSWORD_CHANGED = register("accounts.user.password_changed", "changed the password of {name}", personal=("name",))
SESSION_ENDED = register("accounts.session.ended", "signed {name} out of {browsers}", personal=("name", "browsers"))
SERVICE_ACCOUNT_CREATED = register("accounts.service_account.created", "created the service account {username}")
SERVICE_ACCOUNT_HANDED_OVER = register(
    "accounts.service_account.handed_over", "handed the service account {username} to {name}", personal=("name",)
)
TEAM_CREATED = register("accounts.team.created", "created the team {team_name}")
ROLE_GIVEN = register("accounts.role.given", "made {name} {role} of {subject}", personal=("name",))
ROLE_TAKEN = register("accounts.role.taken", "took the role {role} of {subject} from {name}", personal=("name",))
INSTANCE_ROLE_GIVEN = register("accounts.instance_role.given", "made {name} {role} of the portal", personal=("name",))
INSTANCE_ROLE_TAKEN = register(
    "accounts.instance_role.taken", "took the role {role} of the portal from {name}", personal=("name",)
)
TOKEN_CREATED = register("accounts.token.created", "created the token {subject} for {scopes}")
TOKEN_REVOKED = register("accounts.token.revoked", "revoked the token {subject}")
