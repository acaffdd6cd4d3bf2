from __future__ import annotations

import threading

import pytest

from cci_lite.engine.events import Event, StepFinished, StepWaiting
from cci_lite.engine.graph import Graph
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Check, Clicks, Observed, Status, Traits
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import plan
from cci_lite.engine.run import provision
from tests.engine.fakes import FakeStep, Thing, World, hands


def run(*steps: FakeStep, with_hands: Hands | None = None) -> dict[str, Outcome]:
    graph = Graph.of(steps)
    outcomes = provision(graph, plan(graph, graph.ids(), jobs=1), with_hands or hands())
    return {each.step: each for each in outcomes}


def results(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {name: each.result for name, each in outcomes.items()}


def test_steps_are_applied_in_order_and_facts_flow() -> None:
    world = World()
    outcomes = run(FakeStep(world, "a"), FakeStep(world, "b", link_to="a"))
    assert results(outcomes) == {"a": "created", "b": "created"}
    assert world.log == ["apply a", "apply b"]
    assert world.things["b"].spec == Thing(1, link="arn:a")


def test_a_second_run_applies_nothing() -> None:
    world = World()
    run(FakeStep(world, "a"), FakeStep(world, "b", link_to="a"))
    world.log.clear()
    assert results(run(FakeStep(world, "a"), FakeStep(world, "b", link_to="a"))) == {"a": "kept", "b": "kept"}
    assert world.log == []


def test_a_failure_skips_only_what_needs_it() -> None:
    def fail() -> None:
        raise RuntimeError("refused")

    world = World()
    outcomes = run(
        FakeStep(world, "a", on_apply=fail), FakeStep(world, "b", needs=frozenset({"a"})), FakeStep(world, "c")
    )
    assert results(outcomes) == {"a": "failed", "b": "skipped", "c": "created"}
    assert outcomes["b"].reason == "waits for `a`: refused"


def test_a_failed_check_stops_what_comes_after() -> None:
    world = World()
    bad = Check("a.denied", Status.FAILED, "the upload was accepted", "look at the policy")
    outcomes = run(FakeStep(world, "a", checks=(bad,)), FakeStep(world, "b", needs=frozenset({"a"})))
    assert results(outcomes) == {"a": "invalid", "b": "skipped"}
    assert outcomes["a"].reason == "a.denied: the upload was accepted"


def test_a_write_that_shows_late_is_awaited() -> None:
    world, events = World(), list[Event]()
    outcomes = run(FakeStep(world, "a", appears_after=3), with_hands=hands(events))
    assert results(outcomes) == {"a": "created"}
    assert len([each for each in events if isinstance(each, StepWaiting)]) == 3


def test_a_write_that_never_shows_fails_with_what_differs() -> None:
    world = World()
    outcomes = run(FakeStep(world, "a", appears_after=10_000))
    assert outcomes["a"].result == "failed" and "still absent 120 s after" in outcomes["a"].reason


@pytest.mark.parametrize(("behind", "rounds"), [(0, 0), (1, 1), (2, 1), (4, 2)])
def test_kinds_that_answer_from_several_replicas_are_settled_when_all_of_them_show_it(behind: int, rounds: int) -> None:
    world, events = World(), list[Event]()
    step = FakeStep(world, "a", traits=Traits(settle_reads=3), appears_after=behind)
    assert results(run(step, with_hands=hands(events))) == {"a": "created"}
    assert len([each for each in events if isinstance(each, StepWaiting)]) == rounds


def test_within_a_phase_a_step_follows_the_write_of_what_it_needs_and_does_not_wait_for_its_proof() -> None:
    world, both = World(), threading.Barrier(2, timeout=10)
    proved = FakeStep(world, "a", on_validate=both.wait)
    follows = FakeStep(world, "b", needs=frozenset({"a"}), on_apply=both.wait)
    assert results(run(proved, follows, with_hands=hands(jobs=2))) == {"a": "created", "b": "created"}


def test_a_later_phase_waits_until_what_it_needs_is_proved() -> None:
    world, bad = World(), Check("a.works", Status.FAILED, "it does not")
    steps = (
        FakeStep(world, "a", checks=(bad,)),
        FakeStep(world, "next-phase", needs=frozenset({"a"}), phase=2),
    )
    assert results(run(*steps))["next-phase"] == "skipped"
    assert "apply next-phase" not in world.log


def test_every_step_is_looked_at_again_right_before_it_is_touched() -> None:
    world = World()
    late = FakeStep(world, "b", needs=frozenset({"a"}))

    def somebody_else_makes_b() -> None:
        world.things["b"] = Observed(Thing(1), {"arn": "arn:b"})

    outcomes = run(FakeStep(world, "a", on_apply=somebody_else_makes_b), late)
    assert results(outcomes) == {"a": "created", "b": "kept"}
    assert world.log == ["apply a"]


def test_after_an_interruption_nothing_new_begins() -> None:
    world, stop = World(), [False]

    def interrupt() -> None:
        stop[0] = True

    outcomes = run(
        FakeStep(world, "a", on_apply=interrupt), FakeStep(world, "b"), with_hands=hands(stopped=lambda: stop[0])
    )
    assert results(outcomes) == {"a": "interrupted"}
    assert outcomes["a"].reason == "written; interrupted before it was proved"
    assert world.log == ["apply a"]


def test_what_waits_for_a_person_is_reported_and_not_tried() -> None:
    world = World()
    form = Traits(clicks=Clicks("sign the form", "https://example.com"))
    outcomes = run(FakeStep(world, "form", traits=form), FakeStep(world, "b", needs=frozenset({"form"})))
    assert results(outcomes) == {"form": "operator", "b": "blocked"}
    assert world.log == []


def test_every_applied_step_ends_with_one_event() -> None:
    world, events = World(), list[Event]()
    run(FakeStep(world, "a"), FakeStep(world, "b", link_to="a"), with_hands=hands(events))
    finished = [each for each in events if isinstance(each, StepFinished)]
    assert [(each.step, each.result) for each in finished] == [("a", "created"), ("b", "created")]


def test_several_hands_reach_the_same_end() -> None:
    world = World()
    steps = [FakeStep(world, f"s{n}", needs=frozenset({f"s{n - 1}"} if n % 3 else set())) for n in range(9)]
    outcomes = run(*steps, with_hands=hands(jobs=4))
    assert set(results(outcomes).values()) == {"created"} and len(world.log) == 9
