"""Steps that live in a dictionary, so that the engine's decisions can be tested as data."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cci_lite.engine.clock import Interrupted
from cci_lite.engine.events import Event
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import IMMUTABLE, Blocked, Changes, Check, Closed, Known, Meta, Observed, Status, Traits


@dataclass(frozen=True)
class Thing:
    """A spec with one free field, one that cannot change, and one that comes from another step."""

    size: int
    place: str = field(default="here", metadata={IMMUTABLE: "things do not move"})
    link: str = ""


@dataclass
class World:
    """What exists, and what was done to it, in order."""

    things: dict[str, Observed] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        with self.lock:
            self.log.append(what)


@dataclass
class FakeStep:
    """`id` wants a Thing in `world`. The hooks make it behave badly."""

    world: World
    id: str
    size: int = 1
    needs: frozenset[str] = frozenset()
    link_to: str = ""
    phase: int = 1
    adopt: bool = False
    whole: str = ""
    traits: Traits = field(default_factory=Traits)
    on_apply: Callable[[], object] = lambda: None
    on_observe: Callable[[], None] = lambda: None
    on_validate: Callable[[], object] = lambda: None
    checks: tuple[Check, ...] = ()
    appears_after: int = 0
    keep_reason: str = ""
    _hidden: int = 0

    @property
    def meta(self) -> Meta:
        reads = frozenset({self.link_to} - {""})
        needs = self.needs | reads | ({self.whole} - {""})
        return Meta(self.id, "fake", self.phase, self.id, needs, reads, adopt=self.adopt, whole=self.whole)

    def desired(self, known: Known) -> Thing:
        return Thing(self.size, link=known.fact(self.link_to, "arn") if self.link_to else "")

    def observe(self, known: Known) -> Observed | None:
        self.on_observe()
        with self.world.lock:
            hidden, self._hidden = self._hidden > 0, max(self._hidden - 1, 0)
        return None if hidden else self.world.things.get(self.id)

    def apply(self, want: Any, have: Observed | None, changes: Changes) -> None:
        self.world.note(f"apply {self.id}")
        self.on_apply()
        self.world.things[self.id] = Observed(want, {"arn": f"arn:{self.id}"})
        self._hidden = self.appears_after

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        self.on_validate()
        yield from self.checks or (Check(f"{self.id}.ok", Status.PASSED, "seen"),)

    def remove(self, have: Observed, known: Known) -> None:
        self.world.note(f"remove {self.id}")
        if have.owned:
            self.world.things.pop(self.id, None)

    def retained(self, have: Observed, consent: frozenset[str]) -> str:
        return "" if self.id in consent else self.keep_reason


class FakeClock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0
        self.stop_at: float | None = None

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        if self.stop_at is not None and self.time >= self.stop_at:
            raise Interrupted("interrupted while waiting")

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


def hands(events: list[Event] | None = None, *, jobs: int = 1, stopped: Callable[[], bool] = lambda: False) -> Hands:
    """Hands with a fake clock; events are kept in `events`."""
    kept = events if events is not None else []
    return Hands(FakeClock(), kept.append, jobs=jobs, stopped=stopped)


def blocked(reason: str) -> Callable[[], None]:
    """An observation that no run may go past."""

    def observe() -> None:
        raise Blocked(reason)

    return observe


def closed(reason: str) -> Callable[[], None]:
    """An observation of what is not there and may not be made."""

    def observe() -> None:
        raise Closed(reason)

    return observe
