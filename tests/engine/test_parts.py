"""A part of what is not there is not asked for, and where nothing of ours was found, nothing much is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from cci_lite.engine.graph import Graph
from cci_lite.engine.model import Known, Observed
from cci_lite.engine.plan import Plan, plan
from cci_lite.engine.run import FRESH_S, provision
from cci_lite.engine.teardown import plan_removal
from tests.engine.fakes import FakeStep, Thing, World, blocked, closed, hands


class Watched(FakeStep):
    """Notes every look, and whether what it asks for was called unlikely."""

    def observe(self, known: Known) -> Observed | None:
        self.world.note(f"look {self.id}{' (unlikely)' * _unlikely}")
        return super().observe(known)


_unlikely = False


@contextmanager
def unlikely() -> Iterator[None]:
    global _unlikely
    _unlikely = True
    try:
        yield
    finally:
        _unlikely = False


def planned(*steps: FakeStep) -> Plan:
    graph = Graph.of(steps)
    return plan(graph, graph.ids(), jobs=1, unlikely=unlikely)


def actions(found: Plan) -> dict[str, str]:
    return {each.step.meta.id: str(each.action) for each in found.decisions}


def test_a_part_of_what_is_absent_is_absent_and_nobody_asks() -> None:
    world = World({"part": Observed(Thing(7))})
    found = planned(Watched(world, "part", whole="whole"), Watched(world, "whole"), Watched(world, "bit", whole="part"))
    assert actions(found) == {"whole": "create", "part": "create", "bit": "create"}
    assert [each.reason for each in found.decisions] == ["absent"] * 3
    assert world.log == ["look whole"]


def test_a_part_of_what_is_there_is_looked_at_after_it() -> None:
    world = World({"whole": Observed(Thing(1)), "part": Observed(Thing(7))})
    found = planned(Watched(world, "part", whole="whole"), Watched(world, "whole"))
    assert actions(found) == {"whole": "keep", "part": "update"}
    assert world.log == ["look whole", "look part"]


def test_a_part_of_what_may_not_be_made_waits_for_it() -> None:
    world = World()
    found = planned(FakeStep(world, "whole", on_observe=closed("not here")), Watched(world, "part", whole="whole"))
    assert actions(found) == {"whole": "blocked", "part": "blocked"} and world.log == []
    assert found.decisions[1].reason == "waits for `whole`: not here"


def refused() -> None:
    raise RuntimeError("access denied")


@pytest.mark.parametrize("unseen", [blocked("in a state of its own"), refused])
def test_where_the_whole_cannot_be_seen_its_parts_are_looked_at(unseen: object) -> None:
    world = World({"part": Observed(Thing(7))})
    whole = FakeStep(world, "whole", on_observe=unseen)  # type: ignore[arg-type]
    planned(whole, Watched(world, "part", whole="whole"))
    assert world.log == ["look part"]


def test_while_only_absent_things_were_seen_the_next_is_unlikely() -> None:
    world = World({"c": Observed(Thing(1))})
    planned(*(Watched(world, each) for each in "abcd"))
    assert world.log == ["look a", "look b (unlikely)", "look c (unlikely)", "look d"]


def test_what_is_not_ours_makes_nothing_likely() -> None:
    world = World({"a": Observed(Thing(1), owned=False)})
    planned(*(Watched(world, each) for each in "abc"))
    assert world.log == ["look a", "look b", "look c (unlikely)"]


def test_a_teardown_asks_for_no_part_of_what_is_not_there() -> None:
    world = World({"part": Observed(Thing(1)), "other": Observed(Thing(1))})
    steps = [Watched(world, "whole"), Watched(world, "part", whole="whole"), Watched(world, "other")]
    found = plan_removal(Graph.of(steps), ["whole", "part", "other"], consent=frozenset(), jobs=1)
    assert {each.step.meta.id: each.action for each in found.items} == {
        "whole": "absent",
        "part": "absent",
        "other": "remove",
    }
    assert world.log == ["look whole", "look other"]


def test_a_part_of_what_was_just_made_is_created_without_a_look() -> None:
    world = World()
    graph = Graph.of([FakeStep(world, "whole"), Watched(world, "part", whole="whole")])
    found = plan(graph, graph.ids(), jobs=1)
    outcomes = provision(graph, found, hands())
    assert [each.result for each in outcomes] == ["created", "created"]
    assert world.log == ["apply whole", "apply part", "look part"]


def test_a_part_is_looked_at_where_making_the_whole_took_long() -> None:
    world, mine = World(), hands()
    whole = FakeStep(world, "whole", on_apply=lambda: mine.clock.sleep(FRESH_S + 0.1))
    graph = Graph.of([whole, Watched(world, "part", whole="whole")])
    provision(graph, plan(graph, graph.ids(), jobs=1), mine)
    assert world.log == ["apply whole", "look part", "apply part", "look part"]


def test_a_part_is_looked_at_ahead_where_the_whole_was_made_long_ago() -> None:
    """Not at its write, where everybody behind it would wait: only a look ahead calls it unlikely."""
    world, mine = World(), replace(hands(), unlikely=unlikely)
    later = FakeStep(world, "later", needs=frozenset({"whole"}), on_apply=lambda: mine.clock.sleep(FRESH_S + 0.1))
    part = Watched(world, "part", whole="whole", needs=frozenset({"later"}))
    graph = Graph.of([FakeStep(world, "whole"), later, part])
    provision(graph, plan(graph, graph.ids(), jobs=1), mine)
    assert world.log == ["apply whole", "apply later", "look part (unlikely)", "apply part", "look part"]


def test_a_part_that_cannot_say_what_it_wants_stops_nobody_elses_look() -> None:
    class Speechless(FakeStep):
        def desired(self, known: Known) -> Thing:
            raise RuntimeError("no words")

    world = World({"z": Observed(Thing(1))})
    found = planned(FakeStep(world, "whole"), Speechless(world, "part", whole="whole"), FakeStep(world, "z"))
    assert actions(found) == {"whole": "create", "part": "blocked", "z": "keep"}


def test_a_part_of_what_was_only_changed_is_looked_at() -> None:
    world = World({"whole": Observed(Thing(7))})
    graph = Graph.of([FakeStep(world, "whole"), Watched(world, "part", whole="whole")])
    found = plan(graph, graph.ids(), jobs=1)
    world.log.clear()
    provision(graph, found, hands())
    assert world.log == ["apply whole", "look part", "apply part", "look part"]
