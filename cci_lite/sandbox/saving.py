"""When the state is saved: before an answer leaves, and once for all that was done in between. Knows no emulator."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Saving:
    """`write` puts everything into its files, in the thread of `loop`."""

    write: Callable[[], None]
    loop: asyncio.AbstractEventLoop
    _asked: bool = False
    _then: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> None:
        """Returns when everything is in its files. Only from the loop's thread."""
        with self._lock:
            then, self._then, self._asked = self._then, [], False
        self.write()
        for each in then:
            each()

    def soon(self, then: Callable[[], None] | None = None) -> None:
        """From any thread: one save for all who ask until it happens. `then` runs once what came before is saved."""
        with self._lock:
            asked, self._asked = self._asked, True
            if then is not None:
                self._then.append(then)
        if not asked:
            self.loop.call_soon_threadsafe(self._due)

    def _due(self) -> None:
        if self._asked:
            self.now()
