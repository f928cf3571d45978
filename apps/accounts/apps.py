"""App configuration of accounts: who people are, what they may do."""

from django.apps import AppConfig

from apps.audit import scopes


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Let the OpenAPI document know how tokens are presented, and the log what teams are called."""
        from apps.accounts.api import schema  # noqa: F401 - needs the app registry

        teams = self.get_model("Team")._default_manager
        scopes.register("team", lambda slug: teams.filter(slug=slug).values_list("pk", flat=True).first())
