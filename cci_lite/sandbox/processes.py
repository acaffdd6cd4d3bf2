"""The daemon's process, seen from outside: started, alive, ended. Standard library only."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from cci_lite.sandbox.layout import Layout

POLL_S = 0.05
# How long a process may take to end by itself.
STOP_S = 10.0


def spawn(layout: Layout, held: IO[str]) -> int:
    """The new daemon's pid; it inherits the lock. A bare spawn, because it is meant to outlive this process."""
    # Copied to its own number, a file would still be closed.
    inherited = 4 if held.fileno() == 3 else 3
    with layout.log.open("ab") as log:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "cci_lite.sandbox.daemon", str(layout.state), str(inherited)],
            _environment(),
            setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                (os.POSIX_SPAWN_DUP2, held.fileno(), inherited),
            ],
        )


def _environment() -> dict[str, str]:
    """The daemon runs other people's Lambda code: nothing of the operator's AWS environment may reach it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CCI_LITE_"))}
    # `-m` finds the package where this process found it, installed or not.
    root = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return kept


def alive(pid: int) -> bool:
    # A child of ours that has ended stays visible to `kill` until it is reaped.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(pid: int, how: signal.Signals) -> None:
    """Returns when the process is gone; one that does not go by itself is killed."""
    for each in (how, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, each)
        if until(lambda: not alive(pid), STOP_S):
            return


def until(done: Callable[[], bool], wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
