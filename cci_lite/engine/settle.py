"""Waiting until AWS shows what was written. May import engine.* only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from typing import Any

from cci_lite.engine.clock import Clock, Patience
from cci_lite.engine.diff import diff
from cci_lite.engine.events import Listener, StepWaiting
from cci_lite.engine.model import Changes, Known, Observed, Step

#: A step and what it wants.
Due = tuple[Step, Any]
Look = dict[str, Observed | None]


class Unsettled(Exception):
    """AWS accepted the write but did not show it within the deadline."""


def settle(
    due: Sequence[Due], known: Known, clock: Clock, tell: Listener, glance: Callable[[], AbstractContextManager[None]]
) -> dict[str, Observed | Unsettled]:
    """For each of `due`, by id: what AWS shows once it is what was wanted, or that it did not become so in time.

    due: steps of one kind, written by one call. A step is settled when as many readers at once as its kind asks see it.
    """
    traits, settled, left = due[0][0].traits, dict[str, Observed | Unsettled](), {}
    for waited in Patience(clock, traits.settle_s):
        looks = _looks([step for step, _ in due if step.meta.id not in settled], traits.settle_reads, known, glance)
        for step, want in due:
            if step.meta.id in settled:
                continue
            seen, changes = _worst(want, [each[step.meta.id] for each in looks])
            if seen is not None and not changes:
                known.learn(step.meta.id, seen)
                settled[step.meta.id] = seen
                continue
            left[step.meta.id] = Unsettled(_unsettled(seen, changes, traits.settle_s))
            tell(StepWaiting(step.meta.id, "AWS to show what was written", waited))
        if len(settled) == len(due):
            return settled
    return {**left, **settled}


def _looks(
    steps: Sequence[Step], readers: int, known: Known, glance: Callable[[], AbstractContextManager[None]]
) -> list[Look]:
    """What each reader sees: KMS and IAM answer from many places, which do not learn at once."""

    def look() -> Look:
        with glance():  # a document that several of the steps are in is read once by each reader
            return {each.meta.id: each.observe(known) for each in steps}

    if readers == 1:
        return [look()]
    with ThreadPoolExecutor(max_workers=readers) as pool:
        flying = [pool.submit(copy_context().run, look) for _ in range(readers)]
        return [each.result() for each in flying]


def _worst(want: Any, looks: Sequence[Observed | None]) -> tuple[Observed | None, Changes]:
    """The look that is furthest from `want`: absent, else with the most differences."""
    compared = [(each, diff(each.spec, want) if each else Changes()) for each in looks]
    return max(compared, key=lambda pair: (pair[0] is None, len(pair[1])))


def _unsettled(seen: Observed | None, left: Changes, deadline: float) -> str:
    if seen is None:
        return f"still absent {deadline:.0f} s after it was written"
    wrong = "; ".join(f"{each.path} is {each.have!r}, wanted {each.want!r}" for each in left)
    return f"still differs {deadline:.0f} s after it was written: {wrong}"
