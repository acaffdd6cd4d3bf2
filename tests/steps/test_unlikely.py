"""Of what is probably not there nothing more is asked than whether it is; of what is there, the same as always."""

from __future__ import annotations

import pytest

from cci_lite.aws import scope
from cci_lite.engine.model import Known, Observed
from tests.world import World, account

#: Steps that ask for a thing and its parts, and how many calls that is.
WHOLE = {
    "input-bucket": 4,
    "processor-role": 2,
    "processor-logs": 2,
    "processor-failures": 3,
    "models-parameter": 2,
    "alarm-topic": 2,
    "errors-alarm": 2,
    "transcribe-state": 3,
    "catch-up": 3,
}


def look(world: World, step: str, known: Known) -> tuple[Observed | None, Observed | None, int, int]:
    """What an unlikely and a usual look see, and how many calls each of them made."""
    world.rules.forget()
    with scope.unlikely():
        unlikely = world.graph[step].observe(known)
    first = len(world.rules.calls)
    usual = world.graph[step].observe(known)
    return unlikely, usual, first, len(world.rules.calls) - first


@pytest.mark.parametrize("step", WHOLE)
def test_one_call_tells_that_a_thing_is_not_there(step: str) -> None:
    with account() as world:
        unlikely, usual, calls, _ = look(world, step, Known())
        assert (unlikely, usual, calls) == (None, None, 1)


def test_what_is_there_is_seen_whole() -> None:
    with account() as world:
        world.stand()
        known = world.plan().known
        for step, calls in WHOLE.items():
            unlikely, usual, first, second = look(world, step, known)
            assert unlikely is not None and unlikely == usual
            assert (step, first, second) == (step, calls, calls)
