"""What the API takes and answers, as far as this client uses it; a test holds each field to the OpenAPI document."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Person(TypedDict):
    """A person or service account."""

    username: str
    name: str


class Membership(TypedDict):
    """Roles in one team."""

    slug: str
    name: str
    roles: list[str]


class Me(TypedDict):
    """Who asks, and what the token may be used for."""

    username: str
    name: str
    service_account: bool
    owner: str | None
    teams: list[Membership]
    scopes: list[str] | None


class Model(TypedDict):
    """A registered model."""

    name: str
    team: str
    risk_tier: str
    description: str


class NewModel(TypedDict):
    """A model to be registered."""

    name: str
    team: str
    risk_tier: str
    description: NotRequired[str]
    visibility: NotRequired[str]


class File(TypedDict):
    """An artifact to fetch: its path, its size in bytes and its SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


class Dataset(TypedDict):
    """A dataset version."""

    name: str
    namespace: NotRequired[str]
    version: NotRequired[str]
    digest: NotRequired[str]
    uri: NotRequired[str]


class Code(TypedDict):
    """A commit."""

    repository: str
    commit: str
    path: NotRequired[str]


class Run(TypedDict):
    """A training run."""

    id: str
    system: NotRequired[str]
    uri: NotRequired[str]


class Parent(TypedDict):
    """A model version that another was made from."""

    model: str
    version: str


class Lineage(TypedDict, total=False):
    """Where a version comes from."""

    datasets: list[Dataset]
    code: Code | None
    run: Run | None
    parents: list[Parent]


class NewVersion(TypedDict, total=False):
    """A version to be registered: `version`, or `bump` from the highest."""

    version: str | None
    bump: str | None
    description: str
    metrics: dict[str, float]
    parameters: dict[str, Any]
    metadata: dict[str, Any]
    lineage: Lineage


class Version(TypedDict):
    """A version with everything it was registered with."""

    model: str
    version: str
    number: int
    state: str
    stage: str | None
    description: str
    metrics: dict[str, float]
    parameters: dict[str, Any]
    metadata: dict[str, Any]
    lineage: Lineage
    manifest_digest: str
    failure: str
    artifacts: list[File]


class Production(TypedDict):
    """The version in production at an instant; `until` is None while it still is."""

    model: str
    version: str
    number: int
    stage: str
    since: str
    until: str | None
    manifest_digest: str
    artifacts: list[File]


class KnownBytes(TypedDict):
    """Bytes that the registry may have already."""

    sha256: str
    size: int


class NewPromotion(TypedDict):
    """A request for promotion."""

    model: str
    version: str
    target_stage: str
    reason: str


class CheckReport(TypedDict):
    """The result of an external check, for exactly one evidence digest."""

    name: str
    status: str
    summary: str
    url: str
    evidence_digest: str


class Rule(TypedDict):
    """How a review rule stands."""

    name: str
    group: str
    needed: int
    filled_by: list[Person]
    could: list[Person]
    status: str
    explanation: str


class Check(TypedDict):
    """How a check stands."""

    name: str
    kind: str
    status: str
    summary: str
    url: str


class Blocker(TypedDict):
    """A request for changes still in force."""

    person: Person
    round: int
    comment: str


class Decision(TypedDict):
    """One decision with its signature."""

    round: int
    person: Person
    verdict: str
    comment: str
    outdated: bool
    signed_at: str


class PromotionSummary(TypedDict):
    """A promotion as a row of a list."""

    id: int
    model: str
    version: str
    target_stage: str
    state: str
    sentence: str
    created_at: str


class Promotion(PromotionSummary):
    """A promotion with everything that its deciding needs."""

    reason: str
    round: int
    requested_by: Person
    expires_at: str
    evidence_digest: str
    rules: list[Rule]
    checks: list[Check]
    blockers: list[Blocker]
    decisions: list[Decision]
    allowed_actions: list[str]
