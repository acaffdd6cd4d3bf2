from __future__ import annotations

from cci_lite.engine.graph import Graph
from cci_lite.engine.model import Observed, Traits
from cci_lite.engine.teardown import plan_removal, teardown
from tests.engine.fakes import FakeStep, Thing, World, blocked, hands


def take_down(
    *steps: FakeStep, consent: frozenset[str] = frozenset(), selected: tuple[str, ...] = ()
) -> dict[str, str]:
    graph = Graph.of(steps)
    removals = plan_removal(graph, selected or graph.ids(), consent=consent, jobs=2)
    return {each.step: each.result for each in teardown(removals, hands())}


def there(*names: str, owned: bool = True) -> World:
    return World({name: Observed(Thing(1), {"arn": f"arn:{name}"}, owned) for name in names})


def test_what_depends_on_others_goes_first() -> None:
    world = there("a", "b", "c")
    take_down(FakeStep(world, "a"), FakeStep(world, "b", needs=frozenset({"a"})), FakeStep(world, "c", link_to="b"))
    assert world.log == ["remove c", "remove b", "remove a"] and world.things == {}


def test_a_second_teardown_does_nothing() -> None:
    world = there("a")
    take_down(FakeStep(world, "a"))
    world.log.clear()
    assert take_down(FakeStep(world, "a")) == {"a": "absent"} and world.log == []


def test_what_somebody_else_made_is_released_and_stays() -> None:
    world = there("a", owned=False)
    assert take_down(FakeStep(world, "a")) == {"a": "released"} and "a" in world.things


def test_data_stays_without_consent_by_name() -> None:
    world = there("bucket")
    step = FakeStep(world, "bucket", keep_reason="it is not empty")
    assert take_down(step) == {"bucket": "retained"} and "bucket" in world.things
    assert take_down(step, consent=frozenset({"bucket"})) == {"bucket": "removed"}


def test_what_a_retained_thing_needs_stays_with_it() -> None:
    world = there("key", "bucket")
    result = take_down(FakeStep(world, "key"), FakeStep(world, "bucket", link_to="key", keep_reason="not empty"))
    assert result == {"bucket": "retained", "key": "retained"}


def test_what_guards_a_retained_thing_stays_with_it() -> None:
    world = there("bucket", "policy")
    guard = FakeStep(world, "policy", needs=frozenset({"bucket"}), traits=Traits(guards="bucket"))
    assert take_down(FakeStep(world, "bucket", keep_reason="not empty"), guard) == {
        "policy": "retained",
        "bucket": "retained",
    }


def test_selecting_a_step_takes_down_what_needs_it_too() -> None:
    world = there("a", "b", "c")
    steps = (FakeStep(world, "a"), FakeStep(world, "b", needs=frozenset({"a"})), FakeStep(world, "c"))
    assert take_down(*steps, selected=("a",)) == {"b": "removed", "a": "removed"}
    assert set(world.things) == {"c"}


def test_a_thing_stays_while_something_that_needs_it_could_not_go() -> None:
    world = there("a", "b")

    class Stuck(FakeStep):
        def remove(self, have: Observed, known: object) -> None:
            raise RuntimeError("in use")

    stuck = Stuck(world, "b", needs=frozenset({"a"}))
    assert take_down(FakeStep(world, "a"), stuck) == {"b": "failed", "a": "skipped"}
    assert "a" in world.things


def test_what_no_run_may_touch_stays_with_its_reason() -> None:
    world = there("a")
    graph = Graph.of([FakeStep(world, "a", on_observe=blocked("the name belongs to another account"))])
    removals = plan_removal(graph, graph.ids(), consent=frozenset(), jobs=1)
    assert [(each.action, each.reason) for each in removals.items] == [
        ("retain", "the name belongs to another account")
    ]
