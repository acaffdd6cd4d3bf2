"""What a command lends the engine. May import engine.clock and engine.events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from cci_lite.engine.clock import Clock
from cci_lite.engine.events import Listener


@dataclass(frozen=True)
class Hands:
    """What a run works with. `stopped` turns true when the operator interrupts.

    inside: calls in its body are made for that step; glance: equal reads in its body are made once, until a write;
    unlikely: what its body asks for is probably not there.
    """

    clock: Clock
    tell: Listener
    jobs: int = 8
    stopped: Callable[[], bool] = lambda: False
    inside: Callable[[str], AbstractContextManager[None]] = lambda step: nullcontext()
    glance: Callable[[], AbstractContextManager[None]] = nullcontext
    unlikely: Callable[[], AbstractContextManager[None]] = nullcontext
