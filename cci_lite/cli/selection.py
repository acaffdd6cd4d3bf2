"""Which steps a command is about: --phase and --step. May import runbook and cli.exits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from cci_lite.cli.exits import BLOCKED, USAGE, Stop
from cci_lite.runbook import Phase, Runbook

#: What --phase and --step said.
Selection = tuple[str | None, Sequence[str] | None]
_PHASES = re.compile(r"^(\d+)(?:-(\d+))?$")


def again(phase: str | None, steps: Sequence[str] | None) -> str:
    """The same selection, to be typed behind another command."""
    words = [f" --phase {phase}"] if phase else []
    return "".join([*words, *(f" --step {each}" for each in steps or ())])


def selected(runbook: Runbook, phase: str | None, steps: Sequence[str] | None) -> tuple[str, ...]:
    """Step ids; all that are on when nothing is said. Raises Stop on anything unknown, or off."""
    ids = tuple(each.meta.id for each in runbook.entries)
    if not phase and not steps:
        return ids
    chosen = set(_of_phases(runbook, phase)) if phase else set()
    for each in steps or ():
        if each not in ids:
            raise _no_such_step(each, ids, runbook)
        chosen.add(each)
    return tuple(each for each in ids if each in chosen)


def phases_off(runbook: Runbook, phase: str | None, steps: Sequence[str] | None) -> list[Phase]:
    """The phases that this selection would have been about as well, were they on."""
    if steps and not phase:
        return []
    first, last = _range(phase) if phase else (1, runbook.phases[-1].number)
    return [each for each in runbook.phases if each.off and first <= each.number <= last]


def _no_such_step(step: str, ids: Sequence[str], runbook: Runbook) -> Stop:
    number = next((each.meta.phase for each in runbook.off if each.meta.id == step), None)
    if number is not None:
        phase = next(each for each in runbook.phases if each.number == number)
        return Stop(BLOCKED, f"`{step}` is a step of phase {number}", phase.off)
    close = difflib.get_close_matches(step, ids, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"steps: {', '.join(ids)}"
    return Stop(USAGE, f"there is no step `{step}`", hint)


def _of_phases(runbook: Runbook, phase: str) -> list[str]:
    first, last = _range(phase)
    chosen = [each.meta.id for each in runbook.entries if first <= each.meta.phase <= last]
    if not chosen:
        for each in phases_off(runbook, phase, None):
            raise Stop(BLOCKED, each.off)
        known = ", ".join(map(str, sorted({each.meta.phase for each in runbook.entries})))
        raise Stop(USAGE, f"the runbook has no phase {phase}", f"its phases: {known}")
    return chosen


def _range(phase: str) -> tuple[int, int]:
    found = _PHASES.match(phase)
    if found is None:
        raise Stop(USAGE, f"--phase {phase} is no phase", "write one number (2) or a range (1-2)")
    return int(found[1]), int(found[2] or found[1])
