"""The process that turns speech into text: one job a line on stdin, one answer a line on stdout.

A process of its own keeps the model's memory and its work out of the server. Imports engines.speech at the first job.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    """Ends when stdin does, that is also when the server was killed."""
    answers = sys.stdout
    # Whatever a library prints must not be read as an answer.
    sys.stdout = sys.stderr
    for line in sys.stdin:
        answer = json.dumps(_answer(json.loads(line)))
        try:
            print(answer, file=answers, flush=True)
        except BrokenPipeError:
            # The server was stopped while this job ran; it takes the job up again at its next start.
            os._exit(0)


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    """{"output": path} or {"failure": AWS's FailureReason}; `job` holds media, output and the engine's options."""
    speech = import_module("cci_lite.sandbox.engines.speech")
    options = job["options"]
    options["language_options"] = tuple(options["language_options"])
    try:
        document = speech.transcribe(Path(job["media"]).read_bytes(), **options)
    except speech.BadMedia as error:
        return {"failure": str(error)}
    Path(job["output"]).write_text(json.dumps(document), encoding="utf-8")
    return {"output": job["output"]}


if __name__ == "__main__":
    main()
