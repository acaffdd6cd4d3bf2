"""What a run is doing right now: a live table on a terminal, one line a step elsewhere, JSON lines for programs.

Listens to engine events and to aws.cloud; the only user of rich.live.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.scope import current_step
from cci_lite.cli.documents import event_document
from cci_lite.cli.screen import Screen, safe
from cci_lite.engine.clock import Clock
from cci_lite.engine.events import Event, RunStarted, StepDoing, StepFinished, StepStarted, StepWaiting
from cci_lite.engine.model import Status

_SHOWN_AFTER_S = 2.0
_END_MARKS = {
    "created": "+",
    "updated": "~",
    "removed": "-",
    "released": "<",
    "kept": "=",
    "absent": " ",
    "valid": "=",
    "retained": "=",
    "operator": "?",
}


@dataclass
class _Row:
    """One step's line: what it does, since when, and how it ended ("" while it is at work)."""

    doing: str = ""
    since: float = 0.0
    ended: str = ""


class Progress:
    """Call it with engine events; give it to aws.cloud as a listener. Thread-safe."""

    def __init__(self, screen: Screen, clock: Clock, steps: Sequence[str], *, ends: bool = True) -> None:
        """ends: whether it is said how steps ended; not where the result says it anyway."""
        self._screen, self._clock, self._ends = screen, clock, ends
        self._rows: dict[str, _Row] = {each: _Row() for each in steps}
        self._width = max((len(each) for each in steps), default=0)
        self._told: dict[str, str] = {}
        self._lock = threading.RLock()

    @contextmanager
    def shown(self, cloud: Cloud) -> Iterator[None]:
        """Listen to `cloud`, and show the live table while the body runs."""
        cloud.listeners.append(self)
        cloud.waiting = lambda step, what, waited: self(StepWaiting(step, what, waited))
        try:
            if not self._screen.live or self._screen.as_json:
                yield
                return
            from rich.live import Live

            with Live(get_renderable=self._table, console=self._screen.err, refresh_per_second=8, transient=True):
                yield
        finally:
            cloud.listeners.remove(self)

    def before(self, service: str, operation: str, params: Mapping[str, Any], *, read: bool) -> None:
        if not read and current_step.get():
            self(StepDoing(current_step.get(), f"{service}:{operation}"))

    def after(self, service: str, operation: str, *, read: bool, error: str, request_id: str) -> None:
        """Nothing to show: the next call or the step's end says it."""

    def __call__(self, event: Event) -> None:
        """What is to be said is said without the lock: who draws the table holds rich's, and waits for ours."""
        with self._lock:
            self._screen.line(event_document(event, self._clock.utc().isoformat(timespec="milliseconds")))
            line = self._noted(event)
        if line:
            self._screen.say(line)

    def _noted(self, event: Event) -> str:
        """The line that has to be said of it, if any."""
        if isinstance(event, RunStarted):
            return ""
        row = self._rows.setdefault(event.step, _Row())
        if isinstance(event, StepStarted):
            row.since = self._clock.now()
            row.doing = "looking"
        elif isinstance(event, StepDoing):
            row.doing = event.call
        elif isinstance(event, StepWaiting):
            row.doing = f"waiting for {event.what} ({event.waited_s:.0f} s)"
            return self._waiting(event)
        elif isinstance(event, StepFinished):
            row.ended = event.result
            return self._end(event) if self._ends else ""
        return ""

    def _waiting(self, event: StepWaiting) -> str:
        """Where no table moves, a long wait is said once for each thing waited for."""
        if self._screen.live or event.waited_s < _SHOWN_AFTER_S or self._told.get(event.step) == event.what:
            return ""
        self._told[event.step] = event.what
        return f"  . {event.step:<{self._width}}  waiting for {safe(event.what)}"

    def _end(self, event: StepFinished) -> str:
        checks = sum(each.status is Status.PASSED for each in event.checks)
        proved = f", {checks} of {len(event.checks)} checks passed" if event.checks else ""
        mark = _END_MARKS.get(event.result, "!")
        line = f"  {mark} {event.step:<{self._width}}  {event.result} ({event.seconds:.1f} s{proved})"
        return f"{line}  {safe(event.reason)}".rstrip() if mark in "!?" else line

    def _table(self) -> Any:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        with self._lock:
            busy = {name: row for name, row in self._rows.items() if row.doing and not row.ended}
            for name, row in list(busy.items())[: max(self._screen.err.height - 4, 3)]:
                table.add_row("  .", name, safe(row.doing), f"{self._clock.now() - row.since:.1f} s")
            left = sum(1 for row in self._rows.values() if not row.ended)
        table.add_row("", f"{left} to go", "", "")
        return table
