"""A result and its truth to one row of figures, and rows to the bars they must reach. Pure; imports the measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jsonschema

from cci_lite.payload.processor.config import RUBRIC
from cci_lite.payload.processor.result_schema import RESULT_SCHEMA
from tests.calls import metrics
from tests.calls.metrics import Hits
from tests.calls.recordings import Recording

_SCHEMA = jsonschema.Draft202012Validator(RESULT_SCHEMA)
CARD = "CREDIT_DEBIT_NUMBER"
_QUESTIONS = [str(each["id"]) for each in RUBRIC]


@dataclass(frozen=True)
class Score:
    """One call. wrong: what its schema says of the result, or the reason of a failure; took_s: upload to result."""

    recording: Recording
    wrong: Sequence[str]
    took_s: float
    redacted: str = ""
    word_errors: int = 0
    words: int = 0
    talk_error_s: float = 0.0
    talk_s: float = 0.0
    attribution: float | None = None
    cuts: Hits = field(default_factory=Hits)
    hidden: Hits = field(default_factory=Hits)
    cards: Hits = field(default_factory=Hits)
    marks: Hits = field(default_factory=Hits)
    categories: Hits = field(default_factory=Hits)
    signs: Hits = field(default_factory=Hits)
    qa: Hits = field(default_factory=Hits)
    outcome: str | None = None
    cost_gbp: float = 0.0

    @property
    def outcome_right(self) -> bool:
        return self.outcome == self.recording.script.truth.outcome


def score(recording: Recording, result: Mapping[str, Any], took_s: float) -> Score:
    """The row of a call; of a recorded failure only its reason."""
    wrong = [error.message for error in _SCHEMA.iter_errors(result)]
    if wrong:
        return Score(recording, [str(result.get("reason", ""))] if "reason" in result else wrong, took_s)
    script, said, turns = recording.script, recording.said, result["turns"]
    errors, words = metrics.word_errors(said, turns, by_speaker=script.channels == 2)
    talk_error, talk = metrics.talk(said, result)
    cards = [each for each in script.personal if each.kind == CARD]
    return Score(
        recording,
        wrong,
        took_s,
        redacted=result["redacted"],
        word_errors=errors,
        words=words,
        talk_error_s=talk_error,
        talk_s=talk,
        attribution=metrics.attribution(said, turns),
        cuts=metrics.cuts(said, result["interruptions"]),
        hidden=metrics.hidden(script.personal, result),
        cards=metrics.hidden(cards, result),
        marks=metrics.marks(said, turns),
        categories=metrics.labels(script.truth.categories, result["categories"]),
        signs=metrics.signs(script.truth.sentiment, result),
        qa=metrics.answers(script.truth.qa, _QUESTIONS, result["qa"]),
        outcome=result["outcome"],
        cost_gbp=result["cost_gbp"],
    )


@dataclass(frozen=True)
class Bar:
    """What must be reached, what was, and whether that is enough."""

    what: str
    wanted: str
    reached: str
    met: bool


def bars(scores: Sequence[Score]) -> list[Bar]:
    """The bars over all calls; those on words and talk time over the calls of clean stereo, each call by itself."""
    clean = [each for each in scores if each.recording.script.clean and each.words]
    worst_words = min((1 - each.word_errors / each.words for each in clean), default=0.0)
    worst_talk = max((each.talk_error_s / each.talk_s for each in clean), default=1.0)
    cards, signs = total(scores, lambda each: each.cards), total(scores, lambda each: each.signs)
    invalid = sum(bool(each.wrong) for each in scores)
    return [
        Bar("words right, clean stereo, worst call", ">= 85 %", percent(worst_words), worst_words >= 0.85),
        Bar("talk time off, clean stereo, worst call", "<= 3 %", percent(worst_talk), worst_talk <= 0.03),
        Bar("card numbers redacted", "all", f"{cards.right} of {cards.true}", cards.right == cards.true > 0),
        Bar("sign of sentiment right", "9 of 10", f"{signs.right} of {signs.true}", signs.right >= 0.9 * signs.true),
        Bar("results that fail the schema", "0", str(invalid), invalid == 0),
    ]


def total(scores: Iterable[Score], hits: Callable[[Score], Hits]) -> Hits:
    """One measure over all calls."""
    return sum((hits(each) for each in scores), Hits())


def percent(share: float | None) -> str:
    """ "93.4 %", or a dash for no share."""
    return "-" if share is None else f"{100 * share:.1f} %"
