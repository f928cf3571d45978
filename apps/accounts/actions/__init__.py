"""Every write to accounts: people, service accounts, teams, roles, tokens, signatures."""

from apps.accounts.actions.answers import Answer, answer_once, forget_answers
from apps.accounts.actions.people import (
    change_password,
    create_service_account,
    create_team,
    create_user,
    deactivate_user,
    hand_over_service_account,
    reactivate_user,
)
from apps.accounts.actions.roles import give_instance_role, give_role, take_instance_role, take_role
from apps.accounts.actions.sessions import end_other_sessions, end_session, forget_expired_sessions
from apps.accounts.actions.signatures import verify_password
from apps.accounts.actions.tokens import create_token, revoke_token

__all__ = [
    "Answer",
    "answer_once",
    "change_password",
    "create_service_account",
    "create_team",
    "create_token",
    "create_user",
    "deactivate_user",
    "end_other_sessions",
    "end_session",
    "forget_answers",
    "forget_expired_sessions",
    "give_instance_role",
    "give_role",
    "hand_over_service_account",
    "reactivate_user",
    "revoke_token",
    "take_instance_role",
    "take_role",
    "verify_password",
]
