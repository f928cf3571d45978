"""Semantic versions: parsed strictly, bumped from the highest, sorted by precedence as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from apps.core.errors import Invalid
from apps.models import semver

NUMBERS = st.integers(0, 10**12 - 1).map(str)
IDENTIFIERS = st.one_of(
    st.integers(0, 10**30).map(str), st.from_regex(r"[0-9]*[A-Za-z-][0-9A-Za-z-]{0,8}", fullmatch=True)
)
VERSIONS = st.builds(
    lambda core, pre, build: (
        ".".join(core) + ("-" + ".".join(pre) if pre else "") + ("+" + ".".join(build) if build else "")
    ),
    st.tuples(NUMBERS, NUMBERS, NUMBERS),
    st.lists(IDENTIFIERS, max_size=4),
    st.lists(st.from_regex(r"[0-9A-Za-z-]{1,6}", fullmatch=True), max_size=1),
).filter(lambda text: len(text) <= semver.MAX_LENGTH)


@given(VERSIONS, VERSIONS)
def test_sort_key_orders_as_the_specification_compares(left: str, right: str) -> None:
    first, second = semver.sort_key(left).encode(), semver.sort_key(right).encode()
    assert (first > second) - (first < second) == Version.parse(left).compare(right)


@given(VERSIONS)
def test_sort_key_fits_its_column(text: str) -> None:
    assert len(semver.sort_key(text)) <= 400


def test_sort_key_orders_the_example_of_the_specification() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    ordered += ["1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "10.0.0"]
    shuffled = ordered[::2] + ordered[1::2]
    assert sorted(shuffled, key=semver.sort_key) == ordered


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0\n", " 1.0.0", "1.0.0-", "1.0.0-01", "1.\u0663.0", "1.0.0-é", "1.0.0+"],
)
def test_a_malformed_version_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid, match=r"1\.4\.0") as refused:
        semver.parse(text)
    assert (refused.value.code, refused.value.errors[0].field) == ("invalid_version", "version")


@pytest.mark.parametrize("text", ["1.0.0-" + "a" * 100, "1000000000000.0.0"])
def test_an_overlong_version_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="at most"):
        semver.parse(text)


@pytest.mark.parametrize(
    ("highest", "part", "expected"),
    [
        (None, "patch", "1.0.0"),
        ("1.4.2", "major", "2.0.0"),
        ("1.4.2", "minor", "1.5.0"),
        ("1.4.2", "patch", "1.4.3"),
        ("2.0.0-rc.1", "patch", "2.0.0"),
        ("1.4.2+build.5", "patch", "1.4.3"),
    ],
)
def test_bump_derives_the_next_version(highest: str | None, part: str, expected: str) -> None:
    assert semver.bump(highest, part) == expected


@given(VERSIONS, st.sampled_from(semver.BUMPS))
def test_bump_is_always_above_the_highest(highest: str, part: str) -> None:
    try:
        following = semver.bump(highest, part)
        semver.parse(following)
    except Invalid:
        return
    assert Version.parse(following) > Version.parse(highest)


def test_an_unknown_bump_is_refused() -> None:
    with pytest.raises(Invalid, match="major, minor, patch"):
        semver.bump("1.0.0", "huge")
