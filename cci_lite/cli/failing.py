"""From an exception to a sentence and an exit code. The last stop before the operator's eyes."""

from __future__ import annotations

import json
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cci_lite.aws.connect import Refused
from cci_lite.aws.lease import Locked
from cci_lite.cli.exits import BLOCKED, FAILED, INTERNAL, INTERRUPTED, LOCKED, USAGE, Stop
from cci_lite.cli.explain import explanation
from cci_lite.cli.screen import clean, fit
from cci_lite.cli.session import opened
from cci_lite.cli.streams import pour
from cci_lite.engine.clock import Interrupted
from cci_lite.evidence.folder import state_folder
from cci_lite.evidence.redact import scrubbed
from cci_lite.runbook import Risk, RunbookError

_AGAIN = "next: clear that up, then run the same command again; nothing is done twice"


#: What a program gets instead of a result; the last line, where a result is a stream of events.
_SCHEMA = "cci-lite/error/1"
_NEXT = "next: "


def told(error: Exception, *, as_json: bool = False) -> int:
    """Print what went wrong and the next step; the exit code."""
    code, lines = _sentences(error)
    lines = [fit(clean(line), opened.typed) for line in lines]
    pour((f"{line}\n" for line in lines), sys.stderr)
    if as_json:
        pour([json.dumps(_document(code, lines)), "\n"], sys.stdout)
    return code


def _document(code: int, lines: list[str]) -> dict[str, Any]:
    message = "\n".join(each for each in lines if not each.startswith(_NEXT))
    hint = next((each.removeprefix(_NEXT) for each in lines if each.startswith(_NEXT)), "")
    return {"event": "summary", "schema": _SCHEMA, "exit": code, "message": message, "next": hint}


def _sentences(error: Exception) -> tuple[int, list[str]]:
    if isinstance(error, Stop):
        return error.code, [str(error), *([f"{_NEXT}{error.hint}"] if error.hint else [])]
    if isinstance(error, RunbookError):
        count = len(error.problems)
        head = f"The runbook has {count} problem{'s' if count > 1 else ''}; nothing was done."
        return USAGE, [head, *(str(each) for each in error.problems)]
    if isinstance(error, Refused):
        return BLOCKED, [str(error), f"{_NEXT}{error.hint}"]
    if isinstance(error, Locked):
        return LOCKED, [str(error), "next: wait for it, or, when it is dead: cci-lite unlock"]
    if isinstance(error, Interrupted):
        return INTERRUPTED, [str(error), "Nothing is lost: run the same command again."]
    if isinstance(error, ClientError | BotoCoreError):
        lines = list(explanation(error, _risks()))
        known = any(line.startswith(_NEXT) for line in lines)
        return FAILED, lines if known else [*lines, _AGAIN]
    if isinstance(error, OSError):
        return FAILED, [f"this machine refused: {error}", _AGAIN]
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
