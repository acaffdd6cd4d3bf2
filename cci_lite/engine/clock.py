"""Time as a value that is handed in. May import the standard library only."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Interrupted(Exception):
    """The operator asked to stop: nothing new is begun, what is in flight is finished."""


class Clock(Protocol):
    """Monotonic seconds and interruptible sleep."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None:
        """Raises Interrupted as soon as a stop is asked for."""

    def utc(self) -> datetime: ...


class SystemClock:
    """The real clock. `stop` is set by the signal handler of the command line."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Interrupted("interrupted while waiting")

    def utc(self) -> datetime:
        return datetime.now(UTC)


class Patience:
    """A deadline with growing pauses: `for _ in Patience(clock, 120): ...` ends when the time is up.

    Pauses grow from `first` to `longest` seconds, each `growth` times the one before; the first round starts at once.
    A growth of 1.25 notices what is awaited before a quarter more time has passed than it took.
    """

    def __init__(
        self, clock: Clock, deadline: float, *, first: float = 0.1, longest: float = 5.0, growth: float = 2.0
    ) -> None:
        self._clock, self._pause, self._longest, self._growth = clock, first, longest, growth
        self.started = clock.now()
        self._end = self.started + deadline
        self._rounds = 0

    def __iter__(self) -> Patience:
        return self

    def __next__(self) -> float:
        """Seconds waited so far."""
        if self._rounds:
            left = self._end - self._clock.now()
            if left <= 0:
                raise StopIteration
            self._clock.sleep(min(self._pause, left))
            self._pause = min(self._pause * self._growth, self._longest)
        self._rounds += 1
        return self._clock.now() - self.started
