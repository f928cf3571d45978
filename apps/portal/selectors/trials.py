"""What the forms of the API reference are filled in with: the call's example, and names that the reader may see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.accounts.models import ApiToken, Team, User
from apps.approvals.models import Promotion, Thread
from apps.audit.models import Event, Leaf
from apps.lineage.models import Node
from apps.lineage.states import NodeKind
from apps.models import semver
from apps.models.models import Alias, Artifact, ModelVersion, RegisteredModel
from apps.notifications.models import Delivery, Endpoint

Names = Mapping[str, Any]
# Fields of a body that name what is there already; what a call makes keeps the example's name.
NAMING = ("model", "team", "version", "service_account", "evidence_digest")
LINES = 14
MAKES = {"models_create", "teams_create", "service_accounts_create"}


@dataclass(frozen=True)
class Input:
    """A value in the address or in a header, with the example's value."""

    name: str
    place: str
    required: bool
    value: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """One call as a form; `file` where raw bytes are sent, `body` is None where no JSON is."""

    operation: str
    inputs: tuple[Input, ...] = ()
    body: Any = None
    file: bool = False

    @property
    def text(self) -> str:
        """The body as somebody edits it."""
        return json.dumps(self.body, indent=2, ensure_ascii=False)

    @property
    def rows(self) -> int:
        """The lines to show of it at once."""
        return min(self.text.count("\n") + 1, LINES)

    def named(self, names: Names) -> Trial:
        """Return the form with true names in place of the example's."""
        if self.operation.startswith("teams_"):
            names = {**names, "name": names.get("team")}
        if self.operation == "lineage_datasets":
            names = names.get("dataset", {})
        inputs = tuple(
            replace(each, value=str(names[each.name])) if each.value and names.get(each.name) else each
            for each in self.inputs
        )
        return replace(self, inputs=inputs, body=self._body_named(names))

    def _body_named(self, names: Names) -> Any:
        if not isinstance(self.body, dict) or self.operation in MAKES:
            own: Names = {}
        elif self.operation == "versions_create":
            own = {"version": names.get("next_version")}
        else:
            own = {key: names.get(key) for key in NAMING}
        return {key: own.get(key) or value for key, value in self.body.items()} if own else self.body


def names_for(reader: User) -> Names:
    """Return names of what the reader may see, by what calls call them; None or absent where there is nothing."""
    names: dict[str, Any] = {}
    seen = Promotion.objects.visible_to(reader).select_related("registered_model", "version__registered_model")
    promotion = seen.order_by("-pk").first()
    version = promotion.version if promotion else _newest_version(reader)
    model = version.registered_model if version else RegisteredModel.objects.visible_to(reader).order_by("-pk").first()
    if model is not None:
        alias = Alias.objects.filter(registered_model=model).values_list("name", flat=True).first()
        names |= {**dict.fromkeys(("name", "model", "q"), model.name), "alias": alias}
    if version is not None:
        names |= _of_version(version)
    if promotion is not None:
        names |= _of_promotion(promotion, reader)
    return names | _of_reader(reader)


def _newest_version(reader: User) -> ModelVersion | None:
    return ModelVersion.objects.visible_to(reader).select_related("registered_model").order_by("-pk").first()


def _of_version(version: ModelVersion) -> dict[str, Any]:
    highest = version.registered_model.versions.highest_first().values_list("version", flat=True).first()
    metric = next(iter(sorted(version.metrics)), None)
    used = Node.objects.filter(kind=NodeKind.DATASET, downstream_edges__target__version=version)
    return {
        "version": version.version,
        "next_version": semver.bump(highest, "minor"),
        "metric": f"{metric}>=0" if metric else None,
        "path": Artifact.objects.filter(version=version).order_by("path").values_list("path", flat=True).first(),
        "dataset": used.order_by("pk").values_list("facts", flat=True).first() or {},
    }


def _of_promotion(promotion: Promotion, reader: User) -> dict[str, Any]:
    events = Event.objects.visible_to(reader).about(type="promotion", id=promotion.pk)
    leaf = Leaf.objects.filter(event__in=events).order_by("leaf_index").first()
    rounds = promotion.rounds.order_by("-number").values_list("evidence_digest", flat=True)
    return {
        "promotion_id": promotion.pk,
        "thread_id": Thread.objects.filter(promotion=promotion).values_list("pk", flat=True).first(),
        "If-Match": promotion.etag,
        "evidence_digest": rounds.first(),
        "event_id": leaf.event_id if leaf else None,
        "index": str(leaf.leaf_index) if leaf else None,
    }


def _of_reader(reader: User) -> dict[str, Any]:
    """Return names that hang on no model: the reader's team, webhook, program and token."""
    team = Team.objects.visible_to(reader).order_by("slug").values_list("slug", flat=True).first()
    endpoint = Endpoint.objects.visible_to(reader).order_by("pk").first()
    program = User.objects.managed_by(reader).active().order_by("username").values_list("username", flat=True).first()
    return {
        **dict.fromkeys(("team", "slug"), team),
        **dict.fromkeys(("username", "service_account"), program),
        "id": endpoint.pk if endpoint else None,
        "delivery_pk": Delivery.objects.filter(endpoint=endpoint).order_by("-pk").values_list("pk", flat=True).first(),
        "prefix": ApiToken.objects.visible_to(reader).usable().order_by("-pk").values_list("prefix", flat=True).first(),
    }
