"""The journal of a run: JSON lines, the intent on disk before each write, its outcome after. May import engine.events.

It is evidence, never state: nothing is decided by reading it.
"""

from __future__ import annotations

import json
import os
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cci_lite.engine.events import Event, StepFinished
from cci_lite.evidence.redact import redacted, scrubbed


class Journal:
    """A listener of aws.cloud and of the engine. Thread-safe. Raises OSError when a line cannot be written."""

    def __init__(self, path: Path, now: Callable[[], datetime], step: Callable[[], str] = lambda: "") -> None:
        self.path, self._now, self._step = path, now, step
        self._lock = threading.Lock()
        self.reads = 0
        self.writes = 0
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8")

    def before(self, service: str, operation: str, params: Mapping[str, Any], *, read: bool) -> None:
        """The intent is on disk before anything is sent. Nobody else waits for the disk meanwhile."""
        with self._lock:
            if read:
                self.reads += 1
                return
            self.writes += 1
            asked = redacted(params)
            self._write({"intent": f"{service}:{operation}", "step": self._step(), "params": asked})
        os.fsync(self._file.fileno())

    def after(self, service: str, operation: str, *, read: bool, error: str, request_id: str) -> None:
        if read and not error:
            return
        with self._lock:
            outcome = {"outcome": f"{service}:{operation}", "step": self._step(), "error": error}
            self._write({**outcome, "request_id": request_id})

    def event(self, event: Event) -> None:
        """Notes how steps end; what they wait for is only for the screen."""
        if isinstance(event, StepFinished):
            with self._lock:
                checks = [{"id": each.id, "status": each.status, "evidence": each.evidence} for each in event.checks]
                end = {"step": event.step, "result": event.result, "reason": redacted(event.reason)}
                self._write({**end, "seconds": round(event.seconds, 3), "checks": redacted(checks), **_trace(event)})

    def note(self, **line: Any) -> None:
        """A line of the command's own."""
        with self._lock:
            self._write(redacted(line))

    def close(self) -> None:
        self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        moment = self._now().isoformat(timespec="milliseconds")
        self._file.write(json.dumps({"time": moment, **line}, default=str) + "\n")
        self._file.flush()


def _trace(event: StepFinished) -> dict[str, str]:
    """Where a step failed, so that a bug can be found afterwards."""
    if event.error is None:
        return {}
    return {"trace": scrubbed("".join(traceback.format_exception(event.error)))}
