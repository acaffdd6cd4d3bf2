"""Ctrl-C, SIGTERM, a lost terminal: first, begin nothing new; second, end at once. Standard library only."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cci_lite.cli.exits import INTERRUPTED

#: Set by the first interruption.
stop = threading.Event()
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def install() -> None:
    """Handle these signals from here on, but for one that is ignored, as under nohup. For the main thread only."""
    for each in _SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _interrupted)


@contextmanager
def asking() -> Iterator[None]:
    """While a person is asked, nothing is in flight: one Ctrl-C raises KeyboardInterrupt at once."""
    handled = [each for each in _SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, _leave) for each in handled}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupted(*_: object) -> None:
    if stop.is_set():
        os._exit(INTERRUPTED)
    stop.set()
    # Not through a console: a lock held by the interrupted code would never be given back.
    with suppress(OSError):  # who read it has gone as well
        os.write(2, _TOLD)


def _leave(*_: object) -> None:
    raise KeyboardInterrupt


_TOLD = b"\nInterrupted: finishing the call in flight. Once more ends at once.\n"
