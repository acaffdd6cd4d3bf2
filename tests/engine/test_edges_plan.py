"""What a plan says of each step, word for word, and how a block of one reaches the others."""

from __future__ import annotations

import pytest

from cci_lite.engine.graph import CycleError, Graph
from cci_lite.engine.model import Action, Change, Changes, Clicks, Known, Observed, Traits
from cci_lite.engine.plan import Decision, Plan, decide, plan
from tests.engine.fakes import FakeStep, Thing, World, blocked, closed

FORM = Traits(clicks=Clicks("sign the form", "https://example.com"))


def planned(*steps: FakeStep, selected: tuple[str, ...] = ()) -> Plan:
    graph = Graph.of(steps)
    return plan(graph, selected or graph.ids(), jobs=1)


def told(result: Plan) -> dict[str, tuple[str, str, bool]]:
    """Of each step what would be done, why, and whether a person has to."""
    return {each.step.meta.id: (str(each.action), each.reason, each.person) for each in result.decisions}


def needing(world: World, id: str, *needs: str, phase: int = 1, traits: Traits | None = None) -> FakeStep:
    return FakeStep(world, id, needs=frozenset(needs), phase=phase, traits=traits or Traits())


def test_the_five_ways_a_single_step_can_stand() -> None:
    world = World(
        {
            "kept": Observed(Thing(1)),
            "theirs": Observed(Thing(1), owned=False),
            "differs": Observed(Thing(2, link="x")),
            "stuck": Observed(Thing(1, place="there")),
            "mail": Observed(Thing(9), waiting_for="click the link"),
        }
    )
    steps = [FakeStep(world, each) for each in ("absent", "kept", "theirs", "differs", "stuck", "mail")]
    assert told(planned(*steps)) == {
        "absent": ("create", "absent", False),
        "kept": ("keep", "in place", False),
        "theirs": ("keep", "in place; not made by cci-lite, so teardown will leave it", False),
        "differs": ("update", "differs: size, link", False),
        "stuck": ("blocked", "place is 'there', the runbook wants 'here': things do not move", False),
        "mail": ("operator", "click the link", True),
    }


def test_a_decision_carries_what_was_seen_and_what_differs() -> None:
    seen = Observed(Thing(7), {"arn": "arn:a"})
    step, known = FakeStep(World({"a": seen}), "a"), Known()
    assert decide(step, known) == Decision(
        step, Action.UPDATE, Changes((Change("size", 7, 1),)), "differs: size", seen, False, None
    )
    assert known.fact("a", "arn") == "arn:a"


@pytest.mark.parametrize(
    ("have", "action", "changes"),
    [
        (Observed(Thing(1)), "keep", 0),
        (Observed(Thing(7), waiting_for="click"), "operator", 1),
        (Observed(Thing(7, place="there")), "blocked", 2),
        (Observed(Thing(7), owned=False), "blocked", 1),
    ],
)
def test_what_is_not_done_still_shows_what_was_seen_and_what_differs(have: Observed, action: str, changes: int) -> None:
    step = FakeStep(World({"a": have}), "a")
    decision = decide(step, Known())
    assert (decision.step, str(decision.action), len(decision.changes)) == (step, action, changes)
    assert decision.observed is have


def test_a_block_shows_nothing_and_leaves_the_facts_of_the_step_unknown() -> None:
    step, known = FakeStep(World(), "a", on_observe=blocked("in use")), Known()
    assert decide(step, known) == Decision(step, Action.BLOCKED, Changes(), "in use", None, False, None)
    assert known.fact("a", "arn") == "(known after a)"


def test_an_absent_step_of_a_person_is_theirs_to_bring() -> None:
    step = FakeStep(World(), "form", traits=FORM)
    decision = decide(step, Known())
    assert (decision.step, decision.action, decision.reason) == (step, Action.OPERATOR, "sign the form")
    assert decision.person and decision.observed is None
    assert [each.path for each in decision.changes] == ["size", "place", "link"]


def test_somebody_elses_thing_names_the_line_that_would_allow_the_change() -> None:
    world = World({"a": Observed(Thing(2), owned=False)})
    assert told(planned(FakeStep(world, "a")))["a"][1] == (
        "exists and was not made by cci-lite; to let cci-lite change it, "
        "write `adopt: true` into step `a` of the runbook"
    )


def test_a_step_that_could_not_be_looked_at_keeps_the_error_and_shows_it() -> None:
    def refused() -> None:
        raise PermissionError("no right to look")

    step = FakeStep(World(), "a", on_observe=refused)
    found = planned(step).decisions[0]
    assert (found.step, found.changes, found.observed) == (step, Changes(), None)
    assert found.reason == "cannot be observed: no right to look"
    assert repr(found.error) == "PermissionError('no right to look')"


def test_the_first_reason_is_handed_on_along_the_whole_chain() -> None:
    world = World()
    steps = (
        FakeStep(world, "key", on_observe=blocked("it is disabled")),
        needing(world, "bucket", "key"),
        needing(world, "folder", "bucket"),
        needing(world, "alone"),
    )
    result = planned(*steps)
    reason = "waits for `key`: it is disabled"
    assert told(result) == {
        "key": ("blocked", "it is disabled", False),
        "bucket": ("blocked", reason, False),
        "folder": ("blocked", reason, False),
        "alone": ("create", "absent", False),
    }
    assert [each.step.meta.id for each in result.halted] == ["key", "bucket", "folder"]


def test_what_waits_for_a_person_waits_for_a_person_all_along_the_chain() -> None:
    world = World()
    steps = (FakeStep(world, "form", traits=FORM), needing(world, "b", "form"), needing(world, "c", "b"))
    reason = "waits for `form`: sign the form"
    assert told(planned(*steps)) == {
        "form": ("operator", "sign the form", True),
        "b": ("blocked", reason, True),
        "c": ("blocked", reason, True),
    }


def test_a_step_in_place_does_not_care_what_stands_before_it() -> None:
    world = World({"b": Observed(Thing(1))})
    result = planned(FakeStep(world, "a", on_observe=blocked("in use")), needing(world, "b", "a"))
    assert told(result)["b"] == ("keep", "in place", False)


def test_missing_steps_of_an_earlier_phase_are_counted_and_the_first_is_named() -> None:
    world = World()
    steps = [FakeStep(world, "a"), FakeStep(world, "b"), needing(world, "c", "a", "b", phase=2)]
    assert told(planned(*steps, selected=("c",))) == {
        "c": (
            "blocked",
            "needs `a` and 1 more, not in place (absent); first run: cci-lite provision --phase 1",
            False,
        )
    }
    alone = planned(FakeStep(world, "a"), needing(world, "c", "a", phase=2), selected=("c",))
    assert told(alone)["c"][1] == "needs `a`, not in place (absent); first run: cci-lite provision --phase 1"


@pytest.mark.parametrize(
    ("there", "told"), [(None, "nobody can read the bucket"), (Observed(Thing(2)), "differs: size")]
)
def test_what_the_absence_of_a_step_means_is_told_while_it_is_absent(there: Observed | None, told: str) -> None:
    world = World({"a": there} if there else {})
    first = FakeStep(world, "a", traits=Traits(missing="nobody can read the bucket"))
    result = planned(first, needing(world, "c", "a", phase=2), selected=("c",))
    assert result.decisions[0].reason.startswith(f"needs `a`, not in place ({told}); first run")


def test_what_is_missing_outside_is_no_persons_doing_even_for_a_persons_step() -> None:
    world = World()
    result = planned(FakeStep(world, "a"), needing(world, "form", "a", phase=2, traits=FORM), selected=("form",))
    assert told(result)["form"][0::2] == ("blocked", False)


def test_steps_outside_the_selection_are_shown_as_they_are() -> None:
    world = World({"a": Observed(Thing(2))})
    result = planned(FakeStep(world, "key"), needing(world, "a", "key"), needing(world, "b", "a"), selected=("b",))
    assert [(each.step.meta.id, str(each.action)) for each in result.context] == [("key", "create"), ("a", "update")]
    assert told(result)["b"][1].startswith("needs `a`, not in place (differs: size)")


def test_what_is_blocked_by_itself_says_so_and_stops_the_run_whoever_it_waits_for() -> None:
    """Behind a person's step it would pass for one that only waits, and the rest of the run would be written."""
    world = World({"theirs": Observed(Thing(2), owned=False)})
    steps = (FakeStep(world, "form", traits=FORM), needing(world, "theirs", "form"), FakeStep(world, "new"))
    result = planned(*steps)
    assert told(result)["theirs"][1].startswith("exists and was not made by cci-lite")
    assert [each.step.meta.id for each in result.halted] == ["theirs"]


def test_no_command_is_named_for_what_only_a_person_can_bring() -> None:
    world = World()
    result = planned(FakeStep(world, "form", traits=FORM), needing(world, "a", "form", phase=2), selected=("a",))
    assert told(result)["a"][1] == "needs `form`, not in place (sign the form)"


def test_what_no_run_may_make_is_known_not_to_be_there() -> None:
    world = World()
    shut, stuck = planned(
        FakeStep(world, "a", on_observe=closed("ask its administrator")),
        FakeStep(world, "b", on_observe=blocked("pending deletion")),
    ).decisions
    assert (shut.action, shut.reason, shut.nothing_there) == (Action.BLOCKED, "ask its administrator", True)
    assert (stuck.action, stuck.reason, stuck.nothing_there) == (Action.BLOCKED, "pending deletion", False)


def test_a_plan_sorts_its_decisions_by_what_would_be_done() -> None:
    world = World({"kept": Observed(Thing(1)), "differs": Observed(Thing(2))})
    result = planned(*(FakeStep(world, each) for each in ("absent", "kept", "differs")))
    assert [each.step.meta.id for each in result.pending] == ["absent", "differs"]
    assert [each.step.meta.id for each in result.having(Action.KEEP)] == ["kept"]
    assert not result.in_place


def test_facts_that_nobody_orders_are_still_read_before_they_are_used() -> None:
    world = World({"a": Observed(Thing(1), {"arn": "arn:a"}), "b": Observed(Thing(1, link="arn:a"))})
    assert told(planned(FakeStep(world, "b", link_to="a"), FakeStep(world, "a"))) == {
        "a": ("keep", "in place", False),
        "b": ("keep", "in place", False),
    }


def test_a_circle_keeps_its_members() -> None:
    error = CycleError(["a", "b", "a"])
    assert error.members == ("a", "b", "a") and str(error) == "a -> b -> a"
