"""The four stages of a step in a run, and what each of them waits for. May import engine.batches, graph and model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from cci_lite.engine.batches import Batches, homes
from cci_lite.engine.graph import longest_first
from cci_lite.engine.model import Step


class Stage(StrEnum):
    """LOOK ahead, WRITE, SHOW (wait until AWS shows what was written), PROVE. Each waits for the one before."""

    LOOK = "look"
    WRITE = "write"
    SHOW = "show"
    PROVE = "prove"


#: A stage of a batch, by the batch's name; PROVE is of a single step, also of one that stands and is only proved.
Node = tuple[Stage, str]


def nodes(batches: Batches, steps: Mapping[str, Step], standing: Collection[str]) -> list[Node]:
    """Every stage, those that are to be begun first at the head.

    SHOW leads: whoever has written holds the document until AWS shows it, and only a free document may be written.
    standing: steps in place that are only proved.
    """
    order = _longest_first(batches, steps)
    found: list[Node] = [*((Stage.SHOW, name) for name in order), *((Stage.PROVE, each) for each in standing)]
    for name in order:
        found += [(Stage.LOOK, name), (Stage.WRITE, name), *((Stage.PROVE, each) for each in batches[name])]
    return found


def edges(batches: Batches, steps: Mapping[str, Step], standing: Collection[str]) -> dict[Node, frozenset[Node]]:
    """Within a phase a step follows what it needs once that is written and read back; a later phase, once it is proved.

    Proofs take longer than writes, and hold nothing that a sibling needs; a phase is the plan's own place to stop.
    Looking holds nobody up and changes nothing: it is done while what is needed is being read back or proved.
    """
    home = homes(batches)
    after: dict[Node, frozenset[Node]] = {}
    for name, batch in batches.items():
        phase = steps[name].meta.phase
        needs = {need for each in batch for need in steps[each].meta.needs if need in home or need in standing}
        siblings = {home[each] for each in needs if steps[each].meta.phase == phase and each in home}
        earlier = {each for each in needs if steps[each].meta.phase != phase}
        look, write, show = (Stage.LOOK, name), (Stage.WRITE, name), (Stage.SHOW, name)
        after[look] = frozenset(
            {(Stage.WRITE, each) for each in siblings} | {(Stage.SHOW, home[each]) for each in earlier if each in home}
        )
        after[write] = frozenset(
            {look} | {(Stage.SHOW, each) for each in siblings} | {(Stage.PROVE, each) for each in earlier}
        )
        after[show] = frozenset({write})
        after.update({(Stage.PROVE, each): frozenset({show}) for each in batch})
    return after


def documents(batches: Batches, steps: Mapping[str, Step]) -> dict[Node, str]:
    """What only one stage at a time may be at: the next write of a document comes when the one before is shown."""
    return {(stage, name): steps[name].traits.document for name in batches for stage in (Stage.WRITE, Stage.SHOW)}


def _longest_first(batches: Batches, steps: Mapping[str, Step]) -> list[str]:
    home = homes(batches)
    needs = {
        name: frozenset(home[need] for each in batch for need in steps[each].meta.needs if need in home) - {name}
        for name, batch in batches.items()
    }
    return longest_first(needs, lambda name: len(batches[name]))
