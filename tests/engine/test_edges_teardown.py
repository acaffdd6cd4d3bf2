"""What a teardown decides for each step, word for word, and how it tells what it did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cci_lite.engine.clock import Interrupted
from cci_lite.engine.events import Event, StepFinished, StepStarted, StepWaiting
from cci_lite.engine.graph import Graph
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Clicks, Known, Observed, Traits
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.teardown import Removals, plan_removal, teardown
from tests.engine.exacting import Exacting, meets
from tests.engine.fakes import FakeStep, Thing, World, blocked, hands

FORM = Traits(clicks=Clicks("sign the form", "https://example.com"))


class Lingering(FakeStep):
    """Goes away only `lingers` looks after it was removed."""

    lingers = 0

    def remove(self, have: Observed, known: Known) -> None:
        self.world.note(f"remove {self.id}")
        self._hidden = self.lingers

    def observe(self, known: Known) -> Observed | None:
        have = self.world.things.get(self.id)
        if f"remove {self.id}" in self.world.log:
            self._hidden -= 1
            return None if self._hidden == -1 else have
        return have


def thing(**facts: str) -> Observed:
    return Observed(Thing(1), facts)


def decided(*steps: FakeStep, consent: frozenset[str] = frozenset(), selected: tuple[str, ...] = ()) -> Removals:
    graph = Graph.of(steps)
    return plan_removal(graph, selected or graph.ids(), consent=consent, jobs=1)


def told(removals: Removals) -> list[tuple[str, str, str]]:
    return [(each.step.meta.id, each.action, each.reason) for each in removals.items]


def test_each_way_to_decide_says_why() -> None:
    world = World(
        {
            "mine": thing(),
            "theirs": replace(thing(), owned=False),
            "part": replace(thing(), stays="only our statement goes"),
            "form": replace(thing(), owned=False),
            "our-form": thing(),
            "data": thing(),
            "guard": thing(),
        }
    )
    steps = (
        FakeStep(world, "mine"),
        FakeStep(world, "theirs"),
        FakeStep(world, "part"),
        FakeStep(world, "form", traits=FORM),
        FakeStep(world, "our-form", traits=FORM),
        FakeStep(world, "data", keep_reason="it is not empty"),
        FakeStep(world, "guard", traits=Traits(guards="data")),
        FakeStep(world, "gone"),
        FakeStep(world, "stuck", on_observe=blocked("belongs to another account")),
    )
    assert told(decided(*steps)) == [
        ("stuck", "retain", "belongs to another account"),
        ("gone", "absent", "not there"),
        ("guard", "retain", "protects `data`, which stays"),
        ("data", "retain", "it is not empty"),
        ("our-form", "remove", "made by cci-lite"),
        ("form", "absent", "a person's doing: nothing of ours"),
        ("part", "release", "only our statement goes"),
        ("theirs", "release", "not made by cci-lite: it stays, only what is ours in it goes"),
        ("mine", "remove", "made by cci-lite"),
    ]


def test_a_removal_carries_its_step_and_what_was_seen() -> None:
    seen = thing(arn="arn:a")
    step = FakeStep(World({"a": seen}), "a")
    removals = decided(step)
    assert removals.items[0].step is step and removals.items[0].observed is seen
    assert removals.known.fact("a", "arn") == "arn:a"
    assert decided(FakeStep(World(), "b", on_observe=blocked("x"))).items[0].observed is None
    assert decided(FakeStep(World({"b": seen}), "b", keep_reason="full")).items[0].observed is seen


def test_a_guard_goes_when_what_it_guards_goes() -> None:
    world = World({"data": thing(), "guard": thing()})
    steps = (FakeStep(world, "data", keep_reason="full"), FakeStep(world, "guard", traits=Traits(guards="data")))
    assert [each[1] for each in told(decided(*steps, consent=frozenset({"data"})))] == ["remove", "remove"]


def test_a_step_that_holds_no_data_is_not_asked_for_consent() -> None:
    class Plain:
        """A step as plain as the protocol allows: it has no `retained`."""

        def __init__(self, inner: FakeStep) -> None:
            self.meta, self.traits, self.observe, self.remove = inner.meta, inner.traits, inner.observe, inner.remove

    world = World({"a": thing()})
    graph = Graph((Plain(FakeStep(world, "a")),))  # type: ignore[arg-type]
    assert told(plan_removal(graph, ["a"], consent=frozenset(), jobs=1)) == [("a", "remove", "made by cci-lite")]


def test_what_stays_keeps_what_it_needs_and_what_that_needs() -> None:
    world = World({"key": thing(), "bucket": thing(), "theirs": replace(thing(), owned=False), "other": thing()})
    steps = (
        FakeStep(world, "key"),
        FakeStep(world, "theirs"),
        FakeStep(world, "gone"),
        FakeStep(world, "bucket", needs=frozenset({"key", "theirs", "gone"}), keep_reason="full"),
        FakeStep(world, "other", needs=frozenset({"key"})),
    )
    assert {name: (action, reason) for name, action, reason in told(decided(*steps))} == {
        "other": ("remove", "made by cci-lite"),
        "bucket": ("retain", "full"),
        "gone": ("absent", "not there"),
        "theirs": ("retain", "`bucket` stays and needs it: full"),
        "key": ("retain", "`bucket` stays and needs it: full"),
    }
    removals = decided(*steps)
    assert [each.step.meta.id for each in removals.pending] == ["other"]
    assert [each.step.meta.id for each in removals.retained] == ["bucket", "theirs", "key"]


def test_only_what_was_selected_and_what_needs_it_is_decided_but_facts_of_others_are_known() -> None:
    world = World({"a": thing(arn="arn:a"), "b": thing(), "c": thing()})
    steps = (FakeStep(world, "a"), FakeStep(world, "b", link_to="a"), FakeStep(world, "c", needs=frozenset({"b"})))
    removals = decided(*steps, selected=("b",))
    assert [each[0] for each in told(removals)] == ["c", "b"]
    assert removals.known.fact("a", "arn") == "arn:a"


def carried_out(*steps: FakeStep, with_hands: Hands, consent: frozenset[str] = frozenset()) -> list[Outcome]:
    return list(teardown(decided(*steps, consent=consent), with_hands))


def test_outcomes_come_in_the_order_of_the_teardown_with_their_reasons() -> None:
    world = World({"a": thing(), "theirs": replace(thing(), owned=False), "full": thing()})
    steps = (
        FakeStep(world, "a"),
        FakeStep(world, "theirs"),
        FakeStep(world, "full", keep_reason="it is not empty"),
        FakeStep(world, "gone"),
    )
    assert carried_out(*steps, with_hands=hands()) == [
        Outcome("gone", "absent", "not there"),
        Outcome("full", "retained", "it is not empty"),
        Outcome("theirs", "released", "not made by cci-lite: it stays, only what is ours in it goes"),
        Outcome("a", "removed", "made by cci-lite"),
    ]


def test_what_vanished_in_between_is_gone_already() -> None:
    world = World({"a": thing()})
    removals = decided(FakeStep(world, "a"))
    world.things.clear()
    assert teardown(removals, hands()) == (Outcome("a", "absent", "already gone"),)
    assert world.log == []


def test_a_removal_is_awaited_and_told_while_it_lasts() -> None:
    world, events = World({"a": thing()}), list[Event]()
    step, mine = Lingering(world, "a"), hands(events)
    step.lingers = 2
    mine.clock.sleep(100)
    assert carried_out(step, with_hands=mine) == [Outcome("a", "removed", "made by cci-lite")]
    assert events == [
        StepStarted("a"),
        StepWaiting("a", "AWS to show that it is gone", 0.0),
        StepWaiting("a", "AWS to show that it is gone", pytest.approx(0.1)),
        StepFinished("a", "removed", "made by cci-lite", pytest.approx(0.3)),
    ]


def test_what_does_not_go_in_time_has_failed_and_keeps_its_error() -> None:
    world, events = World({"a": thing()}), list[Event]()
    step = Lingering(world, "a", traits=Traits(settle_s=7.4))
    step.lingers = 10_000
    outcome = carried_out(step, with_hands=hands(events))[0]
    assert (outcome.step, outcome.result, outcome.reason) == ("a", "failed", "still there 7 s after it was removed")
    assert repr(outcome.error) == "Unsettled('still there 7 s after it was removed')"
    assert events[-1] == StepFinished("a", "failed", outcome.reason, pytest.approx(7.4), error=outcome.error)


class Breaking(FakeStep):
    error: Exception = RuntimeError("in use")

    def remove(self, have: Observed, known: Known) -> None:
        raise self.error


def test_what_is_needed_by_something_that_would_not_go_is_left_and_says_so() -> None:
    world, events = World({"a": thing(), "b": thing(), "c": thing()}), list[Event]()
    steps = (
        FakeStep(world, "a"),
        FakeStep(world, "b", needs=frozenset({"a"})),
        Breaking(world, "c", needs=frozenset({"a"})),
    )
    c, b, a = carried_out(*steps, with_hands=hands(events))
    assert (c.result, c.reason, repr(c.error)) == ("failed", "in use", "RuntimeError('in use')")
    assert b.result == "removed"
    assert a == Outcome("a", "skipped", "`c` could not be removed: in use")
    assert events[-1] == StepFinished("a", "skipped", "`c` could not be removed: in use", pytest.approx(0))


def test_an_interruption_stops_at_the_step_and_at_what_it_still_needs() -> None:
    world = World({"a": thing(), "b": thing()})
    stopped = Breaking(world, "b", needs=frozenset({"a"}))
    stopped.error = Interrupted("interrupted while waiting")
    b, a = carried_out(FakeStep(world, "a"), stopped, with_hands=hands())
    assert (b.result, b.reason, b.error) == ("interrupted", "interrupted while waiting", stopped.error)
    assert (a.result, a.reason) == ("skipped", "`b` could not be removed: interrupted while waiting")


def test_after_a_stop_nothing_new_is_taken_down() -> None:
    world = World({"a": thing(), "b": thing(), "full": thing()})
    steps = (FakeStep(world, "a"), FakeStep(world, "b"), FakeStep(world, "full", keep_reason="full"))
    outcomes = carried_out(*steps, with_hands=hands(stopped=lambda: "remove b" in world.log))
    assert [(each.step, each.result) for each in outcomes] == [("full", "retained"), ("b", "removed")]


def test_every_call_is_made_on_behalf_of_its_step() -> None:
    world, entered = World({"a": thing(), "b": thing()}), list[str]()

    @contextmanager
    def inside(step: str) -> Iterator[None]:
        entered.append(f"in {step}")
        yield
        entered.append(f"out {step}")

    mine = replace(hands(), inside=inside)
    carried_out(FakeStep(world, "a"), FakeStep(world, "b"), with_hands=mine)
    assert entered == ["in b", "out b", "in a", "out a"]


def test_steps_of_one_document_are_taken_out_one_at_a_time() -> None:
    world, met = World({name: thing() for name in "ab"}), list[bool]()

    class Sociable(FakeStep):
        def remove(self, have: Observed, known: Known) -> None:
            met.append(meets(both))
            super().remove(have, known)

    for document, expected in (("policy", [False, False]), ("", [True, True])):
        world.things |= {name: thing() for name in "ab"}
        both, met[:] = threading.Barrier(2), []
        steps = (Sociable(world, each, traits=Traits(document=document)) for each in "ab")
        carried_out(*steps, with_hands=hands(jobs=2))
        assert met == expected


def test_each_step_is_asked_with_what_is_known_and_what_was_seen() -> None:
    world = World({"a": thing(arn="arn:a")})
    assert [each.result for each in carried_out(Exacting(world, "a"), with_hands=hands())] == ["removed"]
