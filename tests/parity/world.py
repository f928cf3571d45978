"""One situation that everybody meets through every face, and all rows that an act could change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from apps.accounts import actions as account_actions
from apps.accounts.models import ApiToken, Team, TeamUserObjectPermission, User
from apps.approvals import actions
from apps.approvals.models import (
    AttachedEvidence,
    CheckRun,
    Comment,
    Decision,
    PolicyVersion,
    Promotion,
    Signature,
    Thread,
)
from apps.audit.models import Event
from apps.core.actors import SYSTEM
from apps.models import actions as model_actions
from apps.models.models import (
    Alias,
    MetadataStandard,
    ModelVersion,
    RegisteredModel,
    RegisteredModelUserObjectPermission,
    StageAssignment,
)
from apps.notifications import actions as notifications
from apps.notifications.models import Endpoint
from tests import factories
from tests import registry_factories as registry
from tests.approvals.acts import approve, decide, fresh, request, standing

# What an act could change, by columns that are the same however often it is tried: no ids of new rows, no times.
TABLES: dict[type[Any], str] = {
    Promotion: "version_id, target_stage, kind, state, state_reason, round_number, requested_by_id, reason",
    Decision: "actor_id, verdict, comment, groups, sequence, evidence_digest, settles_id IS NULL",
    Signature: "signer_id, printed_name, meaning, method, subject_digest",
    Thread: "promotion_id, round_id, opened_by_id",
    Comment: "sequence, kind, author_id, text, mentioned",
    CheckRun: "name, status, summary, evidence_digest, reported_by_id",
    AttachedEvidence: "version_id, kind, title, body, digest, author_id",
    PolicyVersion: "number, document, note, created_by_id",
    StageAssignment: "version_id, stage, upper_inf(period)",
    RegisteredModel: "name, team_id, risk_tier, description, card, visibility, registered_by_id",
    ModelVersion: "version, state, manifest_digest, registered_by_id, sealed_by_id",
    Alias: "name, version_id, set_by_id",
    MetadataStandard: "risk_tier, stage, number, schema, set_by_id",
    Team: "slug, name",
    User: "username, name, is_active, is_staff, is_superuser, owner_id",
    User.groups.through: "user_id, group_id",
    TeamUserObjectPermission: "user_id, permission_id, content_object_id",
    RegisteredModelUserObjectPermission: "user_id, permission_id, content_object_id",
    ApiToken: "user_id, name, scopes, revoked_at IS NULL",
    Endpoint: "name, url, enabled, disabled_reason",
    Event: "type, actor, subject_type",
}
SELECT = "SELECT '{0}', jsonb_agg(row ORDER BY row) FROM (SELECT jsonb_build_array({1}) AS row FROM {0}) AS rows"
EVERYTHING = " UNION ALL ".join(SELECT.format(table._meta.db_table, columns) for table, columns in TABLES.items())


@dataclass
class World:
    """A model of the team with one sealed version, asked for by the contributor, and the ways in for everybody."""

    people: dict[str, User]
    team: Team
    model: RegisteredModel
    version: ModelVersion
    pending: ModelVersion
    tokens: dict[str, ApiToken]
    webhook: Endpoint
    secrets: dict[str, str] = field(default_factory=dict)
    promotion: Promotion | None = None
    asked: Decision | None = None
    thread: Thread | None = None

    def bring(self, situation: str) -> None:
        """Bring about a situation through what people do."""
        if situation == "sealed":
            return
        if situation == "checked":
            checks = [{"name": "ci", "kind": "external", "reporter": "pipeline"}]
            actions.set_policy(stage="production", document={"checks": checks}, actor=self.people["compliance"])
        self.promotion = request(self.version, self.people["contributor"])
        getattr(self, f"_{situation}", lambda: None)()
        self.promotion = fresh(self.promotion)

    def _changes(self) -> None:
        self.asked = decide(self.promotion, self.people["reviewer"], "request_changes")

    def _discussed(self) -> None:
        self.thread = actions.open_thread(self.promotion, text="Why?", actor=self.people["auditor"]).thread

    def _resolved(self) -> None:
        self._discussed()
        actions.resolve(self.thread, actor=self.people["reviewer"])

    def _approved(self) -> None:
        approve(self.promotion, self.people["reviewer"], self.people["second_reviewer"])

    def _executed(self) -> None:
        self._approved()
        actions.execute(self.promotion)

    @property
    def digest(self) -> str:
        """The digest of the promotion's present evidence."""
        return standing(self.promotion).evidence_digest


def made(people: dict[str, User], team: Team) -> World:
    """Return the world before anybody asked for a promotion."""
    contributor = people["contributor"]
    model = registry.registered_model(team, actor=contributor, name="card-fraud")
    version = registry.sealed_version(model, actor=contributor, version="1.0.0", files={"model.bin": b"weights"})
    pending = registry.pending_version(model, actor=contributor, version="1.1.0")
    registry.artifact(pending, content=b"other weights")
    model_actions.set_alias(model, name="steady", version=version, actor=people["owner"])
    tokens = {
        name: account_actions.create_token(people[name], "laptop", ["models:read"], actor=SYSTEM)[0]
        for name in ("contributor", "pipeline")
    }
    webhook, _ = notifications.create_endpoint("all", "https://ci.example.org/", actor=people["compliance"])
    secrets = {name: factories.token(user) for name, user in people.items()}
    return World(people, team, model, version, pending, tokens, webhook, secrets)


def rows() -> dict[str, Any]:
    """Return everything an act could change."""
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING)
        return dict(cursor.fetchall())
