"""The approval rules once more, as small and as plain as they can be said; pure Python, nothing of the portal's code.

Everything is derived from facts each time it is asked for, and people are matched to places by trying every order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

Rules = dict[str, int]
ENDED = ("executed", "rejected", "cancelled", "superseded")


@dataclass(frozen=True)
class Said:
    """One decision: who, what, and on which evidence."""

    person: str
    verdict: str
    evidence: Any
    groups: frozenset[str]
    settles: int | None = None


@dataclass
class Request:
    """A promotion: the version it is for, the policy pinned to it, what was said and reported."""

    version: str
    pinned: Rules
    ended: str = ""
    said: list[Said] = field(default_factory=list)
    reported: list[tuple[Any, str]] = field(default_factory=list)


@dataclass
class World:
    """Who is in which group, who is active, who made the versions, and all that happened to promotions."""

    groups: dict[str, set[str]]
    active: set[str]
    makers: set[str]
    policy: Rules
    checked: bool
    attached: dict[str, int]
    production: str | None = None
    requests: list[Request] = field(default_factory=list)

    def requirement(self, request: Request) -> Rules:
        """Return the stricter of the pinned and the present policy, group by group (R5, R7)."""
        both = (request.pinned, self.policy)
        return {group: max(rules.get(group, 0) for rules in both) for group in request.pinned.keys() | self.policy}

    def evidence(self, request: Request) -> Any:
        """Return all that a decision is based on (R6)."""
        rules = frozenset(self.requirement(request).items())
        return (request.version, self.attached[request.version], self.production, rules)

    def groups_of(self, person: str, request: Request) -> frozenset[str]:
        """Return the groups whose places a person may fill (R1, R2)."""
        if person not in self.active or person in self.makers:
            return frozenset()
        return frozenset(group for group in self.requirement(request) if person in self.groups[group])

    def approvers(self, request: Request) -> set[str]:
        """Return whose latest word is an approval of the present evidence (R6, R9)."""
        latest = {said.person: said for said in request.said if said.verdict != "dismiss"}
        now = self.evidence(request)
        return {who for who, said in latest.items() if said.verdict == "approve" and said.evidence == now}

    def requests_for_changes(self, request: Request) -> list[int]:
        """Return the decisions that ask for changes and that nobody has settled (R8)."""
        open_: dict[str, int] = {}
        for index, said in enumerate(request.said):
            if said.verdict == "request_changes":
                open_[said.person] = index
            elif said.verdict == "dismiss":
                open_ = {who: at for who, at in open_.items() if at != said.settles}
            else:
                open_.pop(said.person, None)
        return list(open_.values())

    def filled(self, request: Request, people: set[str]) -> bool:
        """Tell whether distinct people fill every place (R3)."""
        places = [group for group, number in self.requirement(request).items() for _ in range(number)]
        fits = {person: self.groups_of(person, request) for person in people}
        useful = [person for person in people if fits[person]]
        return any(
            all(group in fits[person] for group, person in zip(places, order, strict=True))
            for order in permutations(useful, len(places))
        )

    def state(self, request: Request) -> str:
        """Return how a promotion stands."""
        if request.ended:
            return request.ended
        if not self.filled(request, self.active):
            return "blocked"
        if self.requests_for_changes(request):
            return "changes_requested"
        now = self.evidence(request)
        results = [status for evidence, status in request.reported if evidence == now]
        passed = not self.checked or results[-1:] == ["passed"]
        return "approved" if passed and self.filled(request, self.approvers(request)) else "open"

    def refusal(self, request: Request, person: str, verdict: str, settles: int | None) -> str:
        """Return the code with which a decision is refused, empty where it is taken."""
        if request.ended:
            return "already_resolved"
        if person not in self.active:
            return "inactive"
        if person in self.makers:
            return "separation_of_duties"
        if not (groups := self.groups_of(person, request)):
            return "not_a_reviewer"
        own = [said for said in request.said if said.person == person and said.verdict != "dismiss"]
        if verdict == "retract":
            return "" if own and own[-1].verdict != "retract" else "nothing_to_retract"
        if verdict == "dismiss":
            return self._undismissable(request, person, settles, groups)
        again = own and own[-1].verdict == verdict and own[-1].evidence == self.evidence(request)
        return "already_decided" if again else ""

    def say(self, request: Request, person: str, verdict: str, settles: int | None) -> None:
        """Take a decision."""
        groups = self.groups_of(person, request)
        request.said.append(Said(person, verdict, self.evidence(request), groups, settles))
        if verdict == "reject":
            request.ended = "rejected"

    def execute(self, request: Request) -> None:
        """Put the version of an approved promotion into production; its rivals end."""
        self.production, request.ended = request.version, "executed"
        for other in self.requests:
            if not other.ended:
                other.ended = "superseded"

    def _undismissable(self, request: Request, person: str, settles: int | None, groups: frozenset[str]) -> str:
        if settles is None or request.said[settles].verdict != "request_changes":
            return "nothing_to_dismiss"
        if request.said[settles].person == person:
            return "own_request"
        return "" if request.said[settles].groups & groups else "not_in_group"
