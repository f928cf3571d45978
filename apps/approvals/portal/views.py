"""Pages of promotions: one class per verb."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from apps.accounts import grants
from apps.accounts.models import Team
from apps.approvals import actions, policies, selectors
from apps.approvals.departures import look
from apps.approvals.models import Comment, Promotion, Thread
from apps.approvals.portal import discussion, listing, reading
from apps.approvals.portal.forms import (
    CommentForm,
    DecideForm,
    DemoteForm,
    EvidenceForm,
    PromotionsForm,
    SubmitForm,
    WithdrawForm,
)
from apps.core.errors import Conflict
from apps.core.keys import key_in
from apps.core.portal.forms import ActionForm
from apps.core.portal.views import FormPage, Page
from apps.models.models import ModelVersion, RegisteredModel
from apps.models.states import Stage


class PromotionList(Page):
    """Promotions, those due first; filters in the address."""

    template_name = "approvals/promotions.html"
    fragment = "found"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the promotions that meet the query."""
        teams = Team.objects.filter(pk__in=RegisteredModel.objects.visible_to(self.actor).values("team"))
        form = PromotionsForm(request.GET.dict(), teams.order_by("name").values_list("slug", "name"))
        criteria = form.criteria()
        found = self.rows(listing.matching(self.actor, **criteria))
        asked = listing.asked_of(self.actor, found.object_list)
        return self.page(form=form, criteria=criteria, found=found, asked=asked, views=listing.views(self.actor))


class Departures(Page):
    """Approvals that stand, given by people who could not give them today."""

    template_name = "approvals/departures.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what the newest approvals hold, or those older than the one that the address names."""
        before = key_in(request.GET.get("before", ""))
        return self.page(report=look(self.actor, before), before=before)


class PromotionMixin(Page):
    """Finds the promotion among those the reader may see."""

    @property
    def visible(self) -> QuerySet[Promotion]:
        """Promotions with everybody a page names."""
        related = (
            "registered_model__team",
            "version__registered_model",
            "requested_by__owner",
            "replaces",
            "signature",
        )
        return Promotion.objects.visible_to(self.actor).select_related(*related)

    @property
    def promotion(self) -> Promotion:
        """The promotion of the address."""
        return get_object_or_404(self.visible, pk=self.kwargs["pk"])


class PromotionPage(PromotionMixin, FormPage):
    """How a promotion stands, what it changes, and the form to decide; POST signs a verdict."""

    template_name = "approvals/promotion.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form to decide."""
        return DecideForm(data)

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page as it stands for this reader."""
        promotion = self.promotion
        with grants.read_once(self.actor, (promotion.registered_model, promotion.registered_model.team)):
            found, said = reading.read(promotion, self.actor), discussion.read(promotion, self.actor)
        return self.page(status=status, form=form, reading=found, promotion=promotion, discussion=said)

    def act(self, form: Any) -> HttpResponse:
        """Sign; the same verdict sent twice is one decision."""
        given, promotion = form.cleaned_data, self.promotion
        try:
            decision = actions.decide(promotion, actor=self.actor, **given)
        except Conflict as error:
            if error.code != "already_decided":
                raise
            messages.info(self.request, "Your decision was recorded already.")
        else:
            messages.success(self.request, reading.afterwards(decision))
        return redirect("approvals:promotion", pk=promotion.pk)


class ConfirmPage(PromotionMixin, FormPage):
    """A page that asks once more before something happens to a promotion."""

    template_name = "approvals/confirm.html"
    verb = ""

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the question."""
        promotion = self.promotion
        back = reverse("approvals:promotion", args=[promotion.pk])
        return self.page(status=status, form=form, promotion=promotion, verb=self.verb, back=back)


class Withdraw(ConfirmPage):
    """Takes a request back."""

    verb = "withdraw"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form with a reason."""
        return WithdrawForm(data)

    def act(self, form: Any) -> HttpResponse:
        """Withdraw."""
        promotion = actions.withdraw(self.promotion, reason=form.cleaned_data["reason"], actor=self.actor)
        messages.success(self.request, f"You withdrew the promotion of {promotion}.")
        return redirect("approvals:promotion", pk=promotion.pk)


class Execute(ConfirmPage):
    """Carries out an approved promotion."""

    verb = "execute"

    def act(self, form: Any) -> HttpResponse:
        """Execute."""
        promotion = actions.execute(self.promotion, actor=self.actor)
        messages.success(self.request, f"{promotion.version} is in {promotion.target_stage} now.")
        return redirect("approvals:promotion", pk=promotion.pk)


class DiscussionPage(PromotionMixin, FormPage):
    """The discussion alone, which is also the part of the promotion's page that htmx swaps."""

    template_name = "approvals/discussion.html"
    fragment = "discussion"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form of the thread, or that of a new one."""
        thread = self.kwargs.get("thread")
        return CommentForm(data, auto_id=f"thread_{thread}_%s" if thread else "new_%s")

    @property
    def thread(self) -> Thread:
        """The thread of the address, among those of a promotion the reader may see."""
        promotion = self.promotion
        found = get_object_or_404(promotion.threads.select_related("opened_by"), pk=self.kwargs["thread"])
        found.promotion = promotion
        return found

    def shown(self, form: ActionForm, status: int, said: str = "") -> HttpResponse:
        """Return the discussion, with the form where it belongs."""
        promotion, thread = self.promotion, self.kwargs.get("thread")
        found = discussion.read(promotion, self.actor, form=form, thread_id=thread)
        return self.page(status=status, promotion=promotion, discussion=found, said=said)

    def told(self, comment: Comment) -> HttpResponse:
        """Return the discussion with the new comment, or go to it on the promotion's page."""
        said = discussion.afterwards(comment)
        if cast(Any, self.request).htmx:
            return self.shown(DiscussionPage.form(self), 200, said)
        messages.success(self.request, said)
        return redirect(f"{reverse('approvals:promotion', args=[self.kwargs['pk']])}#thread-{comment.thread_id}")


class OpenThread(DiscussionPage):
    """Begins a thread."""

    def act(self, form: Any) -> HttpResponse:
        """Open a thread."""
        return self.told(actions.open_thread(self.promotion, actor=self.actor, **form.cleaned_data))


class Reply(DiscussionPage):
    """Goes on in a thread."""

    def act(self, form: Any) -> HttpResponse:
        """Reply."""
        return self.told(actions.reply(self.thread, actor=self.actor, **form.cleaned_data))


class SettlePage(DiscussionPage):
    """A button that needs no words."""

    def form(self, data: Any = None) -> ActionForm:
        """Return the empty form of a button."""
        return ActionForm(data)


class Resolve(SettlePage):
    """Settles a thread."""

    def act(self, form: Any) -> HttpResponse:
        """Resolve."""
        return self.told(actions.resolve(self.thread, actor=self.actor))


class Reopen(SettlePage):
    """Takes a resolved thread up again."""

    def act(self, form: Any) -> HttpResponse:
        """Reopen."""
        return self.told(actions.reopen(self.thread, actor=self.actor))


class VersionForm(FormPage):
    """A form about one version that the reader may see."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Find the version for people who signed in."""
        if request.user.is_authenticated:
            found = ModelVersion.objects.visible_to(request.user).with_stage().select_related("registered_model__team")
            self.version = get_object_or_404(found, registered_model__name=kwargs["name"], version=kwargs["version"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def stage(self) -> str:
        """Where the version is now; unsealed ones count as experimental, and the action refuses them."""
        return getattr(self.version, "stage", None) or Stage.EXPERIMENTAL

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page around the form."""
        return self.page(status=status, form=form, version=self.version, stage=self.stage)


class Submit(VersionForm):
    """Asks for a promotion."""

    template_name = "approvals/submit.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form with the stages that the version can go to."""
        return SubmitForm(data, stage=self.stage, initial={"target_stage": self.request.GET.get("to", "production")})

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page around the form, with what each stage that it offers asks for."""
        ahead = [selectors.outlook(self.version, stage) for stage in cast(SubmitForm, form).targets]
        may = policies.can_attach_evidence(self.actor, self.version)
        return self.page(
            status=status, form=form, version=self.version, stage=self.stage, outlooks=ahead, may_attach=may
        )

    def act(self, form: Any) -> HttpResponse:
        """Submit and go to the new promotion."""
        promotion = actions.submit(self.version, actor=self.actor, **form.cleaned_data)
        messages.success(self.request, f"You asked for {promotion}. {promotion.state_reason}")
        return redirect("approvals:promotion", pk=promotion.pk)


class Demote(VersionForm):
    """Takes a version down at once."""

    template_name = "approvals/demote.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form with the stages that the version can fall to."""
        return DemoteForm(data, stage=self.stage)

    def act(self, form: Any) -> HttpResponse:
        """Demote and go back to the version."""
        actions.demote(self.version, actor=self.actor, **form.cleaned_data)
        messages.success(self.request, f"{self.version} is in {form.cleaned_data['to_stage']} now.")
        return redirect("portal:version", name=self.version.registered_model.name, version=self.version.version)


class Attach(VersionForm):
    """Attaches evidence to a sealed version."""

    template_name = "approvals/attach.html"

    def form(self, data: Any = None) -> ActionForm:
        """Return the form, with the kind that a policy asks for where the address names it."""
        return EvidenceForm(data, initial={"kind": self.request.GET.get("kind", "")})

    def shown(self, form: ActionForm, status: int) -> HttpResponse:
        """Return the page around the form."""
        may = policies.can_attach_evidence(self.actor, self.version)
        return self.page(status=status, form=form, version=self.version, stage=self.stage, may=may)

    def act(self, form: Any) -> HttpResponse:
        """Attach and go back to the version."""
        row = actions.attach_evidence(self.version, actor=self.actor, **form.cleaned_data)
        messages.success(self.request, f"{row.title} is attached. Open promotions of {self.version} know of it.")
        return redirect("portal:version", name=self.version.registered_model.name, version=self.version.version)
