"""A policy while it is being written: its forms, the document they make, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm
from django.http import QueryDict

from apps.accounts.models import Team, User
from apps.approvals import policy_words, requirements
from apps.approvals.admin.policy_forms import CHECKS, CheckForm, PlaceForm, PlainForm, RuleForm, TermsForm
from apps.approvals.models import Policy
from apps.approvals.requirements import AUTOMATIC, MANUAL
from apps.core.errors import FieldError, PortalError

MOST_ROWS = 40
START: dict[str, Any] = {
    "rules": [{"name": "reviewers", "group": "reviewer", "min_approvals": 1}],
    "checks": [{"name": "artifacts", "kind": "artifacts"}, {"name": "metadata", "kind": "metadata"}],
}
PLACE = re.compile(r"^(rules|checks|rollback\.rules)\[(\d+)\](?:\.(\w+))?")


class Draft:
    """The forms of one policy, from a document or from what somebody sent."""

    def __init__(
        self,
        *,
        actor: User,
        policy: Policy | None = None,
        document: Mapping[str, Any] | None = None,
        sent: QueryDict | None = None,
        loose: bool = False,
    ) -> None:
        """`loose` shows what was sent without judging it, as when a row is added."""
        self.policy, self.base, self.sent = policy, dict(document or {}), sent
        self.bound = sent is not None and not loose
        self.teams = [(f"team:{team.slug}", team.name) for team in Team.objects.all()]
        counted = {kind: self._count(kind) for kind in ("rules", "rollback", "checks")}
        terms, rules, checks = _terms_of(self.base), self.base.get("rules", []), self.base.get("checks", [])
        back = (self.base.get("rollback") or {}).get("rules", [])
        self.place = self._form(PlaceForm, "place", {}, actor=actor) if policy is None else None
        self.terms: Any = self._form(TermsForm, "terms", terms)
        self.rules: list[Any] = self._rows(RuleForm, "rules", rules, counted["rules"], teams=self.teams)
        self.rollback: list[Any] = self._rows(RuleForm, "rollback", back, counted["rollback"], teams=self.teams)
        self.checks: list[Any] = self._check_rows(checks, counted["checks"])
        self.top: list[str] = []

    def add(self, what: str) -> Draft:
        """Return it with an empty row more: `rules`, `rollback` or `checks:<kind>`."""
        group, _, kind = what.partition(":")
        if group in ("rules", "rollback"):
            rows = self.rules if group == "rules" else self.rollback
            rows.append(RuleForm(prefix=f"{group}-{len(rows)}", teams=self.teams, initial={"min_approvals": 1}))
        elif kind in CHECKS:
            name = kind if kind not in {row["name"].value() for row in self.checks} else f"{kind} {len(self.checks)}"
            form = CHECKS[kind](prefix=f"checks-{len(self.checks)}", initial={"kind": kind, "name": name})
            self.checks.append(form)
        return self

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many rows of each sort the page has."""
        return [("rules", len(self.rules)), ("rollback", len(self.rollback)), ("checks", len(self.checks))]

    @property
    def is_valid(self) -> bool:
        """Whether the forms and the domain's own reading of the document find nothing wrong."""
        forms: list[Any] = [
            self.terms,
            *self.rules,
            *self.rollback,
            *self.checks,
            *([self.place] if self.place else []),
        ]
        if not self.bound or any(form.errors for form in forms):
            return False
        try:
            requirements.parse(self.document)
        except PortalError as error:
            self.refuse(error)
        return not self.top and not any(form.errors for form in forms)

    @property
    def document(self) -> dict[str, Any]:
        """The document that the forms make; what says the same as before is kept as it was written."""
        checks = [_settled(check, self.base.get("checks", [])) for _, check in _made(self.checks)]
        document = {"rules": [rule for _, rule in _made(self.rules)], "checks": checks, **self.terms.terms()}
        back, days = [rule for _, rule in _made(self.rollback)], self.terms.cleaned_data.get("rollback_days")
        if back or days:
            document["rollback"] = {"rules": back, "within_days": days or 90}
        return document

    @property
    def sentences(self) -> list[str]:
        """What the policy would mean; none while that cannot be said."""
        if self.sent is None:
            return policy_words.means(self.base)
        return policy_words.means(self.document) if self.is_valid else []

    def refuse(self, error: PortalError) -> None:
        """Put what the domain found wrong beside the fields it names, and the rest on top."""
        for wrong in error.errors or [FieldError("", error.detail)]:
            form, field = self._named(wrong.field)
            if form is not None and field in form.fields:
                form.add_error(field, wrong.message)
            else:
                self.top.append(f"{wrong.field}: {wrong.message}" if wrong.field else wrong.message)

    def _named(self, path: str) -> tuple[BaseForm | None, str]:
        found = PLACE.match(path)
        if found is None:
            return {"rollback.within_days": (self.terms, "rollback_days")}.get(path, (self.terms, path))
        rows = {"rules": self.rules, "checks": self.checks, "rollback.rules": self.rollback}[found[1]]
        kept = [form for form, _ in _made(rows)]
        return (kept[int(found[2])] if int(found[2]) < len(kept) else None), found[3] or "name"

    def _count(self, group: str) -> int | None:
        if self.sent is None:
            return None
        given = self.sent.get(f"{group}-count", "")
        return min(int(given), MOST_ROWS) if given.isascii() and given.isdigit() else 0

    def _rows(self, kind: Any, group: str, items: Any, count: int | None, **more: Any) -> list[Any]:
        initials = [dict(item) for item in items] if count is None else [{}] * count
        return [self._form(kind, f"{group}-{at}", initial, **more) for at, initial in enumerate(initials)]

    def _check_rows(self, items: Any, count: int | None) -> list[Any]:
        if count is None:
            return [self._form(CHECKS[item["kind"]], f"checks-{at}", dict(item)) for at, item in enumerate(items)]
        kinds = [str(self.sent.get(f"checks-{at}-kind", "")) if self.sent else "" for at in range(count)]
        return [self._form(CHECKS[kind], f"checks-{at}", {}) for at, kind in enumerate(kinds) if kind in CHECKS]

    def _form(self, kind: type[PlainForm], prefix: str, initial: dict[str, Any], **more: Any) -> Any:
        if self.bound:
            return kind(self.sent, prefix=prefix, **more)
        if self.sent is not None:
            fields = kind(prefix=prefix, **more).fields.items()
            read = {name: field.widget.value_from_datadict(self.sent, {}, f"{prefix}-{name}") for name, field in fields}
            return kind(prefix=prefix, initial=read, **more)
        return kind(prefix=prefix, initial=initial, **more)

    def explained(self) -> dict[str, str]:
        """Return by prefix of a row the sentence that says what it means; rows that say nothing yet are left out."""
        return {form.prefix: words for form in [*self.rules, *self.rollback, *self.checks] if (words := _words(form))}


def _made(rows: list[Any]) -> list[tuple[Any, dict[str, Any]]]:
    """Return the forms that make something, with what they make."""
    made = [(form, form.check() if isinstance(form, CheckForm) else form.rule()) for form in rows]
    return [(form, item) for form, item in made if item is not None]


def _words(form: Any) -> str:
    if form.is_bound:
        if not form.is_valid():
            return ""
        item = form.check() if isinstance(form, CheckForm) else form.rule()
    else:
        item = {key: value for key, value in form.initial.items() if value not in (None, "", [])}
    try:
        where = "checks" if isinstance(form, CheckForm) else "rules"
        found = requirements.parse({where: [item]}) if item else None
    except PortalError:
        return ""
    if found is None:
        return "This is left out."
    return policy_words.check_words(found.checks[0]) if found.checks else policy_words.rule_words(found.rules[0])


def _settled(check: dict[str, Any], known: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the check as it was written before where it means the same, so that nothing changes for nothing."""
    same = next((item for item in known if _plain(item) == _plain(check)), None)
    return same if same is not None else check


def _plain(check: Mapping[str, Any]) -> dict[str, Any]:
    usual = {"lineage": {"require": ["datasets", "code"]}, "scan": {"accept": ["clean"]}}.get(
        str(check.get("kind")), {}
    )
    return {key: sorted(value) if isinstance(value, list) else value for key, value in {**usual, **check}.items()}


def _terms_of(document: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        key: document[key] for key in ("expires_after_days", "execute_within_hours") if key in document
    }
    found["execution"] = MANUAL if document.get("execution") == MANUAL else AUTOMATIC
    found["owner_only"], found["needs_reason"] = (
        document.get("requester") == "owner",
        document.get("needs_reason", False),
    )
    return found | {"rollback_days": requirements.rollback_days(document) or None}
