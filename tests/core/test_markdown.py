"""Markdown becomes safe HTML, and tells who is mentioned in it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from apps.core import markdown

REL = "noopener noreferrer"


class Tags(HTMLParser):
    """The tags of a page as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://tracker.example.org/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        '<a href="https://example.org" onclick="x()">x</a>',
        "<style>body{display:none}</style>",
        "<iframe src=https://example.org></iframe>",
        "<p style='position:fixed'>x</p>",
        '@"><script>alert(1)</script>',
    ],
)
def test_hostile_text_becomes_no_tag_of_its_own(hostile: str):
    page = Tags(markdown.render(hostile))
    assert {tag for tag, _ in page.found} <= {"p", "a"}
    assert all(given.keys() <= {"href", "rel"} for _, given in page.found)
    assert all(str(given.get("href", "https://")).startswith("https://") for _, given in page.found)


def test_text_keeps_its_structure_and_links_tell_nothing():
    html = markdown.render("# Card\n\n- **bold** `code`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x](https://example.org)")
    for piece in ("<h3>Card</h3>", "<strong>bold</strong>", "<code>code</code>", "<td>1</td>"):
        assert piece in html
    assert f'<a href="https://example.org" rel="{REL}">x</a>' in html


def test_headings_skip_no_level_below_those_of_the_page():
    html = markdown.render("## Use\n\n#### Who\n\n#### Where\n\n### How\n\n# Limits")
    found = [tag for tag, _ in Tags(html).found if tag.startswith("h")]
    assert found == ["h3", "h4", "h4", "h4", "h3"]


def test_remark_without_headings_keeps_the_outline_of_its_page():
    assert "<h" not in markdown.render("# Loud\n\nLouder\n===", headings=False)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@leo and @Mina.Roth, please", ["leo", "mina.roth"]),
        ("(@leo) @leo @LEO.", ["leo"]),
        ("write to leo@example.org or x/@leo", []),
        ("`@leo` and\n\n```\n@mina\n```\n", []),
        ("**@leo** > [@mina](https://example.org)", ["leo", "mina"]),
        ("@ leo @@leo", []),
    ],
)
def test_mentions_are_names_that_stand_alone(text: str, names: list[str]):
    assert markdown.mentions(text) == names


def test_only_people_who_were_reached_are_marked():
    html = markdown.render("@leo and @zoe", people={"leo": 'Leo "B" <Brandt>'})
    assert '<span class="mention" title="Leo &quot;B&quot; &lt;Brandt&gt;">@leo</span> and @zoe' in html
