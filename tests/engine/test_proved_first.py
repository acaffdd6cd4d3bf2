"""What stands in an earlier phase is proved before a step that needs it is touched, in whatever run that is."""

from __future__ import annotations

from cci_lite.engine.events import Event, StepFinished
from cci_lite.engine.graph import Graph
from cci_lite.engine.model import Check, Observed, Status
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import plan
from cci_lite.engine.run import provision
from tests.engine.fakes import FakeStep, Thing, World, hands

BAD = Check("wall.ok", Status.FAILED, "the door stands open")
GOOD = Check("wall.ok", Status.PASSED, "seen")


def standing(*names: str) -> World:
    return World({name: Observed(Thing(1)) for name in names})


def run(
    *steps: FakeStep, selected: tuple[str, ...] = (), events: list[Event] | None = None, jobs: int = 1
) -> dict[str, Outcome]:
    graph = Graph.of(steps)
    found = plan(graph, selected or graph.ids(), jobs=1)
    return {each.step: each for each in provision(graph, found, hands(events, jobs=jobs))}


def house(world: World, check: Check) -> tuple[FakeStep, FakeStep, FakeStep]:
    wall = FakeStep(world, "wall", checks=(check,), on_validate=lambda: world.note("prove wall"))
    roof = FakeStep(world, "roof", phase=2, needs=frozenset({"wall"}))
    return wall, roof, FakeStep(world, "shed", phase=2)


def test_a_proof_that_failed_in_an_earlier_run_still_stops_the_next_phase() -> None:
    for jobs in (1, 4):
        world = standing("wall")
        found = run(*house(world, BAD), selected=("roof", "shed"), jobs=jobs)
        assert found["wall"] == Outcome("wall", "invalid", "wall.ok: the door stands open", (BAD,))
        assert (found["roof"].result, found["roof"].reason) == (
            "skipped",
            "waits for `wall`: wall.ok: the door stands open",
        )
        assert found["shed"].result == "created"
        assert "apply roof" not in world.log


def test_the_proof_comes_first_and_is_told() -> None:
    world, events = standing("wall"), list[Event]()
    found = run(*house(world, GOOD), selected=("roof",), events=events)
    assert {name: each.result for name, each in found.items()} == {"wall": "kept", "roof": "created"}
    assert world.log == ["prove wall", "apply roof"]
    ended = [(each.step, each.result, each.checks) for each in events if isinstance(each, StepFinished)]
    assert ended[0] == ("wall", "kept", (GOOD,))


def test_nothing_is_proved_where_no_later_phase_needs_it() -> None:
    world = standing("wall", "roof", "shed")
    assert {each.result for each in run(*house(world, BAD)).values()} == {"kept"}
    world = standing("wall")
    wall, _, shed = house(world, BAD)
    beside = FakeStep(world, "fence", needs=frozenset({"wall"}))
    found = run(wall, beside, shed)
    assert {name: each.result for name, each in found.items()} == {
        "wall": "kept",
        "fence": "created",
        "shed": "created",
    }
    assert "prove wall" not in world.log


def test_what_is_made_in_this_run_is_proved_once() -> None:
    world = World()
    run(*house(world, GOOD))
    assert world.log.count("prove wall") == 1


def test_an_interruption_before_the_proof_says_nothing_of_what_stands() -> None:
    world, asked = standing("wall"), [0]

    def stopped() -> bool:
        asked[0] += 1
        return True

    graph = Graph.of(house(world, GOOD))
    found = provision(graph, plan(graph, ["roof"], jobs=1), hands(stopped=stopped))
    assert found == () and world.log == []
