"""The pages of one registered model: one class per tab."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from apps.approvals import past as promotions_past
from apps.core.portal.views import Page
from apps.models import policies
from apps.models.models import RegisteredModel
from apps.portal.instants import as_of
from apps.portal.selectors import ledger, model_people, past, registered_models, usage, versions

OFFERED = 200

TABS = (
    ("overview", "Overview", "portal:model"),
    ("versions", "Versions", "portal:model-versions"),
    ("lineage", "Lineage", "portal:model-lineage"),
    ("promotions", "Promotions", "portal:model-promotions"),
    ("people", "People", "portal:model-people"),
    ("history", "History", "portal:model-history"),
    ("use", "Use it", "portal:model-use"),
)


class ModelPage(Page):
    """A tab of a model that the reader may see."""

    tab = ""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """Show the tab."""
        model = get_object_or_404(registered_models.visible(self.actor), name=name)
        self.as_of = as_of(request)
        if self.as_of.at:
            registered_models.turn_back(model, self.as_of.at)
        self.production = production = registered_models.in_production(model, self.as_of.at)
        self.template_name = f"portal/model_{self.tab}.html"
        context = self.content(model)
        return self.page(model=model, production=production, as_of=self.as_of, tabs=TABS, tab=self.tab, **context)

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return what this tab alone shows."""
        raise NotImplementedError


class ModelOverview(ModelPage):
    """Purpose, production history, metrics over versions."""

    tab = "overview"

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return card, story of stages, plots of metrics, latest versions and aliases."""
        at = self.as_of.at
        latest = registered_models.latest(model, at)[:5]
        names = registered_models.main_metrics(version.metrics for version in latest[:1])
        aliases = registered_models.aliases(model, at)
        return {
            "story": registered_models.stage_moves(model, at),
            "plots": registered_models.plots(model, at),
            "latest": registered_models.table(latest, names[:2], aliases if at else None),
            "latest_metrics": names[:2],
            "aliases": aliases,
            "stages": registered_models.stages(model, at),
            "change": self.as_of.allows(policies.can_change_model(self.actor, model)),
        }


class ModelVersions(ModelPage):
    """All versions, two of which can be chosen to be compared."""

    tab = "versions"

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return one page of versions with their main metrics, highest first unless sorted otherwise."""
        at, sort = self.as_of.at, self.request.GET.get("sort", "")
        names = registered_models.metric_columns(model)
        found = self.rows(registered_models.ordered(registered_models.versions(model, at), sort, names))
        pointed = None
        if at:
            past.unseal(found.object_list, at)
            pointed = past.aliases(model, at)
        rows = registered_models.table(list(found.object_list), names, pointed)
        return {"versions": found, "rows": rows, "metrics": names, "sort": sort}


class ModelLineage(ModelPage):
    """What a version came from and what came from it: the one in production unless another is chosen."""

    tab = "lineage"

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return the picture around a version, and the versions to choose from."""
        at = self.as_of.at
        offered = list(registered_models.versions(model, at).values_list("version", flat=True)[:OFFERED])
        live = self.production
        chosen = self.request.GET.get("version") or (live.version.version if live else "")
        version = registered_models.version_named(model, chosen if chosen in offered else next(iter(offered), ""))
        picture = versions.picture(self.actor, version, at) if version else None
        return {"offered": offered, "version": version, "picture": picture}


class ModelPromotions(ModelPage):
    """All promotions of the model."""

    tab = "promotions"

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return one page of promotions, newest first."""
        found = self.rows(registered_models.promotions(model, self.as_of.at))
        if self.as_of.at:
            promotions_past.turn_back(list(found), self.as_of.at)
        return {"promotions": found}


class ModelPeople(ModelPage):
    """Who may do what, and through which grant."""

    tab = "people"

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return grants and readers of everything."""
        return {"people": model_people.people(model, self.as_of.at)}


class ModelHistory(ModelPage):
    """What happened to the model and everything below it."""

    tab = "history"

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return one page of the log within the model."""
        found = self.rows(ledger.history(self.actor, f"model:{model.pk}").until(self.as_of.moment))
        return {"found": found, "entries": ledger.entries(list(found.object_list))}


class ModelUse(ModelPage):
    """How programs fetch the model."""

    tab = "use"

    def content(self, model: RegisteredModel) -> dict[str, Any]:
        """Return what the snippets name."""
        live = self.production
        url = self.request.build_absolute_uri("/").rstrip("/")
        return {"use": usage.use_of(model, live.version if live else None, url)}
