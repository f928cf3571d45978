"""The language of searches for models, shared by portal and API; pure Python.

    fraud cards            words, each the beginning of a word in name, description, tags, team, owners or metadata
    "card payments"        words beside each other
    -legacy                without
    auc > 0.9              a metric of the version that counts: >, >=, <, <=, =
    tier:high              a property: one of KEYS; "…" around values with spaces

Everything must be met; `or` between two words asks for either. The version that counts is the one in production or,
where there is none, the highest sealed one.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

from apps.models.states import RiskTier, Stage

LONGEST = 200
MOST_TERMS = 20
KEYS = ("tag", "owner", "team", "tier", "stage", "task", "framework", "format")
CHOICES: dict[str, tuple[str, ...]] = {"tier": tuple(RiskTier.values), "stage": tuple(Stage.values)}
ACCEPTED = "words, auc > 0.9, or " + ", ".join(f"{key}:" for key in KEYS)
# What divides words, here and in the index.
MARKS = string.punctuation
_SPACES = str.maketrans(dict.fromkeys(MARKS, " "))
_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,2})?")
_TOKEN = re.compile(
    r"""(?P<minus>-(?=\S))?
    (?: (?:"(?P<quoted_metric>[^"]{1,100})"|(?P<metric>[^\s"<>=:]{1,100}))
            \s*(?P<sign><=|>=|==|<|>|=)\s*(?P<number>[^\s"<>=]*)
      | (?P<key>[A-Za-z_]+):(?:"(?P<quoted_value>[^"]*)"?|(?P<value>[^\s"]*))
      | "(?P<phrase>[^"]*)"?
      | (?P<stray>[<>=]+)\s*[^\s"<>=]*
      | (?P<word>[^\s"<>=]+) )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Words:
    """Beginnings of words, each in its alternatives; a phrase's words stand beside each other, whole."""

    alternatives: tuple[str, ...]
    phrase: bool = False
    negated: bool = False


@dataclass(frozen=True)
class Comparison:
    """A metric compared with a number."""

    metric: str
    sign: str
    number: float
    negated: bool = False


@dataclass(frozen=True)
class Property:
    """One of KEYS and the value asked for."""

    key: str
    value: str
    negated: bool = False


Term = Words | Comparison | Property


@dataclass(frozen=True)
class Query:
    """What was understood, and a sentence for each part that was not."""

    terms: tuple[Term, ...] = ()
    mistakes: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[Words, ...]:
        """The parts that have a rank."""
        return tuple(term for term in self.terms if isinstance(term, Words))


def parse(text: str) -> Query:
    """Return what a text asks for; never raises."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    if len(plain) > LONGEST:
        return Query(mistakes=(f"A search has at most {LONGEST} characters.",))
    terms: list[Term] = []
    mistakes: list[str] = []
    for found in _joined(_TOKEN.finditer(plain)):
        if isinstance(found, str):
            mistakes.append(found)
        else:
            terms.append(found)
    if len(terms) > MOST_TERMS:
        return Query(mistakes=(f"A search has at most {MOST_TERMS} parts.",))
    return Query(tuple(terms), tuple(dict.fromkeys(mistakes)))


def lexemes(text: str) -> list[str]:
    """Return a text's words as the index divides them: at every mark."""
    return text.translate(_SPACES).split()


def _joined(tokens: Iterator[re.Match[str]]) -> Iterator[Term | str]:
    """Yield terms and mistakes, words around `or` as one term."""
    held: Words | None = None
    either = False
    for token in tokens:
        if held is not None and not either and (token["word"] or "").lower() == "or" and not token["minus"]:
            either = True
            continue
        read = _read(token)
        plain = read if isinstance(read, Words) and not read.phrase and not read.negated else None
        if held is not None and either and plain is not None:
            held = Words(held.alternatives + plain.alternatives)
        else:
            if held is not None:
                yield held
            held = plain
            if plain is None and read is not None:
                yield read
        either = False
    if held is not None:
        yield held


def _read(token: re.Match[str]) -> Term | str | None:
    negated = bool(token["minus"])
    if token["sign"]:
        return _comparison(token, negated)
    if token["key"]:
        return _property(token["key"].lower(), (token["quoted_value"] or token["value"] or "").strip(), negated)
    if token["stray"]:
        return f"Write a metric before “{token['stray']}”, such as auc > 0.9."
    text = token["phrase"] if token["word"] is None else token["word"]
    return Words((text,), phrase=token["word"] is None, negated=negated) if lexemes(text) else None


def _comparison(token: re.Match[str], negated: bool) -> Comparison | str:
    metric, sign = (token["quoted_metric"] or token["metric"]).strip(), token["sign"].replace("==", "=")
    if not _NUMBER.fullmatch(token["number"]):
        return f"Write a number after “{metric} {sign}”, such as {metric} {sign} 0.9."
    return Comparison(metric, sign, float(token["number"]), negated)


def _property(key: str, value: str, negated: bool) -> Property | str:
    if key not in KEYS:
        known = ", ".join(f"{each}:" for each in KEYS)
        return f"There is no “{key}:”. Use {known}; text with a colon goes in quotation marks."
    choices = CHOICES.get(key)
    if choices and value.lower() not in choices:
        return f"“{key}:” takes {', '.join(choices[:-1])} or {choices[-1]}."
    if not value:
        return f"Write what to look for after “{key}:”."
    return Property(key, value.lower() if choices else value, negated)
