"""How long each phase took, from its first step's start to its last step's end. Knows engine.events."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cci_lite.cli.render_plan import steps
from cci_lite.engine.clock import Clock
from cci_lite.engine.events import Event, StepFinished, StepStarted
from cci_lite.engine.model import Status


@dataclass
class _Phase:
    began: float
    ended: float
    steps: int = 0
    passed: int = 0
    checks: int = 0


class PhaseTimes:
    """Call it with engine events. `phases`: step -> number of its phase. Thread-safe."""

    def __init__(self, clock: Clock, phases: Mapping[str, int]) -> None:
        self._clock, self._phases = clock, phases
        self._seen: dict[int, _Phase] = {}
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        if not isinstance(event, StepStarted | StepFinished):
            return
        with self._lock:
            now = self._clock.now()
            phase = self._seen.setdefault(self._phases[event.step], _Phase(now, now))
            phase.ended = now
            if isinstance(event, StepFinished):
                phase.steps += 1
                phase.checks += len(event.checks)
                phase.passed += sum(each.status is Status.PASSED for each in event.checks)

    def lines(self) -> Iterator[str]:
        """One line a phase, in order."""
        for number, phase in sorted(self._seen.items()):
            proved = f", {phase.passed} of {phase.checks} checks passed" if phase.checks else ""
            yield f"Phase {number}: {phase.ended - phase.began:.1f} s, {steps(phase.steps)}{proved}"
