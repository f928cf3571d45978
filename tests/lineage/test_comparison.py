"""How the origins of two versions differ, and what one of them lacks."""

from __future__ import annotations

from typing import Any

import pytest

from apps.lineage import comparison, inputs
from tests.lineage.conftest import dataset

CODE = {"repository": "git.example/fraud", "commit": "d58eac05fb4fc774", "path": "train.py"}
RUN = {"system": "airflow", "id": "run-7"}
WHOLE: dict[str, Any] = {"datasets": [dataset()], "code": CODE, "run": RUN, "parents": []}


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    found = comparison.difference(inputs.read(old), inputs.read(new))
    return [(each.change, each.name, each.old, each.new) for each in found]


def test_same_origin_has_no_difference() -> None:
    assert differences(WHOLE, {**WHOLE, "datasets": [dataset(uri="s3://elsewhere")]}) == []


def test_next_version_of_a_dataset_is_a_change() -> None:
    new = {**WHOLE, "datasets": [dataset(version="2026-11")]}
    assert differences(WHOLE, new) == [
        ("changed", "warehouse/cards", "warehouse/cards 2026-10", "warehouse/cards 2026-11")
    ]


def test_split_that_both_use_is_left_out_of_the_change() -> None:
    old = {"datasets": [dataset(version="train-first-150"), dataset(version="holdout")]}
    new = {"datasets": [dataset(version="holdout"), dataset(version="train")]}
    assert differences(old, new) == [
        ("changed", "warehouse/cards", "warehouse/cards train-first-150", "warehouse/cards train")
    ]


def test_other_dataset_is_one_removed_and_one_added() -> None:
    new = {**WHOLE, "datasets": [dataset("merchants")]}
    assert differences(WHOLE, new) == [
        ("removed", "warehouse/cards", "warehouse/cards 2026-10", ""),
        ("added", "warehouse/merchants", "", "warehouse/merchants 2026-10"),
    ]


def test_same_version_with_other_bytes_is_a_change_that_says_so() -> None:
    old, new = ({"datasets": [dataset(digest=f"sha256:{sign * 64}")]} for sign in "ab")
    (found,) = comparison.difference(inputs.read(old), inputs.read(new))
    assert (found.change, found.note) == ("changed", comparison.OTHER_DIGEST)
    assert (found.old, found.new) == (
        "warehouse/cards 2026-10 sha256:aaaaaaaaaaaa",
        "warehouse/cards 2026-10 sha256:bbbbbbbbbbbb",
    )


def test_same_version_is_paired_before_other_versions() -> None:
    old = {"datasets": [dataset(version="a", digest="md5:1"), dataset(version="b", digest="md5:1")]}
    new = {"datasets": [dataset(version="b", digest="md5:2"), dataset(version="c", digest="md5:2")]}
    assert differences(old, new) == [
        ("changed", "warehouse/cards", "warehouse/cards a", "warehouse/cards c"),
        ("changed", "warehouse/cards", "warehouse/cards b md5:1", "warehouse/cards b md5:2"),
    ]


def test_code_run_and_parents_are_compared() -> None:
    old = {**WHOLE, "parents": [{"model": "base", "version": "1.0.0"}]}
    new = {
        **WHOLE,
        "code": {**CODE, "commit": "adac178"},
        "run": None,
        "parents": [{"model": "base", "version": "1.1.0"}],
    }
    assert differences(old, new) == [
        ("changed", "Code commit", "git.example/fraud@d58eac05fb4f train.py", "git.example/fraud@adac178 train.py"),
        ("removed", "Training run", "airflow run-7", ""),
        ("removed", "base", "base 1.0.0", ""),
        ("added", "base", "", "base 1.1.0"),
    ]


def test_whole_origin_is_complete() -> None:
    found = comparison.completeness(inputs.read(WHOLE))
    assert found.missing == ()
    assert found.lacks(["datasets", "code", "run"]) == []


@pytest.mark.parametrize(
    ("changed", "lacking"),
    [
        ({"datasets": []}, "datasets"),
        ({"datasets": [{"name": "cards"}]}, "datasets"),
        ({"datasets": [dataset(), {"name": "vague"}]}, "datasets"),
        ({"code": None}, "code"),
        ({"code": {"repository": "git.example/fraud"}}, "code"),
        ({"run": None}, "run"),
        ({"run": {"id": "7"}}, "run"),
    ],
)
def test_part_that_cannot_be_found_again_is_lacking(changed: dict[str, Any], lacking: str) -> None:
    found = comparison.completeness(inputs.read({**WHOLE, **changed}))
    assert found.lacks(["datasets", "code", "run"]) == [lacking]
    assert len(found.missing) == 1


def test_unknown_part_is_always_lacking() -> None:
    assert comparison.completeness(inputs.read(WHOLE)).lacks(["deployment"]) == ["deployment"]
