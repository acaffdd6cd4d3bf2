"""From an exception to a sentence and an exit code. The last stop before the operator's eyes."""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from cci_lite.aws.connect import Refused
from cci_lite.aws.lease import Locked
from cci_lite.cli.exits import BLOCKED, DONE, FAILED, INTERNAL, INTERRUPTED, LOCKED, USAGE, Stop
from cci_lite.cli.explain import explained
from cci_lite.engine.clock import Interrupted
from cci_lite.evidence.folder import state_folder
from cci_lite.runbook import Risk, RunbookError


def told(error: Exception) -> int:
    """Print what went wrong and the next step; the exit code."""
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone; Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    code, lines = _sentences(error)
    for line in lines:
        sys.stderr.write(f"{line}\n")
    return code


def _sentences(error: Exception) -> tuple[int, list[str]]:
    if isinstance(error, Stop):
        return error.code, [str(error), *([f"next: {error.hint}"] if error.hint else [])]
    if isinstance(error, RunbookError):
        count = len(error.problems)
        head = f"The runbook has {count} problem{'s' if count > 1 else ''}; nothing was done."
        return USAGE, [head, *(str(each) for each in error.problems)]
    if isinstance(error, Refused):
        return BLOCKED, [str(error), f"next: {error.hint}"]
    if isinstance(error, Locked):
        return LOCKED, [str(error), "next: wait for it, or, when it is dead: cci-lite unlock"]
    if isinstance(error, Interrupted):
        return INTERRUPTED, [str(error), "Nothing is lost: run the same command again."]
    if isinstance(error, ClientError | BotoCoreError):
        return FAILED, list(explained(error, _risks()))
    return INTERNAL, _crash(error)


def _risks() -> tuple[Risk, ...]:
    """The risk table of the runbook in use, if one can be found and read."""
    from cci_lite.cli.session import find_runbook
    from cci_lite.runbook import load
    from cci_lite.steps import REGISTRY

    try:
        return load(find_runbook(None), REGISTRY).risks
    except (Stop, RunbookError):  # the error at hand matters more; it is shown without the table's help
        return ()


def _crash(error: Exception) -> list[str]:
    """A bug of ours: kept on disk whole, without environment or arguments, which may hold credentials."""
    text = "".join(traceback.format_exception(error))
    path = _kept(text)
    where = f"The details are in {path}" if path else text
    return [f"Internal error: {type(error).__name__}: {error}", where, "Running the same command again is safe."]


def _kept(text: str) -> Path | None:
    folder = state_folder() / "crash"
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    except OSError:
        return None
    return path
