"""Policies in the admin: read in words, written with a form, compared, and joined for one model."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.approvals import actions, models, policies, policy_reach, policy_words
from apps.approvals.admin.policy_drafts import START, Draft
from apps.approvals.admin.policy_forms import CHECKS, STAGES
from apps.core.admin.tables import ReadOnlyAdmin
from apps.core.errors import PortalError
from apps.models.models import RegisteredModel
from apps.models.states import Stage

SHOWN = 50


class EffectiveForm(forms.Form):
    """For which model, and to which stage."""

    model = forms.CharField(max_length=100, label="Name of the model")
    stage = forms.ChoiceField(choices=STAGES, initial=Stage.PRODUCTION, label="Promotions to")


@admin.register(models.Policy)
class PolicyAdmin(ReadOnlyAdmin):
    """Policies; every wording stays, the newest holds for what is asked for from now on."""

    section, rank, creates = "Rules", 1, True
    list_display = ("__str__", "asks", "newest", "since")
    list_filter = ("stage", "risk_tier", "team")
    list_select_related = ("team", "registered_model")
    ordering = ("stage", "risk_tier", "pk")
    search_fields = ("registered_model__name", "team__slug", "team__name")
    search_help_text = "Model or team"
    export_columns = ("layer", "stage", "risk_tier", "newest", "since", "asks")

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Policy]:
        """Return policies with the wording that holds."""
        versions = models.PolicyVersion.objects.filter(policy=OuterRef("pk")).order_by("-number")
        rows: QuerySet[models.Policy] = super().get_queryset(request)
        return rows.annotate(
            number=Subquery(versions.values("number")[:1]),
            set_at=Subquery(versions.values("created_at")[:1]),
            document=Subquery(versions.values("document")[:1]),
        )

    @admin.display(description="asks for")
    def asks(self, policy: Any) -> str:
        """Return in few words what the newest wording asks for."""
        document = policy.document or {}
        people = [policy_words.people_words(r["group"], r["min_approvals"]) for r in document.get("rules", [])]
        checks = len(document.get("checks", []))
        return ", ".join(
            [*(people or ["no review of its own"]), *([f"{checks} check{'s' * (checks != 1)}"] if checks else [])]
        )

    @admin.display(description="version")
    def newest(self, policy: Any) -> int:
        """Return the number of the newest wording."""
        return int(policy.number or 0)

    @admin.display(description="since", ordering="set_at")
    def since(self, policy: Any) -> Any:
        """Return when it was written."""
        return policy.set_at

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the policy of policies."""
        return bool(policies.can_set_policy(request.user))  # type: ignore[arg-type]

    def places(self, request: HttpRequest) -> list[tuple[int, str, str]]:
        """Offer what holds for one model."""
        return [(4, "What a model needs", "admin:approvals_effective")]

    def get_pages(self) -> list[Any]:
        """Add writing the next version, comparing, and the joined requirement of a model."""
        return [
            ("effective/", self.effective_view, "effective"),
            ("<int:pk>/edit/", self.edit_view, "policy_edit"),
            ("<int:pk>/compare/", self.compare_view, "policy_compare"),
            *super().get_pages(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what a policy means, its history in words, and the models it governs."""
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        policy = self._found(object_id)
        history, governed = policy_reach.history(policy), policy_reach.governed(policy)
        shown: dict[str, Any] = {"policy": policy, "history": history, "newest": history[0][0] if history else None}
        shown |= {"sentences": policy_words.means(history[0][0].document) if history else []}
        shown |= {"governed": governed.select_related("team")[:SHOWN], "more": governed[SHOWN : SHOWN + 1].exists()}
        shown |= {"may_write": self.has_add_permission(request), "links": self.links(request, policy)}
        return self.page(request, str(policy), None, "admin/approvals/policy.html", **shown)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Write the first version of a policy."""
        return self._written(request, None, None)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the next version of a policy."""
        policy = self._found(pk)
        return self._written(request, policy, policy.versions.order_by("-number").first())

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show in words what one version asks for more or less than another."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        policy = self._found(pk)
        versions = {str(version.number): version for version in policy.versions.order_by("number")}
        numbers = [*list(versions)[-2:-1], *list(versions)[-1:]]
        before, after = (
            versions.get(request.GET.get(key, ""), versions[number])
            for key, number in (("from", numbers[0]), ("to", numbers[-1]))
        )
        shown = {"policy": policy, "versions": list(versions.values()), "before": before, "after": after}
        shown |= {"turns": policy_words.compare(before.document, after.document)}
        shown |= {"sides": [(side, policy_words.means(side.document)) for side in (before, after)]}
        return self.page(request, f"Compare {policy}", None, "admin/approvals/policy_compare.html", **shown)

    def effective_view(self, request: HttpRequest) -> HttpResponse:
        """Show what promotions of one model need once every layer is joined, and which layer asks for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = EffectiveForm(request.GET or None, initial={"stage": Stage.PRODUCTION})
        given: dict[str, str] = form.cleaned_data if form.is_valid() else {}
        visible = RegisteredModel.objects.visible_to(request.user).named(given.get("model", ""))  # type: ignore[arg-type]
        model = visible.select_related("team").first()
        versions, lines = policy_reach.effective(model, given["stage"]) if model else ([], [])
        shown = {
            "model": model,
            "stage": given.get("stage"),
            "versions": versions,
            "lines": lines,
            "asked": bool(given),
        }
        return self.page(request, "What a model needs", form, "admin/approvals/effective.html", **shown)

    def _found(self, pk: Any) -> models.Policy:
        rows = models.Policy.objects.select_related("team", "registered_model")
        policy = rows.filter(pk=pk).first() if str(pk).isascii() and str(pk).isdigit() else None
        if policy is None:
            raise Http404
        return policy

    def _written(self, request: HttpRequest, policy: models.Policy | None, newest: Any) -> HttpResponse:
        """Take the next step of writing: show, add a row, preview, review, save."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        step, _, what = request.POST.get("step", "save").partition("=")
        document = newest.document if newest else START
        sent = request.POST if request.method == "POST" else None
        if sent is None and "withdraw" in request.GET:
            document = {}
        given: dict[str, Any] = {"actor": request.user, "policy": policy, "document": document, "sent": sent}
        draft = Draft(**given)
        if step == "add":
            return self._editor(request, draft, newest, Draft(**given, loose=True).add(what))
        if sent is None or step not in ("review", "save") or not self._says_something(draft, newest):
            return self._editor(request, draft, newest)
        if step == "save" and (saved := self._saved(request, draft)) is not None:
            return saved
        return self._editor(request, draft, newest) if draft.top else self._review(request, draft, newest)

    def _says_something(self, draft: Draft, newest: Any) -> bool:
        if not draft.is_valid:
            return False
        if newest is not None and draft.document == newest.document:
            draft.top.append(f"This says the same as version {newest.number}; change something first.")
        return not draft.top

    def _saved(self, request: HttpRequest, draft: Draft) -> HttpResponse | None:
        policy = _place_of(draft)
        base = request.POST.get("base", "")
        place: dict[str, Any] = {"stage": policy.stage, "risk_tier": policy.risk_tier, "team": policy.team}
        place |= {"registered_model": policy.registered_model, "note": draft.terms.cleaned_data["note"]}
        place |= {"base": int(base) if base.isascii() and base.isdigit() else None}
        try:
            version = actions.set_policy(**place, document=draft.document, actor=request.user)  # type: ignore[arg-type]
        except PortalError as error:
            draft.refuse(error)
            return None
        self.message_user(request, f"{version} holds from now on.", messages.SUCCESS)
        return redirect(reverse("admin:approvals_policy_change", args=[version.policy_id]))

    def _editor(self, request: HttpRequest, draft: Draft, newest: Any, shown_as: Draft | None = None) -> HttpResponse:
        """Show the forms and what they mean; `shown_as` has a row more, which nobody has filled in yet."""
        title = f"Write the next version: {draft.policy}" if draft.policy else "Write a policy"
        shown: dict[str, Any] = {
            "draft": shown_as or draft,
            "newest": newest,
            "kinds": [(k, f.title) for k, f in CHECKS.items()],
        }
        shown |= {"sentences": draft.sentences, "explained": draft.explained()}
        return self.page(request, title, None, "admin/approvals/policy_form.html", **shown)

    def _review(self, request: HttpRequest, draft: Draft, newest: Any) -> HttpResponse:
        policy, document = _place_of(draft), draft.document
        kept = [(key, value) for key, values in request.POST.lists() for value in values if key not in _NOT_KEPT]
        shown: dict[str, Any] = {
            "policy": policy,
            "newest": newest,
            "kept": kept,
            "next": newest.number + 1 if newest else 1,
        }
        shown |= {"sentences": policy_words.means(document), "reach": policy_reach.touched(policy, document)}
        shown |= {"turns": policy_words.compare(newest.document, document) if newest else []}
        shown |= {"governed": policy_reach.governed(policy).count(), "note": draft.terms.cleaned_data["note"]}
        return self.page(request, f"Before it is saved: {policy}", None, "admin/approvals/policy_review.html", **shown)


_NOT_KEPT = frozenset({"csrfmiddlewaretoken", "step"})


def _place_of(draft: Draft) -> models.Policy:
    placed: Any = draft.place
    return draft.policy if draft.policy is not None else placed.policy()
