from __future__ import annotations

import pytest

from cci_lite.engine.graph import CycleError, Graph, ordered, walk
from tests.engine.fakes import FakeStep, World


def test_order_is_a_topological_order_with_ties_by_position() -> None:
    needs = {"c": frozenset({"a"}), "b": frozenset[str](), "a": frozenset[str]()}
    assert ordered(needs) == ("b", "a", "c")


def test_a_circle_is_named_in_its_order() -> None:
    with pytest.raises(CycleError, match="a -> b -> c -> a"):
        ordered({"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"a"})})


def test_ancestors_and_descendants() -> None:
    world = World()
    graph = Graph.of([FakeStep(world, "a"), FakeStep(world, "b", link_to="a"), FakeStep(world, "c", link_to="b")])
    assert graph.ancestors({"b"}) == {"a", "b"}
    assert graph.descendants({"b"}) == {"b", "c"}


def test_nothing_begins_after_a_stop() -> None:
    done: list[str] = []
    walk(["a", "b", "c"], {}, done.append, jobs=1, stopped=lambda: len(done) >= 1)
    assert done == ["a"]


def test_results_come_in_the_given_order() -> None:
    assert list(walk(["b", "a"], {}, str.upper, jobs=2).items()) == [("b", "B"), ("a", "A")]
