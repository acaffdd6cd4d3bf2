"""What every step promises of things that somebody changes or deletes behind our back."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cci_lite.engine.graph import ordered
from cci_lite.engine.model import Action, Meta
from cci_lite.engine.plan import Decision, Plan
from cci_lite.runbook import Runbook
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


def named_and_repaired(world: World, edits: Iterable[Edit], *steps: str) -> None:
    """After edits the plan names their paths, and differs in nothing but their steps; a run changes these alone and
    leaves nothing that differs. Each step gets one edit at a time.

    steps: those that are looked at; all, when none is named.
    """
    for each in rounds(edits):
        _named_and_repaired(world, each, steps)
    assert differing(world.plan(*steps)) == []


def _named_and_repaired(world: World, edits: Round, steps: Iterable[str]) -> None:
    """What the round before has left differing differs here as well."""
    for _, spoil in edits.values():
        spoil(world)
    seen = world.plan(*steps)
    changes = {each.step.meta.id: each.changes for each in differing(seen)}
    assert changes.keys() == edits.keys()
    assert {step: path for step, (path, _) in edits.items() if not changes[step].touch(path)} == {}
    repaired = world.provision(found=seen)
    assert reasons(repaired) == {}
    assert {step for step, each in repaired.items() if each.result in ("created", "updated")} == edits.keys()


def apart(runbook: Runbook, steps: Collection[str]) -> list[tuple[str, ...]]:
    """The steps in groups whose members can be removed at once: none needs another, none is of another's kind."""
    of = {each.meta.id: each.meta for each in runbook.entries}
    above: dict[str, set[str]] = {}
    groups: list[list[str]] = []
    for step in ordered({name: each.needs for name, each in of.items()}):
        above[step] = set(of[step].needs).union(*(above[each] for each in of[step].needs))
        if step in steps:
            free = (each for each in groups if not any(_near(of[step], of[one], above[step]) for one in each))
            group = next(free, None)
            if group is None:
                groups.append(group := [])
            group.append(step)
    return [tuple(each) for each in groups]


def _near(step: Meta, other: Meta, above: Collection[str]) -> bool:
    return other.id in above or other.kind == step.kind


def comes_back(world: World, *steps: str, again: bool = True) -> None:
    """After their removal steps are made again. again: they are removed twice, as when the first answer was lost."""
    known = world.plan(*steps).known
    for step in steps:
        target = world.graph[step]
        have = target.observe(known)
        assert have is not None
        for _ in range(2 if again else 1):
            target.remove(have, known)
    seen = world.plan()
    missing = {each.step.meta.id: str(each.action) for each in differing(seen)}
    assert {step: missing.get(step) for step in steps if missing.get(step) not in ("create", "update")} == {}
    assert reasons(world.provision(found=seen)) == {}
    assert differing(world.plan()) == []
