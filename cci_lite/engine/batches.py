"""Which steps one call can write. May import engine.graph and engine.model only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cci_lite.engine.graph import CycleError, ordered
from cci_lite.engine.model import Step

Batches = dict[str, tuple[str, ...]]


def batches(steps: Sequence[Step]) -> Batches:
    """The ids of `steps`, those of one phase that one call can write together, by the first of them.

    Almost every step is alone. Where a batch would make steps wait for each other, all of them are alone.
    """
    found: dict[tuple[str, int], list[str]] = {}
    for each in steps:
        found.setdefault((_shared(each), each.meta.phase), []).append(each.meta.id)
    joint = {members[0]: tuple(members) for members in found.values()}
    try:
        ordered(_needs(steps, joint))
    except CycleError:
        return {each.meta.id: (each.meta.id,) for each in steps}
    return joint


def homes(found: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Step -> the batch that it is in."""
    return {each: name for name, members in found.items() for each in members}


def _shared(step: Step) -> str:
    """What steps in one batch have in common: a document, when their kind can write it for several."""
    return f"document {step.traits.document}" if hasattr(step, "apply_jointly") else f"step {step.meta.id}"


def _needs(steps: Iterable[Step], found: Batches) -> dict[str, frozenset[str]]:
    home = homes(found)
    needs: dict[str, frozenset[str]] = dict.fromkeys(found, frozenset())
    for each in steps:
        needs[home[each.meta.id]] |= {home[need] for need in each.meta.needs if need in home}
    return needs
