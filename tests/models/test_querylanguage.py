"""What a search means, and what is said of what it cannot mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.models.querylanguage import KEYS, LONGEST, Comparison, Property, Query, Words, lexemes, parse


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  ", ()),
        ("...", ()),
        ("fraud", (Words(("fraud",)),)),
        ("card fraud", (Words(("card",)), Words(("fraud",)))),
        ("card or loan fraud", (Words(("card", "loan")), Words(("fraud",)))),
        ("a OR b or c", (Words(("a", "b", "c")),)),
        ("or fraud", (Words(("or",)), Words(("fraud",)))),
        ("fraud or", (Words(("fraud",)),)),
        ("fraud or tier:high", (Words(("fraud",)), Property("tier", "high"))),
        ('"card payments" -legacy', (Words(("card payments",), phrase=True), Words(("legacy",), negated=True))),
        ('"card pay', (Words(("card pay",), phrase=True),)),
        ("card-fraud", (Words(("card-fraud",)),)),
        ("auc > 0.9", (Comparison("auc", ">", 0.9),)),
        ("auc>0.9", (Comparison("auc", ">", 0.9),)),
        ("rmse<=3", (Comparison("rmse", "<=", 3.0),)),
        ("loss = -1.5e-3", (Comparison("loss", "=", -0.0015),)),
        ("loss == .5", (Comparison("loss", "=", 0.5),)),
        ('"macro f1" >= 1.', (Comparison("macro f1", ">=", 1.0),)),
        ("-auc < 1", (Comparison("auc", "<", 1.0, negated=True),)),
        ("recall@5 > 0", (Comparison("recall@5", ">", 0.0),)),
        ("tag:vision", (Property("tag", "vision"),)),
        ("Tier:HIGH", (Property("tier", "high"),)),
        ('owner:"Ada Kim"', (Property("owner", "Ada Kim"),)),
        ('task:"binary', (Property("task", "binary"),)),
        ("-stage:production", (Property("stage", "production", negated=True),)),
        ("fraud auc>0.9 tier:high", (Words(("fraud",)), Comparison("auc", ">", 0.9), Property("tier", "high"))),
        ("fra\x00ud", (Words(("fra",)), Words(("ud",)))),
        ("10:30", (Words(("10:30",)),)),
    ],
)
def test_text_means(text: str, terms: tuple[object, ...]) -> None:
    assert parse(text) == Query(terms)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("auc >", "Write a number after “auc >”, such as auc > 0.9."),
        ("auc > high", "Write a number after “auc >”"),
        ("auc > 1e999", "Write a number after “auc >”"),
        ("auc > nan", "Write a number after “auc >”"),
        ("> 0.9", "Write a metric before “>”"),
        ("tier:hgih", "“tier:” takes low, medium or high."),
        ("stage:", "“stage:” takes experimental, staging, production or archived."),
        ("owner:", "Write what to look for after “owner:”."),
        ("colour:red", "There is no “colour:”. Use tag:, owner:, team:, tier:"),
        ("x" * (LONGEST + 1), "at most 200 characters"),
        ("a " * 21, "at most 20 parts"),
    ],
)
def test_mistake_says_what_would_be_accepted(text: str, said: str) -> None:
    query = parse(text)
    assert said in " ".join(query.mistakes)
    assert query.terms == ()


def test_what_was_understood_counts_beside_a_mistake() -> None:
    assert parse("fraud auc >").terms == (Words(("fraud",)),)


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
numbers = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 4))


@given(st.text(st.one_of(st.sampled_from('"<>=:- aorc0.'), st.characters()), max_size=LONGEST + 5))
@settings(max_examples=300)
def test_no_text_is_too_odd(text: str) -> None:
    query = parse(text)
    assert all(lexemes(each) for term in query.words for each in term.alternatives)


@given(st.lists(st.tuples(words, st.sampled_from(["<", "<=", ">", ">=", "="]), numbers), max_size=5))
def test_comparisons_come_back_as_written(given_terms: list[tuple[str, str, float]]) -> None:
    text = " ".join(f"{name} {sign} {value!r}" for name, sign, value in given_terms)
    if len(text) <= LONGEST:
        assert parse(text).terms == tuple(Comparison(*term) for term in given_terms)


@given(st.sampled_from([key for key in KEYS if key not in ("tier", "stage")]), words)
def test_properties_come_back_as_written(key: str, value: str) -> None:
    assert parse(f'{key}:"{value}"').terms == (Property(key, value),)
