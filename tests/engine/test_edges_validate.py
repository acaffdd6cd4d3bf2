"""Validation: every selected step ends with checks, whatever happens while they are made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from cci_lite.engine.clock import Interrupted
from cci_lite.engine.events import Event, StepFinished, StepStarted
from cci_lite.engine.graph import Graph
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Check, Clicks, Meta, Observed, Status, Traits
from cci_lite.engine.plan import plan
from cci_lite.engine.validate import Verdict, phases_ahead, validate
from tests.engine.exacting import Exacting, meets
from tests.engine.fakes import FakeStep, Thing, World, blocked, hands

GOOD = Check("a.ok", Status.PASSED, "seen")
BAD = Check("a.denied", Status.FAILED, "the upload was accepted", "look at the policy")
OPEN = Check("a.healthy", Status.SKIPPED, "no data yet")
FORM = Traits(clicks=Clicks("sign the form", "https://example.com"))


@dataclass
class Lined(FakeStep):
    """A step with the plan's own line."""

    @property
    def meta(self) -> Meta:
        return replace(super().meta, plan_line="Key shows alias")


def verdicts(*steps: FakeStep, with_hands: Hands | None = None) -> tuple[Verdict, ...]:
    graph = Graph.of(steps)
    return validate(plan(graph, graph.ids(), jobs=1), with_hands or hands())


def ahead(*steps: FakeStep) -> frozenset[int]:
    graph = Graph.of(steps)
    return phases_ahead(plan(graph, graph.ids(), jobs=1))


def in_place(*names: str) -> World:
    return World({name: Observed(Thing(1)) for name in names})


def test_checks_of_every_step_in_the_order_of_the_runbook() -> None:
    world = in_place("b", "a")
    found = verdicts(FakeStep(world, "b", checks=(GOOD, BAD)), FakeStep(world, "a", checks=(OPEN,)))
    assert [(each.decision.step.meta.id, each.checks) for each in found] == [("b", (GOOD, BAD)), ("a", (OPEN,))]


@pytest.mark.parametrize(
    ("checks", "result"), [((GOOD,), "valid"), ((GOOD, BAD), "invalid"), ((OPEN,), "valid"), ((OPEN, GOOD), "valid")]
)
def test_a_step_is_invalid_when_one_of_its_checks_failed(checks: tuple[Check, ...], result: str) -> None:
    world, events = in_place("a"), list[Event]()
    mine = hands(events)
    mine.clock.sleep(100)
    slow = FakeStep(world, "a", checks=checks, on_validate=lambda: mine.clock.sleep(3))
    verdicts(slow, with_hands=mine)
    assert events == [StepStarted("a"), StepFinished("a", result, "", 3.0, checks)]


def test_an_absent_step_fails_with_the_command_that_brings_it() -> None:
    world = World()
    assert verdicts(Lined(world, "a"))[0].checks == (
        Check("a.in-place", Status.FAILED, "absent", "cci-lite provision --phase 1", "Key shows alias"),
    )


def test_a_step_that_differs_is_not_probed() -> None:
    world = World({"a": Observed(Thing(2))})
    check = verdicts(FakeStep(world, "a", checks=(GOOD,)))[0].checks[0]
    assert (check.id, check.status, check.evidence) == ("a.in-place", Status.FAILED, "differs: size")


def test_what_a_person_has_to_do_is_no_failure() -> None:
    world = World()
    form, behind = verdicts(Lined(world, "form", traits=FORM), FakeStep(world, "b", needs=frozenset({"form"})))
    hint = "a person has to do this; then run `cci-lite provision`"
    assert form.checks == (Check("form.in-place", Status.SKIPPED, "sign the form", hint, "Key shows alias"),)
    assert behind.checks == (Check("b.in-place", Status.SKIPPED, "waits for `form`: sign the form", hint, ""),)


def test_a_block_is_a_failure() -> None:
    step = FakeStep(World(), "a", on_observe=blocked("the key is disabled"))
    check = verdicts(step)[0].checks[0]
    assert (check.id, check.status, check.evidence) == ("a.in-place", Status.FAILED, "the key is disabled")


def test_the_phases_behind_the_last_one_of_which_anything_stands_are_ahead() -> None:
    for there, expected in {("a",): {2, 3}, ("a", "b"): {3}, ("b",): {3}, ("c",): set(), ("a", "c"): set()}.items():
        world = in_place(*there)
        steps = [FakeStep(world, name, phase=number) for number, name in enumerate("abc", start=1)]
        assert ahead(*steps) == expected, there


def test_where_nothing_stands_no_phase_is_ahead() -> None:
    assert ahead(FakeStep(World(), "a", phase=1), FakeStep(World(), "b", phase=2)) == frozenset()


def test_a_phase_of_which_a_part_stands_differs_or_cannot_be_seen_is_not_ahead() -> None:
    differing = World({"a": Observed(Thing(1)), "c": Observed(Thing(9))})
    assert (
        ahead(*(FakeStep(differing, name, phase=number) for name, number in (("a", 1), ("b", 2), ("c", 2))))
        == frozenset()
    )
    world = in_place("a")
    unseen = FakeStep(world, "b", phase=2, on_observe=blocked("access denied"))
    assert ahead(FakeStep(world, "a", phase=1), unseen) == frozenset()


def test_what_only_a_person_makes_begins_no_phase() -> None:
    world = in_place("a", "form")
    form = FakeStep(world, "form", phase=2, traits=FORM)
    assert ahead(FakeStep(world, "a", phase=1), form, FakeStep(world, "b", phase=2)) == {2}
    absent = in_place("a")
    waiting = FakeStep(absent, "b", phase=2, needs=frozenset({"form"}))
    assert ahead(FakeStep(absent, "a", phase=1), FakeStep(absent, "form", phase=2, traits=FORM), waiting) == {2}


def test_of_a_phase_ahead_nothing_is_asked_and_nothing_is_called_passed() -> None:
    world, asked, events = in_place("a", "form"), list[str](), list[Event]()
    form = FakeStep(world, "form", phase=2, on_validate=lambda: asked.append("form"))
    graph = Graph.of([FakeStep(world, "a", phase=1, checks=(GOOD,)), form])
    first, second = validate(plan(graph, graph.ids(), jobs=1), hands(events), frozenset({2}))
    assert (first.checks, first.result, first.ahead) == ((GOOD,), "valid", False)
    hint = "cci-lite provision --phase 2"
    assert second.checks == (Check("form.in-place", Status.SKIPPED, "phase 2 is not begun", hint),)
    assert (second.result, second.ahead, asked) == ("absent", True, [])
    assert events[-1] == StepFinished("form", "absent", "", 0.0, second.checks)


class Breaking(Lined):
    """Proves one thing, then ends with `error`."""

    error: Exception = RuntimeError("no answer")

    def validate(self, have: Observed, known: object) -> Iterator[Check]:
        yield GOOD
        raise self.error


def test_a_check_that_cannot_be_completed_fails_and_hides_no_other() -> None:
    world = in_place("a", "b")
    broken, fine = verdicts(Breaking(world, "a"), FakeStep(world, "b", checks=(BAD,)))
    hint = "see the reason; the step itself is in place"
    assert broken.checks == (GOOD, Check("a.completed", Status.FAILED, "no answer", hint, "Key shows alias"))
    assert fine.checks == (BAD,)


def test_an_interrupted_check_is_skipped_and_says_what_to_run() -> None:
    step = Breaking(in_place("a"), "a")
    step.error = Interrupted("interrupted while waiting")
    assert verdicts(step)[0].checks == (
        GOOD,
        Check(
            "a.completed",
            Status.SKIPPED,
            "interrupted while waiting",
            "run `cci-lite validate` again",
            "Key shows alias",
        ),
    )


def test_steps_that_were_not_begun_before_a_stop_are_missing() -> None:
    world, began = in_place("a", "b"), list[str]()
    steps = (FakeStep(world, "a", on_validate=lambda: began.append("a")), FakeStep(world, "b"))
    found = verdicts(*steps, with_hands=hands(stopped=lambda: bool(began)))
    assert [each.decision.step.meta.id for each in found] == ["a"]


def test_probes_are_made_on_behalf_of_their_step() -> None:
    entered: list[str] = []

    @contextmanager
    def inside(step: str) -> Iterator[None]:
        entered.append(step)
        yield

    world = in_place("a", "b")
    steps = (FakeStep(world, "a"), FakeStep(world, "b", on_validate=lambda: entered.append("probe")))
    verdicts(*steps, with_hands=replace(hands(), inside=inside))
    assert entered == ["a", "b", "probe"]


@pytest.mark.parametrize(("document", "together"), [("policy", [False, False]), ("", [True, True])])
def test_probes_of_one_document_are_made_one_at_a_time(document: str, together: list[bool]) -> None:
    world, both, met = in_place("a", "b"), threading.Barrier(2), list[bool]()
    traits = Traits(document=document)
    steps = [FakeStep(world, each, traits=traits, on_validate=lambda: met.append(meets(both))) for each in "ab"]
    verdicts(*steps, with_hands=hands(jobs=2))
    assert met == together


def test_each_step_is_asked_with_what_is_known_and_what_was_seen() -> None:
    world = World({"a": Observed(Thing(1), {"arn": "arn:a"})})
    assert verdicts(Exacting(world, "a"))[0].checks == (Check("a.ok", Status.PASSED, "seen"),)
