"""What is looked at while what it needs is still being read back, and how long such a look is good for."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from cci_lite.engine.graph import Graph, longest_first
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Changes, Known, Observed, Traits
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import plan
from cci_lite.engine.run import FRESH_S, provision
from tests.engine.exacting import meets
from tests.engine.fakes import FakeStep, Thing, World, blocked, hands


class Watched(FakeStep):
    """Notes every look."""

    def observe(self, known: Known) -> Observed | None:
        self.world.note(f"look {self.id}")
        return super().observe(known)


def run(*steps: FakeStep, with_hands: Hands | None = None) -> dict[str, Outcome]:
    graph = Graph.of(steps)
    planned = plan(graph, graph.ids(), jobs=1)
    steps[0].world.log.clear()
    return {each.step: each for each in provision(graph, planned, with_hands or hands())}


def test_what_was_absent_just_now_is_created_without_a_second_look() -> None:
    world = World()
    assert run(Watched(world, "a"))["a"].result == "created"
    assert world.log == ["look a", "apply a", "look a"]


@pytest.mark.parametrize(("old", "looks"), [(FRESH_S, 1), (FRESH_S + 0.1, 2)])
def test_a_look_is_too_old_after_five_seconds(old: float, looks: int) -> None:
    world, mine = World(), hands()

    def dawdle() -> None:
        if world.log == ["look a"]:
            mine.clock.sleep(old)

    run(Watched(world, "a", on_observe=dawdle), with_hands=mine)
    assert world.log == [*["look a"] * looks, "apply a", "look a"]


def test_what_is_there_is_looked_at_right_before_it_is_changed_only() -> None:
    world = World({"a": Observed(Thing(7))})
    assert run(Watched(world, "a"))["a"].result == "updated"
    assert world.log == ["look a", "apply a", "look a"]


def test_what_appeared_since_the_plan_is_looked_at_again() -> None:
    world = World()

    def somebody_else_makes_b() -> None:
        world.things["b"] = Observed(Thing(1))

    outcomes = run(FakeStep(world, "a", on_apply=somebody_else_makes_b), Watched(world, "b", needs=frozenset({"a"})))
    assert outcomes["b"].result == "kept" and world.log == ["apply a", "look b", "look b"]


def test_what_others_write_into_as_well_is_looked_at_right_before_the_write_only() -> None:
    world = World()
    first = FakeStep(world, "a")
    run(first, Watched(world, "policy", needs=frozenset({"a"}), traits=Traits(shared=True)))
    assert world.log == ["apply a", "look policy", "apply policy", "look policy"]


def test_a_look_ahead_that_fails_is_none() -> None:
    world, looks = World(), iter(["plan", "ahead", "before the write", "after it"])

    def fail_ahead() -> None:
        if next(looks) == "ahead":
            raise RuntimeError("no answer")

    assert run(Watched(world, "a", on_observe=fail_ahead))["a"].result == "created"
    assert world.log == ["look a", "look a", "apply a", "look a"]


def test_a_block_that_is_seen_ahead_is_told_at_its_turn() -> None:
    world, now = World(), [False]

    def disable() -> None:
        now[0] = True

    step = FakeStep(world, "b", needs=frozenset({"a"}), on_observe=lambda: blocked("disabled")() if now[0] else None)
    assert run(FakeStep(world, "a", on_apply=disable), step)["b"] == Outcome("b", "blocked", "disabled")


def test_nothing_is_looked_at_behind_a_failure() -> None:
    def fail() -> None:
        raise RuntimeError("refused")

    world = World()
    outcomes = run(FakeStep(world, "a", on_apply=fail), Watched(world, "b", needs=frozenset({"a"})))
    assert outcomes["b"].result == "skipped" and world.log == ["apply a"]


@pytest.mark.parametrize("phase", [1, 2])
def test_a_step_is_looked_at_while_what_it_needs_is_read_back_or_proved(phase: int) -> None:
    world, both, met = World(), threading.Barrier(2), list[bool]()

    def meet() -> None:
        if world.log:  # not while the plan is made
            met.append(meets(both))

    shown = {"on_observe": meet} if phase == 1 else {"on_validate": meet}
    first = FakeStep(world, "a", **shown)  # type: ignore[arg-type]
    run(first, FakeStep(world, "b", needs=frozenset({"a"}), phase=phase, on_observe=meet), with_hands=hands(jobs=2))
    assert met[:2] == [True, True]


def test_what_has_the_longest_way_behind_it_comes_first() -> None:
    needs = {
        "short": frozenset[str](),
        "long": frozenset[str](),
        "next": frozenset({"long"}),
        "of others": frozenset("x"),
    }
    assert longest_first(needs) == ["long", "short", "next", "of others"]
    assert longest_first(needs, lambda each: 3 if each == "short" else 1) == ["short", "long", "next", "of others"]


class Waiting(Watched):
    """Waits for its own effect while it is applied, and tells what it saw in the end."""

    saw: int = 1

    def apply(self, want: Any, have: Observed | None, changes: Changes) -> Observed:
        super().apply(want, have, changes)
        return Observed(Thing(self.saw), {"arn": "arn:seen"})


def test_what_a_step_waited_for_itself_is_not_read_back_once_more() -> None:
    world = World()
    linked = FakeStep(world, "b", link_to="a")
    assert run(Waiting(world, "a"), linked)["b"].result == "created"
    assert world.log[:2] == ["look a", "apply a"] and world.log.count("look a") == 1
    assert world.things["b"].spec.link == "arn:seen"


def test_what_a_step_waited_for_is_read_back_when_it_is_not_what_was_wanted() -> None:
    world = World()
    step = Waiting(world, "a")
    step.saw = 7
    assert run(step)["a"].result == "created"
    assert world.log == ["look a", "apply a", "look a"]
