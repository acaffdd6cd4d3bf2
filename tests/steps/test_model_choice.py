"""Which model writes the summaries: the first candidate that lasts, and one that can be used rather than none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.world import World, account

BEST, NEXT, LAST = (
    "anthropic.claude-haiku-5-5",
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "amazon.nova-lite-v1:0",
)


def choice(world: World) -> str:
    (decision,) = world.plan("summary-model").decisions
    return decision.observed.facts["id"] if decision.observed else str(decision.action)


def proved(world: World) -> str:
    found = world.plan("summary-model")
    (decision,) = found.decisions
    assert decision.observed is not None
    (check,) = decision.step.validate(decision.observed, found.known)
    return check.evidence


def life(world: World, days: int, status: str = "ACTIVE") -> dict[str, Any]:
    return {"status": status, "endOfLifeTime": world.clock.utc() + timedelta(days=days)}


def test_a_model_that_is_about_to_end_gives_way_to_the_next_one_that_lasts() -> None:
    with account() as world:
        lives = world.rules.lives
        assert choice(world) == f"eu.{BEST}"
        lives[BEST] = life(world, 200)
        assert choice(world) == f"eu.{BEST}"
        lives[BEST] = life(world, 60)
        assert choice(world) == f"eu.{NEXT}"
        lives[NEXT], lives[LAST] = life(world, 400, "LEGACY"), life(world, 30)
        assert choice(world) == f"eu.{BEST}"  # nothing lasts: the best that can be used
        lives[BEST] = life(world, -1)
        assert choice(world) == f"eu.{LAST}"
        lives[LAST] = life(world, -1)
        assert choice(world) == "operator"


def test_how_long_a_model_lasts_is_told_with_its_answer() -> None:
    with account() as world:
        for each in (BEST, NEXT, LAST):
            world.rules.lives[each] = life(world, 60)
        evidence = proved(world)
        day = world.clock.utc() + timedelta(days=60)
        assert evidence.endswith(f"it ends on {day:%Y-%m-%d}, so put another before it")
