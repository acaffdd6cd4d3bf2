"""Positive, negative, neutral and mixed shares of a text, from VADER a sentence. Imports vaderSentiment when called."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any

_SENTENCE = re.compile(r"[^.!?。！？؟।\n]+[.!?。！？؟।]*")
_STRONG = 0.35
_lock = threading.Lock()


def sentences(text: str) -> list[str]:
    """The sentences of a text in any script, without the space around them."""
    return [part.strip() for part in _SENTENCE.findall(text) if part.strip()]


def scores(text: str) -> dict[str, float]:
    """Comprehend's SentimentScore: Positive, Negative, Neutral, Mixed, summing to 1.

    Each sentence counts by its length. VADER's compound of a whole call saturates (+0.95 for the sample call, which is
    a complaint), so the strength of either side is the mean over sentences, and a text with both sides strong is mixed.
    """
    parts = sentences(text)
    compounds = [(compound(part), len(part.split())) for part in parts]
    total = sum(weight for _, weight in compounds) or 1
    up = sum(value * weight for value, weight in compounds if value > 0) / total
    down = sum(-value * weight for value, weight in compounds if value < 0) / total
    peak_up = max((value for value, _ in compounds), default=0.0)
    peak_down = max((-value for value, _ in compounds), default=0.0)
    both = min(up, down) * 2 if min(peak_up, peak_down) > _STRONG else 0.0
    return _shares(up, down, both)


def compound(sentence: str) -> float:
    """VADER's compound score of one sentence, -1 to 1."""
    with _lock:
        return float(_analyser().polarity_scores(sentence)["compound"])


def _shares(up: float, down: float, both: float) -> dict[str, float]:
    """A floor keeps every share above 0, as AWS's are; the neutral share is what the feelings leave."""
    raw = {
        "Positive": max(up - both / 2, 0.0) ** 0.7,
        "Negative": max(down - both / 2, 0.0) ** 0.7,
        "Neutral": max(0.45 - 0.5 * (up + down), 0.0),
        "Mixed": both,
    }
    floored = {name: value + 0.005 for name, value in raw.items()}
    total = sum(floored.values())
    shares = {name: round(value / total, 6) for name, value in floored.items()}
    shares["Neutral"] = round(1 - sum(value for name, value in shares.items() if name != "Neutral"), 6)
    return shares


@lru_cache(maxsize=1)
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
