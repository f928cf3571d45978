"""The forms that a policy is written with: its place, its rules, its checks by kind, and its terms."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from apps.accounts.models import Team, User
from apps.accounts.roles import InstanceRole, Role
from apps.approvals.models import Policy
from apps.approvals.requirements import (
    AUTOMATIC,
    DEFAULT_DAYS,
    DEFAULT_HOURS,
    MANUAL,
    MOST_PEOPLE,
)
from apps.approvals.states import CheckKind
from apps.models.models import RegisteredModel
from apps.models.states import RiskTier, ScanVerdict, Stage

STAGES = [choice for choice in Stage.choices if choice[0] != Stage.EXPERIMENTAL]
GROUPS = [
    (Role.REVIEWER.value, "Reviewers of the model or its team"),
    (Role.OWNER.value, "Owners of the model or its team"),
    (InstanceRole.COMPLIANCE_OFFICER.value, "Compliance officers"),
]
NAMES = {
    Role.REVIEWER.value: "reviewers",
    Role.OWNER.value: "owners",
    InstanceRole.COMPLIANCE_OFFICER.value: "compliance",
}


class PlainForm(forms.Form):
    """A form whose errors are ours, beside their fields."""

    use_required_attribute = False


class PlaceForm(PlainForm):
    """Where a new policy holds."""

    stage = forms.ChoiceField(choices=STAGES, initial=Stage.PRODUCTION, label="Promotions to")
    risk_tier = forms.ChoiceField(choices=[("", "All tiers"), *RiskTier.choices], required=False, label="Of models of")
    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, to_field_name="slug", empty_label="Any team", label="Of team"
    )
    model = forms.CharField(max_length=100, required=False, label="Or of one model", help_text="Its exact name.")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_model(self) -> RegisteredModel | None:
        """Return the model of that name."""
        name = self.cleaned_data["model"]
        found = RegisteredModel.objects.visible_to(self.actor).named(name).select_related("team").first()
        if name and found is None:
            raise forms.ValidationError("There is no model of this name.")
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse a second policy of the same place."""
        given = super().clean() or {}
        if given.get("team") and given.get("model"):
            self.add_error("team", "Name a team or a model, not both.")
        elif not self.errors and (existing := self._existing(given)) is not None:
            self.add_error(None, f"There is a policy for {existing} already; open it and write its next version.")
        return given

    def policy(self) -> Policy:
        """Return the policy that would be written, not saved."""
        given = self.cleaned_data
        place = {"team": given["team"], "registered_model": given["model"]}
        return Policy(stage=given["stage"], risk_tier=given["risk_tier"], **place)

    @staticmethod
    def _existing(given: dict[str, Any]) -> Policy | None:
        rows = Policy.objects.filter(stage=given["stage"], risk_tier=given["risk_tier"])
        rows = rows.filter(team=given["team"], registered_model=given["model"])
        return rows.select_related("team", "registered_model").first()


class RuleForm(PlainForm):
    """So many people of one group."""

    group = forms.ChoiceField(required=False, label="Who approves")
    min_approvals = forms.IntegerField(
        min_value=1, max_value=MOST_PEOPLE, initial=1, label="How many people", required=False
    )
    name = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9 ._-]*\Z", max_length=99, required=False, label="Called on promotion pages"
    )

    def __init__(self, *args: Any, teams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Nobody: leave this line out"), *GROUPS, ("Reviewers of another team", teams)]
        cast(forms.ChoiceField, self.fields["group"]).choices = [each for each in choices if each[1]]

    def clean(self) -> dict[str, Any]:
        """Want a number where there is a group."""
        given = super().clean() or {}
        if given.get("group") and given.get("min_approvals") is None and "min_approvals" not in self.errors:
            self.add_error("min_approvals", f"Give a whole number from 1 to {MOST_PEOPLE}.")
        return given

    def rule(self) -> dict[str, Any] | None:
        """Return the rule as it stands in a document; None where the line is left out."""
        given = self.cleaned_data
        group = given.get("group")
        if not group:
            return None
        name = given["name"] or NAMES.get(group) or f"{group.removeprefix('team:')} reviewers"
        return {"name": name, "group": group, "min_approvals": given["min_approvals"]}


class CheckForm(PlainForm):
    """A check of one kind, with the fields of that kind."""

    title, about = "Check", ""
    kind = forms.CharField(widget=forms.HiddenInput)
    name = forms.RegexField(r"^[A-Za-z0-9][A-Za-z0-9 ._-]*\Z", max_length=99, label="Name of the check")
    left_out = forms.BooleanField(required=False, label="Leave this check out")

    def check(self) -> dict[str, Any] | None:
        """Return the check as it stands in a document; None where it is left out."""
        given = self.cleaned_data
        if given["left_out"]:
            return None
        own = {name: given[name] for name in self.fields if name not in {"kind", "name", "left_out"}}
        kept = {name: value for name, value in own.items() if value not in (None, "", [])}
        return {"name": given["name"], "kind": given["kind"], **kept}


class MetricForm(CheckForm):
    """A measured value within limits."""

    title = CheckKind.METRIC.label
    about = "Without any limit the metric only has to be there."
    metric = forms.CharField(max_length=150)
    minimum = forms.FloatField(required=False, label="At least")
    maximum = forms.FloatField(required=False, label="At most")
    max_regression = forms.FloatField(required=False, min_value=0, label="Worse than production by at most")
    direction = forms.ChoiceField(
        choices=[("", "As its name says"), ("higher", "Higher"), ("lower", "Lower")], required=False, label="Better is"
    )


class MetadataForm(CheckForm):
    """The metadata standard."""

    title = CheckKind.METADATA.label


class LineageForm(CheckForm):
    """What a version says about its origin."""

    title = CheckKind.LINEAGE.label
    require = forms.MultipleChoiceField(
        choices=[("datasets", "Datasets"), ("code", "Code"), ("run", "Training run")],
        initial=["datasets", "code"],
        widget=forms.CheckboxSelectMultiple,
        label="Has to name",
    )


class ArtifactsForm(CheckForm):
    """Bytes as sealed."""

    title = CheckKind.ARTIFACTS.label


class ScanForm(CheckForm):
    """The scanner's word."""

    title = CheckKind.SCAN.label
    accept = forms.MultipleChoiceField(
        choices=ScanVerdict.choices,
        initial=[ScanVerdict.CLEAN],
        widget=forms.CheckboxSelectMultiple,
        label="Accepted verdicts",
    )


class EvidenceForm(CheckForm):
    """A report attached to the version."""

    title = CheckKind.EVIDENCE.label
    evidence_kind = forms.CharField(max_length=150, label="Kind of evidence", help_text="Such as evaluation_report.")
    max_age_days = forms.IntegerField(required=False, min_value=1, max_value=10_000, label="Not older than, in days")


class ExternalForm(CheckForm):
    """What another program reports."""

    title = CheckKind.EXTERNAL.label
    reporter = forms.CharField(
        max_length=150, label="User name of who reports", help_text="Nobody else's answer counts."
    )
    max_age_hours = forms.IntegerField(required=False, min_value=1, max_value=10_000, label="Not older than, in hours")

    def clean_reporter(self) -> str:
        """Refuse a reporter who is nobody: the check could never pass."""
        name = str(self.cleaned_data["reporter"])
        if not User.objects.active().filter(username=name).exists():
            raise forms.ValidationError("Nobody active has this user name, so the check could never pass.")
        return name


CHECKS: dict[str, type[CheckForm]] = {
    CheckKind.METRIC: MetricForm,
    CheckKind.METADATA: MetadataForm,
    CheckKind.LINEAGE: LineageForm,
    CheckKind.ARTIFACTS: ArtifactsForm,
    CheckKind.SCAN: ScanForm,
    CheckKind.EVIDENCE: EvidenceForm,
    CheckKind.EXTERNAL: ExternalForm,
}


class TermsForm(PlainForm):
    """Everything that is neither people nor checks."""

    execution = forms.ChoiceField(
        choices=[
            (AUTOMATIC, "At once, by the portal"),
            (MANUAL, "Only when a person or pipeline says so"),
        ],
        initial=AUTOMATIC,
        widget=forms.RadioSelect,
        label="Once everything is fulfilled it is executed",
    )
    expires_after_days = forms.IntegerField(
        min_value=1, max_value=365, initial=DEFAULT_DAYS, label="Days until an undecided promotion expires"
    )
    execute_within_hours = forms.IntegerField(
        min_value=1, max_value=24 * 90, initial=DEFAULT_HOURS, label="Hours from approval to execution"
    )
    owner_only = forms.BooleanField(required=False, label="Only an owner may ask for it")
    needs_reason = forms.BooleanField(required=False, label="Whoever asks has to give a reason")
    rollback_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        label="Days in which going back needs less",
        help_text="Empty: going back to an earlier version needs the full review.",
    )
    note = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why this change",
        help_text="Shown with the version and kept in the log.",
    )

    def terms(self) -> dict[str, Any]:
        """Return what the document says beyond rules and checks; what is usual is left out."""
        given = self.cleaned_data
        said: dict[str, Any] = {"execution": MANUAL} if given["execution"] == MANUAL else {}
        if given["expires_after_days"] != DEFAULT_DAYS:
            said["expires_after_days"] = given["expires_after_days"]
        if given["execute_within_hours"] != DEFAULT_HOURS:
            said["execute_within_hours"] = given["execute_within_hours"]
        said |= {"requester": "owner"} if given["owner_only"] else {}
        return said | ({"needs_reason": True} if given["needs_reason"] else {})
