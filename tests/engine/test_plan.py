from __future__ import annotations

from cci_lite.engine.graph import Graph
from cci_lite.engine.model import Action, Clicks, Observed, Traits
from cci_lite.engine.plan import Plan, plan
from tests.engine.fakes import FakeStep, Thing, World, blocked


def planned(*steps: FakeStep, selected: tuple[str, ...] = ()) -> Plan:
    graph = Graph.of(steps)
    return plan(graph, selected or graph.ids(), jobs=2)


def actions(result: Plan) -> dict[str, str]:
    return {each.step.meta.id: str(each.action) for each in result.decisions}


def test_an_absent_thing_would_be_created_with_every_field() -> None:
    result = planned(FakeStep(World(), "a"))
    assert actions(result) == {"a": "create"}
    assert next((each.path, each.have, each.want) for each in result.decisions[0].changes) == ("size", None, 1)


def test_a_thing_as_wanted_is_kept() -> None:
    result = planned(FakeStep(World({"a": Observed(Thing(1))}), "a"))
    assert actions(result) == {"a": "keep"} and result.in_place


def test_a_difference_is_named_by_its_path() -> None:
    result = planned(FakeStep(World({"a": Observed(Thing(7))}), "a"))
    assert actions(result) == {"a": "update"}
    assert [(each.path, each.have, each.want) for each in result.decisions[0].changes] == [("size", 7, 1)]


def test_an_immutable_difference_blocks_and_says_why() -> None:
    result = planned(FakeStep(World({"a": Observed(Thing(1, place="there"))}), "a"))
    assert actions(result) == {"a": "blocked"}
    assert "things do not move" in result.decisions[0].reason


def test_a_thing_somebody_else_made_is_not_changed_without_consent() -> None:
    world = World({"a": Observed(Thing(7), owned=False)})
    assert actions(planned(FakeStep(world, "a"))) == {"a": "blocked"}
    assert "adopt: true" in planned(FakeStep(world, "a")).decisions[0].reason
    assert actions(planned(FakeStep(world, "a", adopt=True))) == {"a": "update"}


def test_a_thing_somebody_else_made_is_fine_when_it_is_as_wanted() -> None:
    assert actions(planned(FakeStep(World({"a": Observed(Thing(1), owned=False)}), "a"))) == {"a": "keep"}


def test_a_fact_of_an_absent_step_is_known_after_it() -> None:
    world = World()
    result = planned(FakeStep(world, "a"), FakeStep(world, "b", link_to="a"))
    link = next(each for each in result.decisions[1].changes if each.path == "link")
    assert link.want == "(known after a)"


def test_what_stands_behind_a_block_is_blocked_too_and_says_by_what() -> None:
    world = World()
    result = planned(
        FakeStep(world, "a", on_observe=blocked("the key is disabled")), FakeStep(world, "b", needs=frozenset({"a"}))
    )
    assert actions(result) == {"a": "blocked", "b": "blocked"}
    assert result.decisions[1].reason == "waits for `a`: the key is disabled"
    assert len(result.halted) == 2


def test_only_a_person_can_lift_an_operator_step_and_it_does_not_stop_the_others() -> None:
    world = World()
    clicks = Traits(clicks=Clicks("sign the form", "https://example.com"))
    result = planned(
        FakeStep(world, "form", traits=clicks), FakeStep(world, "b", needs=frozenset({"form"})), FakeStep(world, "c")
    )
    assert actions(result) == {"form": "operator", "b": "blocked", "c": "create"}
    assert result.halted == ()


def test_a_missing_step_of_an_earlier_phase_blocks_with_the_command_that_brings_it() -> None:
    world = World()
    result = planned(FakeStep(world, "a"), FakeStep(world, "b", needs=frozenset({"a"}), phase=2), selected=("b",))
    assert actions(result) == {"b": "blocked"}
    assert result.decisions[0].reason.endswith("first run: cci-lite provision --phase 1")


def test_an_earlier_phase_in_place_is_only_looked_at() -> None:
    world = World({"a": Observed(Thing(1), {"arn": "arn:a"})})
    result = planned(FakeStep(world, "a"), FakeStep(world, "b", link_to="a", phase=2), selected=("b",))
    assert actions(result) == {"b": "create"}
    assert [each.step.meta.id for each in result.context] == ["a"]


def test_a_step_that_cannot_be_observed_is_blocked_and_the_others_are_still_shown() -> None:
    def broken() -> None:
        raise PermissionError("no right to look")

    world = World()
    result = planned(FakeStep(world, "a", on_observe=broken), FakeStep(world, "b"))
    assert actions(result) == {"a": "blocked", "b": "create"}
    assert isinstance(result.decisions[0].error, PermissionError)


def test_planning_changes_nothing() -> None:
    world = World()
    planned(FakeStep(world, "a"), FakeStep(world, "b", link_to="a"))
    assert world.log == [] and world.things == {}


def test_the_order_is_the_runbooks_order_whatever_finished_first() -> None:
    world = World()
    steps = [FakeStep(world, name) for name in ("c", "a", "b")]
    assert list(actions(planned(*steps))) == ["c", "a", "b"]


def test_a_pending_confirmation_is_never_success() -> None:
    world = World({"mail": Observed(Thing(1), waiting_for="click the link")})
    result = planned(FakeStep(world, "mail"))
    assert result.decisions[0].action is Action.OPERATOR and result.decisions[0].reason == "click the link"
