"""The catalogue: search, facets with counts, and rows with a metric over the latest versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from apps.accounts.models import Team, User
from apps.models import selectors
from apps.models.metrics import lower_is_better
from apps.models.models import CatalogueEntry
from apps.models.querylanguage import Comparison, Query, parse
from apps.models.querysets import CatalogueEntryQuerySet
from apps.models.selectors import FACETS, FacetCounts
from apps.models.states import RiskTier, Stage
from apps.portal.sparkline import Sparkline, sparkline

TITLES = {
    "team": "Team",
    "tier": "Risk tier",
    "stage": "Has a version in",
    "task": "Task",
    "framework": "Framework",
    "format": "Format",
}
SORTS = {"relevance": "Best match", "name": "Name", "changed": "Last changed", "tier": "Risk tier, highest first"}
BY_METRIC = "metric:"
# Metrics that are offered to sort by; choices of a facet before the rest is folded, and in all.
OFFERED, SHOWN, MOST = 8, 8, 60
TIERS = (RiskTier.HIGH, RiskTier.MEDIUM, RiskTier.LOW)


@dataclass(frozen=True)
class Criteria:
    """What somebody looks for; nothing chosen in a facet means anything."""

    q: str = ""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""

    @cached_property
    def query(self) -> Query:
        """What the words mean."""
        return parse(self.q)

    @property
    def is_empty(self) -> bool:
        """Nothing narrows the list."""
        return not (self.q or self.is_narrowed)

    @property
    def is_narrowed(self) -> bool:
        """Something is chosen in a facet."""
        return any(self.chosen.values())

    @property
    def metric(self) -> str:
        """The metric to sort by; empty for other sorts."""
        return self.sort.removeprefix(BY_METRIC) if self.sort.startswith(BY_METRIC) else ""

    @property
    def usual_order(self) -> str:
        """The sort unless one is asked for: by relevance where there are words, by name otherwise."""
        return "relevance" if self.query.words else "name"

    @property
    def order(self) -> str:
        """The sort in force."""
        return self.usual_order if self.sort in ("", "relevance") else self.sort

    @property
    def facets(self) -> list[tuple[str, str]]:
        """What is chosen in the facets, as keys and values."""
        return [(key, value) for key, values in self.chosen.items() for value in values]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What stands in the address apart from the words, as keys and values."""
        return [*self.facets, ("sort", self.sort)] if self.sort else self.facets

    @property
    def address(self) -> str:
        """Everything as the query of an address."""
        return urlencode([("q", self.q), *self.pairs] if self.q else self.pairs)


@dataclass(frozen=True)
class Choice:
    """One value of a facet, how many models it leads to, and the query that toggles it."""

    value: str
    label: str
    count: int
    chosen: bool
    address: str


@dataclass(frozen=True)
class Facet:
    """A facet: its key, its title and its choices, those beyond the first few folded."""

    key: str
    title: str
    choices: Sequence[Choice]
    folded: Sequence[Choice]


@dataclass(frozen=True)
class Sort:
    """An order that the list can be put in."""

    value: str
    label: str
    chosen: bool


def found(user: User, criteria: Criteria) -> CatalogueEntryQuerySet:
    """Return the entries of models a user may see that meet the words, whatever is chosen in the facets."""
    return CatalogueEntry.objects.visible_to(user).matching(criteria.query)


def rows(user: User, criteria: Criteria) -> CatalogueEntryQuerySet:
    """Return the catalogue's rows in their order."""
    entries = selectors.narrowed(found(user, criteria), criteria.chosen)
    return _ordered(entries, criteria).prefetch_related("registered_model", "team").defer("words")


def counts(user: User, criteria: Criteria) -> FacetCounts:
    """Return how many models there are, in all and by facet."""
    return selectors.facet_counts(found(user, criteria), criteria.chosen)


def facets(counted: FacetCounts, criteria: Criteria) -> list[Facet]:
    """Return every facet with its choices; one query for the names of teams."""
    teams = dict(Team.objects.filter(slug__in=counted.by_value["team"]).values_list("slug", "name"))
    labels: dict[str, dict[str, str]] = {
        "team": teams,
        "tier": {tier.value: str(tier.label) for tier in TIERS},
        "stage": {stage.value: str(stage.label) for stage in Stage},
    }
    return [_facet(key, counted.by_value[key], labels.get(key, {}), criteria) for key in FACETS]


def sorts(counted: FacetCounts, criteria: Criteria) -> list[Sort]:
    """Return the orders to choose from: the usual ones, and the metrics that models found are known by."""
    known = counted.by_value["headline"]
    metrics = sorted(known, key=lambda name: -known[name])[:OFFERED]
    metrics += [term.metric for term in criteria.query.terms if isinstance(term, Comparison)]
    metrics += [criteria.metric] if criteria.metric else []
    usual = [(key, label) for key, label in SORTS.items() if key != "relevance" or criteria.query.words]
    offered = usual + [(f"{BY_METRIC}{name}", f"{name}, best first") for name in dict.fromkeys(metrics)]
    # The usual order is asked for by nothing, so that words typed later may change it.
    return [
        Sort("" if value == criteria.usual_order else value, label, value == criteria.order) for value, label in offered
    ]


def lines(entries: Iterable[CatalogueEntry], criteria: Criteria) -> dict[int, Sparkline]:
    """Return per model its metric over the latest versions; where the list is sorted by another, that one's value."""
    drawn = {}
    for entry in entries:
        measured: float | None = getattr(entry, "measured", None)
        if measured is not None and criteria.metric.lower() != entry.headline.lower():
            drawn[entry.pk] = sparkline(criteria.metric, [measured])
        elif entry.course:
            drawn[entry.pk] = sparkline(entry.headline, entry.course)
    return drawn


def _ordered(entries: CatalogueEntryQuerySet, criteria: Criteria) -> CatalogueEntryQuerySet:
    if criteria.metric:
        return entries.by_metric(criteria.metric, lowest_first=lower_is_better(criteria.metric))
    match criteria.order:
        case "relevance":
            return entries.best_first(criteria.query)
        case "changed":
            return entries.order_by("-active_at", "name")
        case "tier":
            return entries.riskiest_first()
        case _:
            return entries.order_by("name")


def _facet(key: str, counted: dict[str, int], labels: dict[str, str], criteria: Criteria) -> Facet:
    chosen = criteria.chosen.get(key, ())
    values = list(labels) if key in ("tier", "stage") else [*counted, *(each for each in chosen if each not in counted)]
    choices = [
        Choice(value, labels.get(value, value), counted.get(value, 0), value in chosen, _toggled(criteria, key, value))
        for value in values
    ]
    if key not in ("tier", "stage"):
        choices.sort(key=lambda choice: (not choice.chosen, -choice.count, choice.label))
    first = max(SHOWN, len(chosen))
    return Facet(key, TITLES[key], choices[:first], choices[first:MOST])


def _toggled(criteria: Criteria, key: str, value: str) -> str:
    held = criteria.chosen.get(key, ())
    kept = tuple(each for each in held if each != value)
    values = kept if value in held else (*held, value)
    return Criteria(criteria.q, {**criteria.chosen, key: values}, criteria.sort).address
