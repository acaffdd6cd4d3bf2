"""The lock on a state folder, and whose it is. The system gives it up when its holder ends, however it ends.

Standard library only. The file is never deleted: two could then each hold a lock of its name.
"""

from __future__ import annotations

import fcntl
import os
import time
from typing import IO

from cci_lite.sandbox.layout import Layout


def take(file: IO[str], wait_s: float = 0.2) -> bool:
    """Takes the lock for as long as `file` is open here, or in a process that inherited it; nobody's id is in it yet.

    Waits for a moment: another process may just be looking.
    """
    deadline = time.monotonic() + wait_s
    while not _flock(file, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    file.truncate(0)
    return True


def sign(file: IO[str]) -> None:
    """Says who holds the lock: this process."""
    file.write(f"{os.getpid()}\n")
    file.flush()


def held(layout: Layout) -> bool:
    """Whether a process holds the folder, answering or not."""
    try:
        with layout.lock.open() as file:
            return not _flock(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def holder(layout: Layout) -> int | None:
    """The process that holds the folder; None when nobody does, or it has not said so yet."""
    text = layout.lock.read_text(encoding="utf-8") if held(layout) else ""
    return int(text) if text.endswith("\n") else None


def _flock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
