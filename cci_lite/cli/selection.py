"""Which steps a command is about: --phase and --step. May import engine.graph and cli.exits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from cci_lite.cli.exits import USAGE, Stop
from cci_lite.engine.graph import Graph

_PHASES = re.compile(r"^(\d+)(?:-(\d+))?$")


def again(phase: str | None, steps: Sequence[str] | None) -> str:
    """The same selection, to be typed behind another command."""
    words = [f" --phase {phase}"] if phase else []
    return "".join([*words, *(f" --step {each}" for each in steps or ())])


def selected(graph: Graph, phase: str | None, steps: Sequence[str] | None) -> tuple[str, ...]:
    """Step ids in runbook order; all of them when nothing is said. Raises Stop on anything unknown."""
    if not phase and not steps:
        return graph.ids()
    chosen = set(_of_phases(graph, phase)) if phase else set()
    for each in steps or ():
        if each not in graph.ids():
            close = difflib.get_close_matches(each, graph.ids(), n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"steps: {', '.join(graph.ids())}"
            raise Stop(USAGE, f"there is no step `{each}`", hint)
        chosen.add(each)
    return tuple(each for each in graph.ids() if each in chosen)


def _of_phases(graph: Graph, phase: str) -> list[str]:
    known = sorted({each.meta.phase for each in graph.steps})
    found = _PHASES.match(phase)
    if found is None:
        raise Stop(USAGE, f"--phase {phase} is no phase", "write one number (2) or a range (1-2)")
    first, last = int(found[1]), int(found[2] or found[1])
    chosen = [each.meta.id for each in graph.steps if first <= each.meta.phase <= last]
    if not chosen:
        raise Stop(USAGE, f"the runbook has no phase {phase}", f"its phases: {', '.join(map(str, known))}")
    return chosen
