"""Markdown (CommonMark with tables) as HTML that is safe to show whoever wrote it, and the `@names` in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

# A name stands alone: `a@b` is an address, `@b.` ends a sentence.
MENTION = re.compile(r"(?<![\w@/.+-])@(\w(?:[\w.+-]*\w)?)")
TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "span": {"class", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
LARGEST, SMALLEST = 3, 6


def render(text: str, *, headings: bool = True, people: Mapping[str, str] | None = None) -> SafeString:
    """Return the text as HTML without scripts, styles, pictures or raw tags; headings from level three on.

    `people` are the full names, by user name, of those whom an `@name` reached.
    """
    html = (_WITH_HEADINGS if headings else _PLAIN).render(text, {"people": people or {}})
    return mark_safe(nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES))  # noqa: S308 - cleaned


def mentions(text: str) -> list[str]:
    """Return the names after an `@`, each once, in lower case and order of mention; code names nobody."""
    tokens = [child for token in _PLAIN.parse(text) for child in token.children or ()]
    return list(dict.fromkeys(token.content.lower() for token in tokens if token.type == "mention"))


def _split_mentions(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = [part for child in token.children for part in _parts(child)]


def _parts(token: Token) -> list[Token]:
    if token.type != "text" or "@" not in token.content:
        return [token]
    parts, end = [], 0
    for found in MENTION.finditer(token.content):
        parts += [_text(token.content[end : found.start()]), Token("mention", "span", 0, content=found[1])]
        end = found.end()
    return [*parts, _text(token.content[end:])]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _mention(
    renderer: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    name = tokens[index].content
    person = env["people"].get(name.lower())
    words = f"@{escape(name)}"
    return words if person is None else f'<span class="mention" title="{escape(person)}">{words}</span>'


def _lower_headings(state: StateCore) -> None:
    above: list[str] = []  # the headings, as they were written, that the present one stands below
    for token in state.tokens:
        if token.type == "heading_open":
            above = [*(tag for tag in above if tag < token.tag), token.tag]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(LARGEST + len(above) - 1, SMALLEST)}"


def _made(*, headings: bool) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    made.core.ruler.push("mentions", _split_mentions)
    made.core.ruler.push("lower_headings", _lower_headings)
    made.add_render_rule("mention", _mention)
    return made if headings else made.disable(["heading", "lheading"])


_WITH_HEADINGS, _PLAIN = _made(headings=True), _made(headings=False)
