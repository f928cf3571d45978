"""The components that templates are made of: small, explicit arguments, no queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps
from types import NoneType
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import loader
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from apps.approvals import eligibility
from apps.core.markdown import render
from apps.portal import wording

register = template.Library()
KEPT, PLAIN = 1_000, (str, datetime, NoneType)

register.filter("bytesize", wording.size)
register.filter("figure", wording.number)
register.filter("brief", wording.brief)
register.filter("is_web", wording.is_web)
register.filter("ordinal_word", wording.ordinal_word)
register.filter("plain", wording.plain)
register.filter("signed", wording.signed)
register.filter("signed_percent", wording.signed_percent)
register.filter("words", wording.words)


def inline(
    template_name: str, *, drawn_once: bool = False
) -> Callable[[Callable[..., dict[str, Any]]], Callable[..., SafeString]]:
    """Register a component that stands inside a sentence: rendered without white space around it.

    One that is drawn once for the same plain words and times costs a long list nothing for the repetition.
    """

    def drawn(**context: Any) -> SafeString:
        text = loader.render_to_string(template_name, context)
        return mark_safe(text.strip())  # noqa: S308 - a template has escaped it

    kept = lru_cache(maxsize=KEPT)(drawn)

    def decorate(context_of: Callable[..., dict[str, Any]]) -> Callable[..., SafeString]:
        @wraps(context_of)
        def rendered(*args: Any, **kwargs: Any) -> SafeString:
            context = context_of(*args, **kwargs)
            # Text that is marked safe equals the same text that is not, and must never stand for it.
            plain = drawn_once and all(type(value) in PLAIN for value in context.values())
            return kept(**context) if plain else drawn(**context)

        return register.simple_tag(rendered)

    return decorate


@inline("components/icon.html", drawn_once=True)
def icon(name: str, label: str = "") -> dict[str, Any]:
    """Draw a symbol of the sprite; without a label it is decoration."""
    return {"name": name, "label": label}


@inline("components/badge.html", drawn_once=True)
def badge(state: str, word: str = "") -> dict[str, Any]:
    """Draw a state as word, colour and shape."""
    look = wording.look_of(state)
    return {"word": word or look.word, "tone": look.tone, "shape": look.shape}


@register.simple_tag
def tone(state: str) -> str:
    """Return the class of a state's tone."""
    return f"tone-{wording.look_of(state).tone}"


@register.simple_tag
def shape(state: str) -> str:
    """Return the name of a state's symbol."""
    return wording.look_of(state).shape


@register.simple_tag
def word(state: str) -> str:
    """Return a state's word."""
    return wording.look_of(state).word


@inline("components/time.html", drawn_once=True)
def ago(moment: datetime | None) -> dict[str, Any]:
    """Write an instant relative to now, exact on hover and in print."""
    if moment is None:
        return {"moment": None}
    return {"moment": moment, "words": wording.relative(moment, timezone.now()), "exact": wording.exact(moment)}


@inline("components/due.html", drawn_once=True)
def due(moment: datetime | None, prefix: str = "due") -> dict[str, Any]:
    """Write a due date; late and soon ones stand out by word and colour."""
    if moment is None:
        return {"moment": None}
    now = timezone.now()
    # Drawn anew when its words are others.
    words = wording.relative(moment, now)
    urgency = wording.urgency(moment, now)
    late = "was" if moment <= now else ""
    return {"moment": moment, "prefix": prefix, "urgency": urgency, "late": late, "words": words}


@inline("components/person.html", drawn_once=True)
def person(somebody: Any, role: str = "") -> dict[str, Any]:
    """Write a person's name with the role they have here."""
    return {"name": str(getattr(somebody, "name", "") or somebody), "role": role}


@inline("components/avatar.html", drawn_once=True)
def avatar(name: str) -> dict[str, Any]:
    """Draw a person's initials."""
    return {"initials": wording.initials(name)}


@inline("components/digest.html")
def digest(value: str, label: str = "digest") -> dict[str, Any]:
    """Write a digest shortened in the middle; selecting or copying it gives the whole."""
    shown = value.removeprefix("sha256:")
    return {"value": value, "head": shown[:8], "middle": shown[8:-6], "tail": shown[-6:], "label": label}


@inline("components/copy.html")
def copy(value: str, label: str) -> dict[str, Any]:
    """Offer a value to the clipboard."""
    return {"value": value, "label": label}


@register.inclusion_tag("components/snippet.html")
def snippet(value: str, label: str) -> dict[str, Any]:
    """Show code that can be copied."""
    return {"value": value, "label": label}


@inline("components/metric.html")
def metric_change(change: Any) -> dict[str, Any]:
    """Write a metric as old -> new, better or worse, by how much."""
    return {"change": change}


@register.inclusion_tag("components/empty.html")
def nothing(title: str, text: str = "") -> dict[str, Any]:
    """Say kindly that there is nothing, and what would fill the place."""
    return {"title": title, "text": text}


@register.inclusion_tag("components/pages.html", takes_context=True)
def pages(context: Any, rows: Any) -> dict[str, Any]:
    """Link to the neighbouring pages of a list, keeping the rest of the query."""
    return {"rows": rows, "request": context["request"]}


@register.inclusion_tag("components/stretches.html", takes_context=True)
def stretches(context: Any, older: int | None) -> dict[str, Any]:
    """Link to the newest and to older rows of a list that is not counted, keeping the rest of the query."""
    return {"older": older, "request": context["request"]}


@register.inclusion_tag("components/field.html")
def field(bound: Any, label: str = "") -> dict[str, Any]:
    """Lay out one form field with label, help and error."""
    return {"field": bound, "label": label or bound.label}


@register.inclusion_tag("components/errors.html")
def errors(form: Any) -> dict[str, Any]:
    """Show what concerns the whole form."""
    return {"form": form}


@inline("components/act.html")
def act(verdict: Any, url: str, label: str, style: str = "quiet", dialog: bool = False) -> dict[str, Any]:
    """Link to an act; where a policy denies it, a disabled button says why."""
    return {"verdict": verdict, "url": url, "label": label, "style": style, "dialog": dialog}


@register.inclusion_tag("components/promotion_rows.html")
def promotion_rows(promotions: Any, asked: Any = None, past: Any = None) -> dict[str, Any]:
    """List promotions; those of several models with what each asks of the reader, by its id, its threads and tier."""
    lines = [(promotion, (asked or {}).get(promotion.pk, "")) for promotion in promotions]
    return {"lines": lines, "several": asked is not None, "past": past}


@register.inclusion_tag("components/check.html")
def check_row(check: Any, title: str = "") -> dict[str, Any]:
    """Show one check and what it says."""
    return {"check": check, "title": title or check.name}


@register.inclusion_tag("components/rule.html")
def rule_row(rule: Any, pending: bool) -> dict[str, Any]:
    """Show one review rule, who fills its places and, while the promotion is pending, who could."""
    return {"rule": rule, "open": rule.needed - len(rule.filled_by), "pending": pending}


@register.inclusion_tag("components/lineage.html")
def lineage_graph(picture: Any, explore: bool = False, suffix: str = "") -> dict[str, Any]:
    """Draw a lineage picture that has been laid out; exploring, every node leads on within the lineage.

    `suffix` ends the addresses of versions: it keeps the day of a page of the past.
    """
    return {"picture": picture, "explore": explore, "suffix": suffix}


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: object) -> str:
    """Return the present query with changes, back on its first page; None drops a key."""
    request: HttpRequest = context["request"]
    kept = request.GET.copy()
    for place in ("page", "before", "after"):
        kept.pop(place, None)
    for key, value in changes.items():
        kept.pop(key, None)
        if value not in (None, ""):
            kept[key] = str(value)
    encoded = kept.urlencode()
    return f"?{encoded}" if encoded else request.path


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def sort_head(context: Any, key: str, label: str, sort: str, kind: str = "") -> dict[str, Any]:
    """Head a column by which a table can be sorted; versions lie highest first without being asked."""
    own = sort.removeprefix("-") == key or (key == "version" and not sort)
    falls = own and (sort.startswith("-") or not sort)
    asked = (key if falls else None) if key == "version" else key if falls else f"-{key}"
    direction = ("descending" if falls else "ascending") if own else ""
    return {"label": label, "url": query(context, sort=asked), "direction": direction, "number": kind == "number"}


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def sort_metric(context: Any, name: str, sort: str) -> dict[str, Any]:
    """Head the column of a metric."""
    return sort_head(context, f"metric:{name}", name, sort, "number")


@register.simple_tag
def sort_chosen(prefix: str, name: str, sort: str) -> SafeString:
    """Mark the order that is chosen."""
    return mark_safe(" selected") if sort == f"{prefix}{name}" else mark_safe("")


@register.filter
def markdown(text: str) -> SafeString:
    """Show Markdown as safe HTML."""
    return render(text)


@register.simple_tag(takes_context=True)
def query_key(context: Any, key: str, value: object) -> str:
    """Return the present query with one key changed whose name is data."""
    return query(context, **{key: value})


@register.inclusion_tag("components/sparkline.html")
def sparkline_of(lines: Any, key: Any) -> dict[str, Any]:
    """Draw a metric's course, where one is known for the key."""
    return {"line": lines.get(key)}


@register.simple_tag
def use_snippet(template_name: str, api: str, name: str) -> str:
    """Return a program that is true for this portal and what is named."""
    # rstrip also drops the mark of safety: the page escapes it like any text.
    return loader.render_to_string(f"snippets/{template_name}", {"api": api, "name": name}).rstrip()


@register.simple_tag
def model_snippet(template_name: str, use: Any) -> str:
    """Return a program that uses a model, true for this portal and the version that it would get."""
    # rstrip also drops the mark of safety: the page escapes it like any text.
    said = {**vars(use), "version": use.version.version if use.version else ""}
    return loader.render_to_string(f"snippets/{template_name}", said).rstrip()


@register.filter
def group_words(group: str) -> str:
    """Return a group's name as a sentence uses it."""
    return eligibility.group_words(group)


@register.simple_tag
def role_word(group: str) -> str:
    """Return what one member of a group is called."""
    return eligibility.role_word(group)


@register.simple_tag
def limit_of(limits: Any, name: str) -> str:
    """Return what the policy asks of a metric."""
    return str(limits.get(name, ""))
