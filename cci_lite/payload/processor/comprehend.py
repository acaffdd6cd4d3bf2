"""Sentiment, key phrases and entities of a call by Amazon Comprehend, within its limits.

5,000 bytes a text, 25 texts a request (docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html);
aws-facts 8.9-8.11. An item Comprehend could not judge raises, so that the event is retried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from .pieces import packed
from .transcript import Phrase

SEGMENT_BYTES = 4_900
BATCH = 25
QUARTERS = 4
#: Change of (positive - negative) from the first quarter to the last that counts as a trend.
TREND = 0.1
_SCORES = ("Positive", "Negative", "Neutral", "Mixed")
_MOST = 50


@dataclass
class Units:
    """Comprehend's billing units: 100 characters, at least 3 a text (aws-facts 14)."""

    count: int = 0

    def add(self, texts: Iterable[str]) -> None:
        self.count += sum(max(3, -(-len(each) // 100)) for each in texts)


@dataclass(frozen=True)
class Comprehend:
    """A client, the language of the call in Comprehend's code, and what the call has cost so far."""

    client: Any
    language: str
    units: Units = field(default_factory=Units)

    def sentiment(self, phrases: Sequence[Phrase], duration_s: float) -> dict[str, Any]:
        """label, scores, per_quarter (4 label/scores or None), per_speaker, trend (improving, declining, steady)."""
        segments = list(_segments(phrases, duration_s))
        found = self._batched(self.client.batch_detect_sentiment, [text for _, _, text in segments])
        rated = [
            (quarter, speaker, len(text.encode()), answer["SentimentScore"])
            for (quarter, speaker, text), answer in zip(segments, found, strict=True)
        ]
        quarters = [_mean([each for each in rated if each[0] == number]) for number in range(QUARTERS)]
        speakers = sorted({speaker for _, speaker, _, _ in rated})
        return {
            **(_mean(rated) or {}),
            "per_quarter": quarters,
            "per_speaker": {name: _mean([each for each in rated if each[1] == name]) for name in speakers},
            "trend": _trend(quarters),
        }

    def key_phrases(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Distinct phrases, most frequent first: {text, count}."""
        found = self._batched(self.client.batch_detect_key_phrases, packed(texts, SEGMENT_BYTES))
        counted = _counted((each["Text"],) for answer in found for each in answer["KeyPhrases"])
        return [{"text": text, "count": count} for (text,), count in counted]

    def entities(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Distinct entities, most frequent first: {type, text, count}."""
        found = self._batched(self.client.batch_detect_entities, packed(texts, SEGMENT_BYTES))
        counted = _counted((each["Type"], each["Text"]) for answer in found for each in answer["Entities"])
        return [{"type": kind, "text": text, "count": count} for (kind, text), count in counted]

    def _batched(self, ask: Callable[..., Mapping[str, Any]], texts: Sequence[str]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            answer = ask(TextList=batch, LanguageCode=self.language)
            if answer["ErrorList"]:
                raise ItemsFailedError(sorted({str(each["ErrorCode"]) for each in answer["ErrorList"]}))
            found += sorted(answer["ResultList"], key=lambda each: int(each["Index"]))
            self.units.add(batch)
        return found


class ItemsFailedError(Exception):
    """Comprehend answered the batch but not all of its texts."""


def _segments(phrases: Sequence[Phrase], duration_s: float) -> Iterator[tuple[int, str, str]]:
    """(quarter of the call, speaker, text within the byte limit)."""

    def place(phrase: Phrase) -> tuple[int, str]:
        middle = (phrase.start_s + phrase.end_s) / 2
        quarter = int(QUARTERS * middle / duration_s) if duration_s > 0 else 0
        return min(QUARTERS - 1, quarter), phrase.speaker

    for (quarter, speaker), group in groupby(sorted(phrases, key=place), key=place):
        for text in packed((each.text for each in group), SEGMENT_BYTES):
            yield quarter, speaker, text


def _mean(rated: Sequence[tuple[int, str, int, Mapping[str, float]]]) -> dict[str, Any] | None:
    """The label and scores over segments, weighted by length."""
    weight = sum(size for _, _, size, _ in rated)
    if not weight:
        return None
    scores = {
        name.lower(): round(sum(size * scores[name] for _, _, size, scores in rated) / weight, 4) for name in _SCORES
    }
    return {"label": max(scores, key=lambda name: scores[name]).upper(), "scores": scores}


def _trend(quarters: Sequence[Mapping[str, Any] | None]) -> str | None:
    known = [each["scores"]["positive"] - each["scores"]["negative"] for each in quarters if each]
    if len(known) < 2:
        return None
    change = known[-1] - known[0]
    return "improving" if change > TREND else "declining" if change < -TREND else "steady"


def _counted(found: Iterable[tuple[str, ...]]) -> list[tuple[tuple[str, ...], int]]:
    """Spellings that differ only in case are one, shown as first said."""
    counts: Counter[tuple[str, ...]] = Counter()
    shown: dict[tuple[str, ...], tuple[str, ...]] = {}
    for each in found:
        key = tuple(part.casefold() for part in each)
        shown.setdefault(key, each)
        counts[key] += 1
    return [(shown[key], count) for key, count in counts.most_common(_MOST)]
