"""The addresses of django-allauth that the portal offers, under /accounts/: no e-mail management, no sign-up."""

from allauth.account.urls import urlpatterns as offered

KEPT = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",  # answers that sign-up is closed
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }
)

urlpatterns = [pattern for pattern in offered if pattern.name in KEPT]
