"""Scores as a table for the terminal and as docs/evaluation.md. Imports the scores and rich's table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.table import Table

from tests.calls.metrics import Hits
from tests.calls.scoring import Score, bars, percent, total

_LIMITS = Path(__file__).parent / "limits.md"
_COLUMNS = (
    "call", "length s", "word error rate", "speaker right", "talk time off", "interruptions", "personal data hidden",
    "redactions right", "categories", "sentiment", "QA", "outcome", "cost GBP", "took s",
)  # fmt: skip


def table(scores: Sequence[Score]) -> Table:
    """A row a call, then all of them."""
    made = Table(title="Calls whose truth is known")
    for place, name in enumerate(_COLUMNS):
        made.add_column(name, justify="left" if place == 0 else "right")
    for row in rows(scores):
        made.add_row(*row)
    return made


def rows(scores: Sequence[Score]) -> Iterator[list[str]]:
    """The cells of each call, then of all."""
    for each in scores:
        yield [each.recording.script.name, *_cells([each])]
    yield ["all", *_cells(scores)]


def _cells(scores: Sequence[Score]) -> list[str]:
    if all(each.wrong for each in scores):
        return [_whole(scores), *["-"] * (len(_COLUMNS) - 3), f"{sum(each.took_s for each in scores):.0f}"]
    good = [each for each in scores if not each.wrong]
    cuts, marks = total(good, lambda each: each.cuts), total(good, lambda each: each.marks)
    return [
        _whole(scores),
        percent(_share(sum(each.word_errors for each in good), sum(each.words for each in good))),
        percent(_attribution(good)),
        percent(_share(sum(each.talk_error_s for each in good), sum(each.talk_s for each in good))),
        _found(cuts),
        _of(total(good, lambda each: each.hidden)),
        f"{marks.right} of {marks.found}" if marks.found else "-",
        _found(total(good, lambda each: each.categories)),
        _of(total(good, lambda each: each.signs)),
        _of(total(good, lambda each: each.qa)),
        f"{sum(each.outcome_right for each in good)} of {len(good)}",
        f"{sum(each.cost_gbp for each in good):.4f}",
        f"{sum(each.took_s for each in scores):.0f}",
    ]


def _whole(scores: Sequence[Score]) -> str:
    return f"{sum(each.recording.duration_s for each in scores):.0f}"


def _attribution(scores: Sequence[Score]) -> float | None:
    """Over all calls, each by the seconds talked in it."""
    known = [each for each in scores if each.attribution is not None]
    weighted = sum((each.attribution or 0.0) * each.talk_s for each in known)
    return _share(weighted, sum(each.talk_s for each in known))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _of(hits: Hits) -> str:
    return f"{hits.right} of {hits.true}" if hits.true else "-"


def _found(hits: Hits) -> str:
    """ "3 of 4", and how many were found that are none."""
    false = hits.found - hits.right
    told = _of(hits)
    return f"{told}, {false} false" if false else told


def document(scores: Sequence[Score], held_out: Sequence[Score], day: date, whole_s: float) -> str:
    """docs/evaluation.md."""
    lines = [
        "# Evaluation: calls whose truth is known",
        "",
        f"Written by `make evaluate` on {day.isoformat()}: {len(scores)} calls, and {len(held_out)} held out, spoken",
        f"by espeak-ng and sent through the sandbox with the installed command, in {whole_s:.0f} s on two cores.",
        "",
        "| bar | wanted | reached | |",
        "|---|---:|---:|---|",
        *(
            f"| {each.what} | {each.wanted} | {each.reached} | {'met' if each.met else 'missed'} |"
            for each in bars(scores)
        ),
        "",
        *_written(scores),
        "",
        *_price(scores),
        "",
        "## Calls held out",
        "",
        f"{len(held_out)} calls that were written, with their truth, by somebody who knew neither the rules of the",
        "stand-ins nor the calls above, some of them to be hard. Nothing was tuned on them: of outcome, QA and",
        "sentiment these figures say what the stand-ins are worth, those above what they were made for.",
        "",
        *_written(held_out),
        "",
    ]
    return "\n".join(lines) + "\n" + _LIMITS.read_text(encoding="utf-8")


def _written(scores: Sequence[Score]) -> Iterator[str]:
    yield "| " + " | ".join(_COLUMNS) + " |"
    yield "|---|" + "---:|" * (len(_COLUMNS) - 1)
    for row in rows(scores):
        yield "| " + " | ".join(row) + " |"


def _price(scores: Sequence[Score]) -> Iterator[str]:
    """What ten minutes cost, from the longest call."""
    longest = max(scores, key=lambda each: each.recording.duration_s)
    ten = longest.cost_gbp / longest.recording.duration_s * 600
    name = longest.recording.script.name
    yield f"Ten minutes of `{name}` cost GBP {ten:.3f} at AWS's list prices; the plan's price is GBP 0.25."
