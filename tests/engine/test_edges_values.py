"""Values that are not known yet, and the comparison of specs, at their edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from cci_lite.engine.diff import created, diff
from cci_lite.engine.model import IMMUTABLE, Change, Changes, Known, Observed
from cci_lite.engine.values import Unknown, holds_unknown

LATER = Unknown("master-key")


@dataclass(frozen=True)
class Inner:
    size: int
    place: str = field(default="here", metadata={IMMUTABLE: "things do not move"})
    note: str = field(default="", compare=False)


@dataclass(frozen=True)
class Outer:
    inner: Inner | None
    members: Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Loose:
    """Brings its own equality: two of them are the same when their length is."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose) and len(self.text) == len(other.text)

    def __hash__(self) -> int:
        return len(self.text)


@pytest.mark.parametrize(
    "value",
    [
        LATER,
        f"arn:aws:s3:::{LATER}/x",
        {"a": LATER},
        {LATER: "a"},
        ["a", LATER],
        ("a", LATER),
        {"a", LATER},
        frozenset({LATER}),
        {"a": [{"b": LATER}]},
        Outer(None, {"a": LATER}),
    ],
)
def test_a_value_that_is_not_known_yet_is_found_wherever_it_lies(value: object) -> None:
    assert holds_unknown(value)


@pytest.mark.parametrize(
    "value", ["", "known", 1, None, {"a": "b"}, ["a"], Outer(Inner(1), {"a": "b"}), Outer], ids=str
)
def test_what_is_known_holds_nothing_unknown(value: object) -> None:
    assert not holds_unknown(value)


def test_an_unknown_reads_as_what_it_waits_for() -> None:
    assert LATER == "(known after master-key)"


def test_facts_are_learnt_and_forgotten() -> None:
    known = Known({"a": {"arn": "arn:a"}})
    assert known.fact("a", "arn") == "arn:a"
    known.learn("b", Observed(None, {"arn": "arn:b"}))
    assert known.fact("b", "arn") == "arn:b"
    known.learn("b", None)
    assert known.fact("b", "arn") == "(known after b)"
    known.learn("never seen", None)
    assert known.fact("never seen", "arn") == "(known after never seen)"


def test_every_difference_has_its_path_and_what_cannot_change_says_why() -> None:
    have = Outer(Inner(1, "there", "a"), {"x": 1, "gone": Inner(1)})
    want = Outer(Inner(2, "here", "b"), {"x": 2, "new": Inner(3)})
    assert list(diff(have, want)) == [
        Change("inner.size", 1, 2, ""),
        Change("inner.place", "there", "here", "things do not move"),
        Change("members.x", 1, 2, ""),
        Change("members.new", None, Inner(3), ""),
        Change("members.gone", Inner(1), None, ""),
    ]


def test_a_thing_of_another_type_differs_as_a_whole() -> None:
    assert list(diff(Outer(None, {}), Outer(Inner(1), {}))) == [Change("inner", None, Inner(1), "")]
    assert list(diff(Outer(Inner(1), {}), Outer(None, {}))) == [Change("inner", Inner(1), None, "")]
    assert list(diff(Outer(None, {"a": {"b": 1}}), Outer(None, {"a": 1}))) == [Change("members.a", {"b": 1}, 1, "")]


def test_a_fixed_field_that_holds_a_mapping_stays_fixed_below() -> None:
    @dataclass(frozen=True)
    class Spec:
        parts: Mapping[str, str] = field(metadata={IMMUTABLE: "never"})

    assert list(diff(Spec({"a": "1"}), Spec({"a": "2"}))) == [Change("parts.a", "1", "2", "never")]


def test_values_that_bring_their_own_equality_are_compared_by_it() -> None:
    assert list(diff(Outer(None, {"a": Loose("one")}), Outer(None, {"a": Loose("two")}))) == []
    longer = Loose("three")
    assert list(diff(Outer(None, {"a": Loose("one")}), Outer(None, {"a": longer}))) == [
        Change("members.a", Loose("one"), longer, "")
    ]


def test_what_would_be_created_is_every_leaf() -> None:
    assert list(created(Outer(Inner(1), {"x": {"y": 2}, "own": Loose("a"), "kind": Inner}))) == [
        Change("inner.size", None, 1, ""),
        Change("inner.place", None, "here", ""),
        Change("members.x.y", None, 2, ""),
        Change("members.own", None, Loose("a"), ""),
        Change("members.kind", None, Inner, ""),
    ]


def test_changes_know_what_they_touch_and_which_members() -> None:
    changes = Changes(
        (Change("tags.Owner", 1, 2), Change("tags.Env.deep", 1, 2), Change("tags.Owner", 3, 4), Change("size", 1, 2))
    )
    assert len(changes) == 4 and len(Changes()) == 0
    assert changes.touch("tags") and changes.touch("tags.Env") and changes.touch("nothing", "size")
    assert not changes.touch("tag") and not changes.touch("tags.Own") and not changes.touch()
    assert changes.keys("tags") == ("Owner", "Env")
    assert changes.keys("size") == () and changes.keys("tag") == ()
