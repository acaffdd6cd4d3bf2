"""A command that has ended, as the tests of the installed product look at it, and how one at work is waited for."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ran:
    """One finished command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def awaited(what: str, look: Callable[[], Any], *running: subprocess.Popen[str], wait_s: float = 60.0) -> Any:
    """The first true answer of `look`. Fails, naming `what`, after `wait_s`, or when none of `running` is left to
    bring it."""
    deadline = time.monotonic() + wait_s
    while True:
        left = not running or any(each.poll() is None for each in running)
        if found := look():
            return found
        assert left, f"every run has ended without {what}"
        assert time.monotonic() < deadline, f"no {what} within {wait_s:.0f} s"
        time.sleep(0.05)
