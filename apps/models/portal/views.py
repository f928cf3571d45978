"""Pages that change models and their aliases: one class per verb."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apps.core.portal.forms import ActionForm
from apps.core.portal.views import FormPage
from apps.models import actions, policies
from apps.models.models import Alias, ModelVersion, RegisteredModel
from apps.models.portal.forms import AliasForm, ModelForm
from apps.models.states import RiskTier


class ModelMixin(FormPage):
    """Finds the model among those the reader may see."""

    @property
    def model(self) -> RegisteredModel:
        """The model of the address."""
        visible: QuerySet[RegisteredModel] = RegisteredModel.objects.visible_to(self.actor).select_related("team")
        return get_object_or_404(visible, name=self.kwargs["name"])


class ModelEdit(ModelMixin):
    """Changes purpose, card, tags, visibility or risk tier."""

    template_name = "models/edit.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form with the model as it is."""
        return ModelForm.of(self.model, data)

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page around the form."""
        model = self.model
        verdicts = {
            "may": policies.can_change_model(self.actor, model),
            "tier": policies.can_change_tier(self.actor, model, RiskTier.LOW),
        }
        return self.page(status=status, form=form, model=model, **verdicts)

    def act(self, form: Any) -> HttpResponse:
        """Change what is not as before."""
        model = self.model
        actions.change_model(model, actor=self.actor, **form.said(), **form.changes(model))
        messages.success(self.request, f"{model} is changed.")
        return redirect("portal:model", name=model.name)


class AliasSet(ModelMixin):
    """Points an alias at a version."""

    template_name = "models/alias.html"

    @property
    def version(self) -> ModelVersion:
        """The version of the address."""
        return get_object_or_404(self.model.versions.all(), version=self.kwargs["version"])

    def form(self, data: Any = None) -> ActionForm:
        """Return the form with a name."""
        return AliasForm(data, initial={"alias": self.request.GET.get("alias", "")})

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page with where the model's aliases point now."""
        model = self.model
        return self.page(
            status=status,
            form=form,
            model=model,
            version=self.version,
            aliases=model.aliases.select_related("version"),
            may=policies.can_manage_aliases(self.actor, model),
        )

    def act(self, form: Any) -> HttpResponse:
        """Set the alias and go back to the version."""
        version = self.version
        alias = actions.set_alias(self.model, name=form.cleaned_data["alias"], version=version, actor=self.actor)
        messages.success(self.request, f"{alias} points at {version} now.")
        return redirect("portal:version", name=self.kwargs["name"], version=version.version)


class AliasRemove(ModelMixin):
    """Removes an alias."""

    template_name = "models/alias_remove.html"

    @property
    def alias(self) -> Alias:
        """The alias of the address."""
        found = self.model.aliases.select_related("version", "registered_model__team")
        return get_object_or_404(found, name=self.kwargs["alias"])

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the question."""
        alias = self.alias
        verdict = policies.can_manage_aliases(self.actor, alias.registered_model)
        back = reverse("portal:version", args=[alias.registered_model.name, alias.version.version])
        return self.page(status=status, form=form, alias=alias, verdict=verdict, back=back)

    def act(self, form: Any) -> HttpResponse:
        """Remove the alias and go back to the version it named."""
        alias = self.alias
        actions.remove_alias(alias.registered_model, name=alias.name, actor=self.actor)
        messages.success(self.request, f"{alias} is removed; {alias.version.version} stays as it is.")
        return redirect("portal:version", name=self.kwargs["name"], version=alias.version.version)
