"""Runs the calls whose truth is known through a sandbox of their own, and says how far the results are from the truth.

    python -m tests.calls.evaluate [CALL ...]

Prints a table; with no calls named it runs all, those that are held out as well, and writes docs/evaluation.md. Exit
code 1 when a bar is missed; the bars are of the calls that are not held out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from tests.calls import recordings, report, sandboxed, scoring, scripts
from tests.calls.recordings import Recording
from tests.calls.scoring import Score
from tests.e2e.conftest import ROOT

BUILD = ROOT / "build" / "calls"
#: Columns the table needs; a narrower terminal wraps its lines.
_WIDTH = 170
DOCUMENT = ROOT / "docs" / "evaluation.md"


def main(names: Sequence[str]) -> int:
    """The exit code: 0 when every bar is reached."""
    console = Console(width=max(Console().width, _WIDTH))
    chosen = [scripts.load(name) for name in names] or list(scripts.every())
    held_out = [] if names else list(scripts.every(scripts.HELD_OUT))
    made = [recordings.make(each, BUILD) for each in (*chosen, *held_out)]
    began = time.monotonic()
    found = _scores(made, console)
    whole_s = time.monotonic() - began
    scores, others = found[: len(chosen)], found[len(chosen) :]
    for each in filter(None, (scores, others)):
        console.print(report.table(each))
    for bar in scoring.bars(scores):
        console.print(f"{'reached' if bar.met else 'MISSED '}  {bar.what}: {bar.reached} (wanted {bar.wanted})")
    if not names:
        DOCUMENT.write_text(report.document(scores, others, datetime.now(UTC).date(), whole_s), encoding="utf-8")
    return 0 if all(bar.met for bar in scoring.bars(scores)) else 1


def _scores(made: Sequence[Recording], console: Console) -> list[Score]:
    scores = []
    with sandboxed.pipeline() as pipeline:
        for each in made:
            began = time.monotonic()
            result = pipeline.process(each.path, each.script.tenant, f"{each.script.name}.wav")
            scores.append(scoring.score(each, result, time.monotonic() - began))
            console.print(f"{each.script.name}: {each.duration_s:.0f} s of call in {scores[-1].took_s:.0f} s")
    return scores


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
