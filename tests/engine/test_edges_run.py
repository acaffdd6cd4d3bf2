"""How each step of a run ends, word for word, and what is told meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cci_lite.engine.clock import Interrupted
from cci_lite.engine.events import Event, StepFinished, StepStarted, StepWaiting
from cci_lite.engine.graph import Graph
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Changes, Check, Clicks, Known, Observed, Status, Traits
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import plan
from cci_lite.engine.run import provision
from tests.engine.exacting import Exacting, meets
from tests.engine.fakes import FakeStep, Thing, World, blocked, hands

OK = Check("a.ok", Status.PASSED, "seen")
FORM = Traits(clicks=Clicks("sign the form", "https://example.com"))


@dataclass
class Odd(FakeStep):
    """Writes another thing than what was asked for."""

    written: Observed = field(default_factory=lambda: Observed(Thing(1)))

    def apply(self, want: Any, have: Observed | None, changes: Changes) -> None:
        self.world.note(f"apply {self.id} {[each.path for each in changes]} {have.spec if have else None}")
        self.world.things[self.id] = self.written


def run(*steps: FakeStep, with_hands: Hands | None = None, selected: tuple[str, ...] = ()) -> dict[str, Outcome]:
    graph = Graph.of(steps)
    planned = plan(graph, selected or graph.ids(), jobs=1)
    return {each.step: each for each in provision(graph, planned, with_hands or hands())}


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_a_step_that_was_created_or_changed_ends_with_its_reason_and_its_checks() -> None:
    world = World({"b": Observed(Thing(7)), "c": Observed(Thing(1))})
    assert run(*(FakeStep(world, each, checks=(OK,)) for each in "abc")) == {
        "a": Outcome("a", "created", "absent", (OK,)),
        "b": Outcome("b", "updated", "differs: size", (OK,)),
        "c": Outcome("c", "kept", "in place"),
    }


def test_apply_is_told_what_is_there_and_what_differs() -> None:
    world = World({"b": Observed(Thing(7))})
    run(Odd(world, "a"), Odd(world, "b"))
    there = Thing(7)
    assert world.log == ["apply a ['size', 'place', 'link'] None", f"apply b ['size'] {there}"]


def test_every_step_is_told_from_its_start_to_its_end_with_the_seconds_between() -> None:
    world, events = World(), list[Event]()
    mine = hands(events)
    mine.clock.sleep(100)
    step = FakeStep(
        world, "a", on_apply=lambda: mine.clock.sleep(2), on_validate=lambda: mine.clock.sleep(3), checks=(OK,)
    )
    run(step, with_hands=mine)
    assert events == [StepStarted("a"), StepFinished("a", "created", "absent", 5.0, (OK,), None)]


def test_a_failed_step_keeps_its_error_and_so_does_its_event() -> None:
    world, events, error = World(), list[Event](), RuntimeError("refused")
    outcome = run(FakeStep(world, "a", on_apply=raising(error)), with_hands=hands(events))["a"]
    assert outcome == Outcome("a", "failed", "refused", error=error)
    assert events == [StepStarted("a"), StepFinished("a", "failed", "refused", 0.0, (), error)]


def test_an_interrupted_step_says_so_and_what_needs_it_is_skipped() -> None:
    world, error = World(), Interrupted("interrupted while waiting")
    outcomes = run(FakeStep(world, "a", on_apply=raising(error)), FakeStep(world, "b", link_to="a"))
    assert outcomes == {
        "a": Outcome("a", "interrupted", "interrupted while waiting", error=error),
        "b": Outcome("b", "skipped", "waits for `a`: interrupted while waiting"),
    }


def test_a_check_that_breaks_fails_the_step() -> None:
    error = RuntimeError("no answer")
    outcomes = run(FakeStep(World(), "a", on_validate=raising(error)))
    assert outcomes == {"a": Outcome("a", "failed", "no answer", error=error)}


def test_the_first_failed_check_is_the_reason_and_all_checks_are_kept() -> None:
    first, second = Check("a.one", Status.FAILED, "open"), Check("a.two", Status.FAILED, "gone")
    skipped = Check("a.skipped", Status.SKIPPED, "no data")
    outcomes = run(FakeStep(World(), "a", checks=(skipped, OK, first, second)))
    assert outcomes == {"a": Outcome("a", "invalid", "a.one: open", (skipped, OK, first, second))}
    assert run(FakeStep(World(), "a", checks=(skipped,)))["a"].result == "created"


def test_along_a_chain_the_first_cause_is_named() -> None:
    world = World()
    steps = [FakeStep(world, "a", on_apply=raising(RuntimeError("refused")))]
    steps += [FakeStep(world, "b", link_to="a"), FakeStep(world, "c", link_to="b")]
    outcomes = run(*steps)
    assert outcomes["b"] == Outcome("b", "skipped", "waits for `a`: refused")
    assert outcomes["c"] == Outcome("c", "skipped", "waits for `a`: refused")


def test_of_several_causes_the_first_by_name_is_told() -> None:
    world = World()
    bad = [FakeStep(world, each, on_apply=raising(RuntimeError(f"{each} refused"))) for each in ("y", "x")]
    last = FakeStep(world, "last", needs=frozenset({"y", "x"}))
    assert run(*bad, last)["last"].reason == "waits for `x`: x refused"


def test_what_waits_for_a_block_is_blocked_too() -> None:
    world, now = World(), [False]

    def observe() -> None:
        if now[0]:
            blocked("somebody disabled it")()

    def disable() -> None:
        now[0] = True

    first = FakeStep(world, "a", on_apply=disable)
    second = FakeStep(world, "b", on_observe=observe, needs=frozenset({"a"}))
    third = FakeStep(world, "c", needs=frozenset({"b"}))
    outcomes = run(first, second, third)
    assert outcomes["b"] == Outcome("b", "blocked", "somebody disabled it")
    assert outcomes["c"] == Outcome("c", "blocked", "waits for `b`: somebody disabled it")


def test_a_step_written_right_that_a_person_has_to_confirm_is_theirs() -> None:
    world = World()
    mail = Odd(world, "mail", written=Observed(Thing(1), waiting_for="click the link"))
    outcomes = run(mail, FakeStep(world, "b", needs=frozenset({"mail"})))
    assert outcomes["mail"] == Outcome("mail", "operator", "click the link")
    assert outcomes["b"] == Outcome("b", "blocked", "waits for `mail`: click the link")


def test_what_waited_for_a_person_is_tried_once_they_have_done_their_part() -> None:
    world = World()
    form = FakeStep(world, "form", traits=FORM)
    graph = Graph.of([form, FakeStep(world, "b", needs=frozenset({"form"}))])
    planned = plan(graph, graph.ids(), jobs=1)
    world.things["form"] = Observed(Thing(1))
    outcomes = provision(graph, planned, hands())
    assert [(each.step, each.result, each.reason) for each in outcomes] == [
        ("form", "operator", "sign the form"),
        ("b", "blocked", "waits for `form`: sign the form"),
    ]


def test_a_pending_thing_is_told_while_it_is_awaited() -> None:
    world, events = World(), list[Event]()
    run(FakeStep(world, "a", appears_after=2), with_hands=hands(events))
    assert [each for each in events if isinstance(each, StepWaiting)] == [
        StepWaiting("a", "AWS to show what was written", 0.0),
        StepWaiting("a", "AWS to show what was written", pytest.approx(0.1)),
    ]


def test_what_never_becomes_as_wanted_fails_with_each_difference() -> None:
    world = World()
    step = Odd(world, "a", written=Observed(Thing(9, place="there")), traits=Traits(settle_s=7.4))
    outcome = run(step)["a"]
    reason = "still differs 7 s after it was written: size is 9, wanted 1; place is 'there', wanted 'here'"
    assert (outcome.step, outcome.result, outcome.reason) == ("a", "failed", reason)
    assert repr(outcome.error) == f"Unsettled({reason!r})"


def test_only_as_much_patience_as_the_kind_asks_for() -> None:
    mine = hands()
    outcome = run(FakeStep(World(), "a", appears_after=10_000, traits=Traits(settle_s=30)), with_hands=mine)["a"]
    assert outcome.reason == "still absent 30 s after it was written"
    assert mine.clock.now() == pytest.approx(30)


def test_of_several_readers_the_one_furthest_behind_is_told() -> None:
    world, looks = World(), [0]

    class Replicas(FakeStep):
        """After the write: one reader sees it right, one sees one difference, one sees two."""

        def observe(self, known: Known) -> Observed | None:
            if not self.world.log:
                return None
            with self.world.lock:
                looks[0] += 1
            return Observed([Thing(1), Thing(2, place="there"), Thing(2)][looks[0] % 3], {"arn": "arn:a"})

    outcome = run(Replicas(world, "a", traits=Traits(settle_reads=3, settle_s=0)))["a"]
    assert outcome.reason == (
        "still differs 0 s after it was written: size is 2, wanted 1; place is 'there', wanted 'here'"
    )


def test_the_facts_of_a_written_step_reach_the_steps_after_it() -> None:
    world = World()
    outcomes = run(FakeStep(world, "a", appears_after=1), FakeStep(world, "b", link_to="a"))
    assert outcomes["b"].result == "created" and world.things["b"].spec == Thing(1, link="arn:a")


def test_steps_that_were_only_looked_at_are_not_in_the_result() -> None:
    world = World({"a": Observed(Thing(1), {"arn": "arn:a"})})
    outcomes = run(FakeStep(world, "a"), FakeStep(world, "b", link_to="a"), selected=("b",))
    assert list(outcomes) == ["b"] and outcomes["b"].result == "created"


def test_every_call_is_made_on_behalf_of_its_step() -> None:
    world, entered = World(), list[str]()

    @contextmanager
    def inside(step: str) -> Iterator[None]:
        entered.append(f"in {step}")
        yield
        entered.append(f"out {step}")

    @contextmanager
    def glance() -> Iterator[None]:
        entered.append("glance")
        yield

    steps = (
        FakeStep(world, "a", on_apply=lambda: entered.append("apply")),
        FakeStep(world, "b", link_to="a", on_validate=lambda: entered.append("prove")),
    )
    run(*steps, with_hands=replace(hands(), inside=inside, glance=glance))
    looked, decided, applied = ["in a", "out a"], ["glance", "in a", "out a"], ["in a", "apply", "out a"]
    assert entered[:8] == [*looked, *decided, *applied]
    assert entered[entered.index("prove") - 1] == "in b" and entered[entered.index("prove") + 1] == "out b"


def test_a_later_phase_begins_when_what_it_needs_is_proved_and_not_before() -> None:
    world = World()
    first = FakeStep(world, "a", on_validate=lambda: world.note("prove a"))
    run(first, FakeStep(world, "b", needs=frozenset({"a"}), phase=2))
    assert world.log == ["apply a", "prove a", "apply b"]


def test_a_step_outside_the_run_holds_nobody_up() -> None:
    world = World({"kept": Observed(Thing(1))})
    outcomes = run(FakeStep(world, "kept"), FakeStep(world, "b", needs=frozenset({"kept"}), phase=2))
    assert {name: each.result for name, each in outcomes.items()} == {"kept": "kept", "b": "created"}


@pytest.mark.parametrize(("document", "together"), [("policy", [False, False]), ("", [True, True])])
def test_one_document_is_written_by_one_step_at_a_time(document: str, together: list[bool]) -> None:
    world, both, met = World(), threading.Barrier(2), list[bool]()
    traits = Traits(document=document)
    steps = [FakeStep(world, each, traits=traits, on_apply=lambda: met.append(meets(both))) for each in "ab"]
    run(*steps, with_hands=hands(jobs=2))
    assert met == together


@pytest.mark.parametrize(("phase", "together"), [(1, [True, True]), (2, [False, False])])
def test_a_proof_is_awaited_by_the_next_phase_and_not_within_its_own(phase: int, together: list[bool]) -> None:
    world, both, met = World(), threading.Barrier(2), list[bool]()
    first = FakeStep(world, "a", on_validate=lambda: met.append(meets(both)))
    then = FakeStep(world, "b", needs=frozenset({"a"}), phase=phase, on_apply=lambda: met.append(meets(both)))
    run(first, then, with_hands=hands(jobs=2))
    assert met == together


def test_each_step_is_asked_with_what_is_known_and_what_was_seen() -> None:
    assert run(Exacting(World(), "a"))["a"].result == "created"
