"""Answers to the QA rubric that the transcript proves, and the score they give. Pure.

The model says yes or no and quotes; points are given here, so that a call cannot talk itself into a score.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .scripts import closed, unspaced
from .transcript import Phrase

_LEAST_QUOTE = 3


@dataclass(frozen=True)
class Absent:
    """A field that could not be computed, and why."""

    field: str
    reason: str


def proven(
    rubric: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]], turns: Sequence[Phrase]
) -> tuple[list[dict[str, Any]], float | None, list[Absent]]:
    """(answers with question, points, quote and turn; score 0-100 or None; what was dropped).

    Of several answers to a question (parts of a long call) a proven yes wins, then no, then unclear.
    """
    kept, absent = [], []
    for question in rubric:
        given = [each for each in answers if each["id"] == str(question["id"])]
        best = next(iter(sorted((_checked(each, question, turns) for each in given), key=_rank)), None)
        if best is None or best["answer"] is None:
            reason = "the model did not answer" if best is None else "the quote is not in the transcript"
            absent.append(Absent(f"qa.{question['id']}", reason))
        else:
            kept.append(best)
            if best["quote"] is None and any(each["quote"] for each in given if each["answer"] == best["answer"]):
                absent.append(Absent(f"qa.{question['id']}.quote", "the quote is not in the transcript"))
    return kept, _score(kept, rubric), absent


def _rank(answer: Mapping[str, Any]) -> int:
    order = {"yes": 0, "no": 1, "unclear": 2}
    return order.get(str(answer["answer"]), 3)


def _checked(answer: Mapping[str, Any], question: Mapping[str, Any], turns: Sequence[Phrase]) -> dict[str, Any]:
    """The answer with points; None as answer when it is a yes without a quote that was really said."""
    place = where(answer["quote"], turns)
    shown = place is not None
    said = answer["answer"] if shown or answer["answer"] != "yes" else None
    return {
        "id": str(question["id"]),
        "question": str(question["question"]),
        "answer": said,
        "points": question["points"] if said == "yes" else 0,
        "quote": answer["quote"] if shown else None,
        "turn": place,
    }


def where(quote: str | None, turns: Sequence[Phrase]) -> int | None:
    """The turn in which the quote occurs, case and spaces aside; None when in no single turn."""
    wanted = _folded(quote or "")
    # A character of a script without spaces is a syllable or a word: it says as much as two letters.
    if len(wanted) + sum(map(unspaced, wanted)) < _LEAST_QUOTE:
        return None
    return next((place for place, turn in enumerate(turns) if wanted in _folded(turn.text)), None)


def _folded(text: str) -> str:
    return closed(re.sub(r"\s+", " ", text).strip().strip('"“”「」')).casefold()


def _score(kept: Sequence[Mapping[str, Any]], rubric: Sequence[Mapping[str, Any]]) -> float | None:
    """Points given of points possible, over the questions answered yes or no."""
    most = {str(each["id"]): float(each["points"]) for each in rubric}
    counted = [each for each in kept if each["answer"] != "unclear"]
    possible = sum(most[each["id"]] for each in counted)
    return round(100 * sum(float(each["points"]) for each in counted) / possible, 1) if possible else None
