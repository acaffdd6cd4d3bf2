"""Exit codes, and the one exception that ends a command on purpose. Imports nothing."""

from __future__ import annotations

DONE = 0
FAILED = 1
USAGE = 2
DIFFERS = 3
BLOCKED = 4
INVALID = 5
LOCKED = 6
INTERNAL = 70
INTERRUPTED = 130


class Stop(Exception):
    """Ends the command: one sentence about what is wrong, the next step, and the exit code."""

    def __init__(self, code: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.hint = code, hint
