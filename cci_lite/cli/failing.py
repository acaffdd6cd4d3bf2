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
from cci_lite.cli.exits import BLOCKED, FAILED, INTERNAL, INTERRUPTED, LOCKED, USAGE, Stop
from cci_lite.cli.explain import explanation
from cci_lite.cli.screen import clean, fit
from cci_lite.cli.session import opened
from cci_lite.engine.clock import Interrupted
from cci_lite.evidence.folder import state_folder
from cci_lite.evidence.redact import scrubbed
from cci_lite.runbook import Risk, RunbookError

_AGAIN = "next: clear that up, then run the same command again; nothing is done twice"


def told(error: Exception) -> int:
    """Print what went wrong and the next step; the exit code."""
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone; Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    code, lines = _sentences(error)
    for line in lines:
        sys.stderr.write(f"{fit(clean(line), opened.typed)}\n")
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
        lines = list(explanation(error, _risks()))
        known = any(line.startswith("next: ") for line in lines)
        return FAILED, lines if known else [*lines, _AGAIN]
    return INTERNAL, _crash(error)


def _risks() -> tuple[Risk, ...]:
    """The risk table of the runbook in use, once it has been read."""
    return opened.runbook.risks if opened.runbook else ()


def _crash(error: Exception) -> list[str]:
    """A bug of ours: kept on disk whole, without environment or arguments, which may hold credentials."""
    text = scrubbed("".join(traceback.format_exception(error)))
    path = _kept(text)
    where = f"The details are in {path}" if path else text
    what = f"Internal error: {type(error).__name__}: {scrubbed(str(error))}"
    return [what, where, "Running the same command again is safe."]


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
