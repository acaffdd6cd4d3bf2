"""What every step promises of things that somebody changes or deletes behind our back."""

from __future__ import annotations

from collections.abc import Iterable

from cci_lite.engine.model import Action
from cci_lite.engine.plan import Decision, Plan
from tests.steps.spoils import Spoil
from tests.world import World, reasons

Edit = tuple[str, str, Spoil]  # step, path of what then differs, how it is done
Round = dict[str, tuple[str, Spoil]]  # by step


def differing(plan: Plan) -> list[Decision]:
    return [each for each in plan.decisions if each.action is not Action.KEEP]


def rounds(edits: Iterable[Edit]) -> list[Round]:
    """The edits, one of each step at a time."""
    found: list[Round] = []
    for step, path, spoil in edits:
        free = next((each for each in found if step not in each), None)
        if free is None:
            found.append(free := {})
        free[step] = (path, spoil)
    return found


def named_and_repaired(world: World, edits: Round, *steps: str) -> None:
    """After the edits the plan names their paths, and differs in nothing but their steps; a run changes these alone and
    leaves nothing that differs.

    steps: those that are looked at; all, when none is named.
    """
    for _, spoil in edits.values():
        spoil(world)
    seen = world.plan(*steps)
    changes = {each.step.meta.id: each.changes for each in differing(seen)}
    unnamed = {step: path for step, (path, _) in edits.items() if not changes[step].touch(path)}
    assert (changes.keys(), unnamed) == (edits.keys(), {})
    repaired = world.provision(found=seen)
    assert reasons(repaired) == {}
    assert {step for step, each in repaired.items() if each.result in ("created", "updated")} == edits.keys()
    assert differing(world.plan(*steps)) == []


def comes_back(world: World, step: str, *, again: bool = True) -> None:
    """After its removal a step is made again. again: it is removed twice, as when the first answer was lost."""
    known = world.plan(step).known
    target = world.graph[step]
    have = target.observe(known)
    assert have is not None
    for _ in range(2 if again else 1):
        target.remove(have, known)
    seen = world.plan()
    assert {str(each.action) for each in differing(seen) if each.step.meta.id == step} <= {"create", "update"}
    assert step in [each.step.meta.id for each in differing(seen)]
    assert reasons(world.provision(found=seen)) == {}
    assert differing(world.plan()) == []
