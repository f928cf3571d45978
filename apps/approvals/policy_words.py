"""Policies in words: what one means, what it means once layers are joined, and what a new wording changes; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.approvals import requirements
from apps.approvals.requirements import Check, Requirement, Rule
from apps.approvals.states import CheckKind

TIGHTER, LOOSER, OTHER = "tighter", "looser", "other"
LINEAGE_DEFAULT = ("datasets", "code")
SCAN_DEFAULT = ("clean",)
NO_LIMIT = float("inf")
GROUPS = {
    "reviewer": ("reviewer of the model or its team", "reviewers of the model or its team"),
    "owner": ("owner of the model or its team", "owners of the model or its team"),
    "compliance_officer": ("compliance officer", "compliance officers"),
}


@dataclass(frozen=True)
class Turn:
    """One difference between two wordings, and whether it asks for more, for less, or for something else."""

    direction: str
    words: str


@dataclass(frozen=True)
class Sourced:
    """One sentence of a joined requirement, and the layers that ask for it."""

    words: str
    sources: tuple[str, ...]


def means(document: Any) -> list[str]:
    """Return the sentences that say what a policy document means; raises Invalid."""
    sentences = sentences_of(requirements.parse(document))
    days = requirements.rollback_days(document)
    if days:
        reduced = requirements.parse(document, rollback=True)
        people = _listed([people_words(rule.group, rule.min_approvals) for rule in reduced.rules])
        sentences.append(
            f"Going back, within {_counted(days, 'day')} of its execution, to a version that was approved before needs "
            f"only {people}."
        )
    return sentences


def sentences_of(requirement: Requirement) -> list[str]:
    """Return what a requirement asks for, one sentence each: people, checks, then how it goes."""
    if not requirement.covered:
        return ["No policy covers this: every promotion is blocked until a compliance officer sets one."]
    people = [rule_words(rule) for rule in requirement.rules]
    return [
        *(people or ["Nobody has to review it."]),
        *(check_words(check) for check in requirement.checks),
        *([] if requirement.checks else ["No check is asked for."]),
        *_terms(requirement).values(),
    ]


def rule_words(rule: Rule) -> str:
    """Return a review rule as a sentence."""
    verb = "has to approve" if rule.min_approvals == 1 else "have to approve, each a different person"
    return f"{people_words(rule.group, rule.min_approvals).capitalize()} {verb}."


def people_words(group: str, number: int) -> str:
    """Return `two reviewers of the model or its team`."""
    one, many = GROUPS.get(group) or (f"reviewer of team {_team(group)}", f"reviewers of team {_team(group)}")
    return f"{_numeral(number)} {one if number == 1 else many}"


def check_words(check: Check) -> str:
    """Return a check as a sentence, with its name where that says more than the kind."""
    options = check.options
    if check.kind == CheckKind.METRIC:
        return _metric_words(options)
    if check.kind == CheckKind.METADATA:
        return "The metadata have to meet the metadata standard of the stage and tier."
    if check.kind == CheckKind.LINEAGE:
        return f"The lineage has to name its {_listed(list(options.get('require', LINEAGE_DEFAULT)))}."
    if check.kind == CheckKind.ARTIFACTS:
        return "The stored bytes are read again and have to match the digests they were sealed with."
    if check.kind == CheckKind.SCAN:
        accepted = [word.replace("_", " ") for word in options.get("accept", SCAN_DEFAULT)]
        return f"The scan of every artifact has to say {_listed(accepted, 'or')}."
    if check.kind == CheckKind.EVIDENCE:
        age = f", not older than {_counted(options['max_age_days'], 'day')}" if "max_age_days" in options else ""
        return f"Evidence of the kind “{options.get('evidence_kind', '')}” has to be attached{age}."
    age = f", at most {_counted(options['max_age_hours'], 'hour')} ago" if "max_age_hours" in options else ""
    return f"{options.get('reporter', '')} has to report that “{check.name}” passed{age}."


def compare(before: Any, after: Any) -> list[Turn]:
    """Return what the second of two policy documents asks for more, for less, or otherwise than the first."""
    turns = differences(requirements.parse(before), requirements.parse(after))
    was, now = requirements.rollback_days(before), requirements.rollback_days(after)
    if was and now:
        reduced = [requirements.parse(document, rollback=True).rules for document in (before, after)]
        back = [Turn(turn.direction, f"For going back: {_lower(turn.words)}") for turn in _rules(*reduced)]
        return [*turns, *back, *_number("Days in which going back needs less", was, now, fewer_is=TIGHTER)]
    if was:
        turns.append(Turn(TIGHTER, "Going back to a version approved before needs the full review now."))
    if now:
        turns.append(Turn(LOOSER, "Going back to a version approved before needs the reduced rules only."))
    return turns


def differences(before: Requirement, after: Requirement) -> list[Turn]:
    """Return in what two requirements differ: rules by group, checks by name, then the terms."""
    if before.covered and not after.covered:
        return [Turn(TIGHTER, "No policy would cover it: it would be blocked.")]
    return [
        *_rules(before.rules, after.rules),
        *_checks(before.checks, after.checks),
        *_flag("A person or pipeline has to execute it", not before.automatic, not after.automatic),
        *_number("Days until an undecided promotion expires", before.expires_after_days, after.expires_after_days),
        *_number("Hours from approval to execution", before.execute_within_hours, after.execute_within_hours),
        *_flag("Only an owner may ask for it", before.owner_only, after.owner_only),
        *_flag("A reason has to be given", before.needs_reason, after.needs_reason),
    ]


def joined(layers: Sequence[tuple[str, Requirement]]) -> list[Sourced]:
    """Return what named layers ask for together, each sentence with the layers it comes from (R5)."""
    whole = requirements.join(requirement for _, requirement in layers)
    if not whole.covered:
        return [Sourced(words, ()) for words in sentences_of(whole)]
    found = [
        Sourced(rule_words(rule), _from(layers, lambda r, rule=rule: _asks(r, rule.group) == rule.min_approvals))
        for rule in whole.rules
    ] or [Sourced("Nobody has to review it.", ())]
    found += [
        Sourced(check_words(check), _from(layers, lambda r, key=check.key: key in {c.key for c in r.checks}))
        for check in whole.checks
    ]
    usual = Requirement()
    for key, words in _terms(whole).items():
        value = getattr(whole, key)
        asked = value != getattr(usual, key)
        found.append(Sourced(words, _from(layers, lambda r, k=key, v=value: getattr(r, k) == v) if asked else ()))
    return found


def _from(layers: Sequence[tuple[str, Requirement]], asks: Any) -> tuple[str, ...]:
    return tuple(name for name, requirement in layers if asks(requirement))


def _asks(requirement: Requirement, group: str) -> int:
    return next((rule.min_approvals for rule in requirement.rules if rule.group == group), 0)


def _terms(requirement: Requirement) -> dict[str, str]:
    """Return the sentences that are neither people nor checks, by the attribute they speak of."""
    automatic = "Once everything is fulfilled it is executed at once."
    manual = "Once everything is fulfilled a person or pipeline has to execute it."
    terms = {
        "automatic": automatic if requirement.automatic else manual,
        "expires_after_days": f"It expires {_counted(requirement.expires_after_days, 'day')} after it was asked for.",
        "execute_within_hours": f"An approval lapses if it is not executed within "
        f"{_counted(requirement.execute_within_hours, 'hour')}.",
    }
    if requirement.owner_only:
        terms["owner_only"] = "Only an owner of the model or its team may ask for it."
    if requirement.needs_reason:
        terms["needs_reason"] = "Whoever asks has to give a reason."
    return terms


def _rules(before: Iterable[Rule], after: Iterable[Rule]) -> list[Turn]:
    was, now = ({rule.group: rule.min_approvals for rule in rules} for rules in (before, after))
    turns = []
    for group in sorted(was.keys() | now.keys()):
        old, new = was.get(group, 0), now.get(group, 0)
        if old == new:
            continue
        words = f"{people_words(group, new).capitalize()} instead of {_numeral(old)}." if old and new else (
            f"{people_words(group, new).capitalize()} as well." if new else f"No longer {people_words(group, old)}."
        )  # fmt: skip
        turns.append(Turn(TIGHTER if new > old else LOOSER, words))
    return turns


def _checks(before: Iterable[Check], after: Iterable[Check]) -> list[Turn]:
    was, now = ({check.key: check for check in checks} for checks in (before, after))
    gone = {check.name: check for key, check in was.items() if key not in now}
    new = [check for key, check in now.items() if key not in was]
    turns: list[Turn] = []
    for check in new:
        other = gone.get(check.name)
        if other is not None and other.kind == check.kind:
            turns += _options(gone.pop(check.name), check)
        else:
            turns.append(_added(check, gone))
    return [*turns, *(Turn(LOOSER, f"No longer: {_lower(check_words(check))}") for check in gone.values())]


def _added(check: Check, gone: dict[str, Check]) -> Turn:
    """Return a new check as a turn: only a new name where one with the same content has gone."""
    for name, other in list(gone.items()):
        if (other.kind, dict(other.options)) == (check.kind, dict(check.options)):
            del gone[name]
            return Turn(OTHER, f"The check “{name}” is called “{check.name}” now.")
    return Turn(TIGHTER, f"Also: {_lower(check_words(check))}")


def _options(before: Check, after: Check) -> list[Turn]:
    """Return how one check changed: each option that asks for more or less, or all of it where it looks elsewhere."""
    old, new, name = before.options, after.options, after.name
    if any(old.get(key) != new.get(key) for key in ("metric", "direction", "reporter", "evidence_kind")):
        return [Turn(OTHER, f"The check “{name}” looks at something else: {_lower(check_words(after))}")]
    turns = [
        *_limit(name, "the minimum", old.get("minimum", -NO_LIMIT), new.get("minimum", -NO_LIMIT), TIGHTER),
        *_limit(name, "the maximum", old.get("maximum", NO_LIMIT), new.get("maximum", NO_LIMIT), LOOSER),
        *_limit(name, "the accepted loss against production", *_both(old, new, "max_regression"), LOOSER),
        *_limit(name, "the age in days", *_both(old, new, "max_age_days"), LOOSER),
        *_limit(name, "the age in hours", *_both(old, new, "max_age_hours"), LOOSER),
    ]
    turns += _words_of(name, "must be named in the lineage", old.get("require", LINEAGE_DEFAULT),
                       new.get("require", LINEAGE_DEFAULT), TIGHTER)  # fmt: skip
    turns += _words_of(name, "is accepted of a scan", old.get("accept", SCAN_DEFAULT),
                       new.get("accept", SCAN_DEFAULT), LOOSER)  # fmt: skip
    return turns


def _both(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> tuple[float, float]:
    return old.get(key, NO_LIMIT), new.get(key, NO_LIMIT)


def _limit(name: str, what: str, old: float, new: float, rising: str) -> list[Turn]:
    if old == new:
        return []
    direction = rising if new > old else _opposite(rising)
    return [Turn(direction, f"“{name}”: {what} is {_figure(new)} instead of {_figure(old)}.")]


def _words_of(name: str, what: str, old: Iterable[str], new: Iterable[str], more: str) -> list[Turn]:
    added, gone = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    turns = [Turn(more, f"“{name}”: {word.replace('_', ' ')} {what} now.") for word in added]
    return turns + [Turn(_opposite(more), f"“{name}”: {word.replace('_', ' ')} no longer {what}.") for word in gone]


def _flag(words: str, was: bool, now: bool) -> list[Turn]:
    if was == now:
        return []
    return [Turn(TIGHTER, f"{words} now.") if now else Turn(LOOSER, f"No longer: {_lower(words)}.")]


def _number(words: str, was: int, now: int, fewer_is: str = TIGHTER) -> list[Turn]:
    if was == now:
        return []
    return [Turn(fewer_is if now < was else _opposite(fewer_is), f"{words}: {now} instead of {was}.")]


def _opposite(direction: str) -> str:
    return LOOSER if direction == TIGHTER else TIGHTER


def _metric_words(options: Mapping[str, Any]) -> str:
    limits = [
        *([f"at least {options['minimum']:g}"] if "minimum" in options else []),
        *([f"at most {options['maximum']:g}"] if "maximum" in options else []),
        *([f"no more than {options['max_regression']:g} worse than in production"]
          if "max_regression" in options else []),
    ]  # fmt: skip
    way = f" ({options['direction']} is better)" if "direction" in options else ""
    return f"The metric {options.get('metric', '')}{way} has to be {_listed(limits) if limits else 'there'}."


def _listed(words: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), *words[-1:]])


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _numeral(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if 0 <= number < len(words) else str(number)


def _figure(value: float) -> str:
    return "not limited" if value in (NO_LIMIT, -NO_LIMIT) else f"{value:g}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _team(group: str) -> str:
    return group.removeprefix("team:")
