"""Results of calls that nobody made, as many as asked for, always the same."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_LABELS = ("POSITIVE", "NEUTRAL", "MIXED", "NEGATIVE", None)
_OUTCOMES = ("resolved", "escalated", "callback", None)
_TONES = ("friendly", "neutral", "tense")
_WORDS = ("order", "parcel", "refund", "invoice", "card", "table", "garden", "Friday", "delivery", "please", "again")
_FIRST = datetime(2026, 9, 1, 8, tzinfo=UTC)


def documents(
    count: int, *, turns: int = 24, hours_apart: float = 1.6, first: datetime = _FIRST
) -> Iterator[tuple[str, str]]:
    """(place, JSON), one a call."""
    dice = random.Random(7)
    for number in range(count):
        call = _call(number, dice, turns, first + timedelta(hours=hours_apart * number))
        day = call["call_started_at"][:10].replace("-", "/")
        yield f"s3://results/{call['tenant_id']}/{day}/{call['call_id']}.json", json.dumps(call)


def _call(number: int, dice: random.Random, turns: int, began: datetime) -> dict[str, Any]:
    return {
        "schema_version": "cci-lite-v1.1",
        "tenant_id": dice.choice(("demo-tenant", "acme")),
        "call_id": f"call-{number:08x}",
        "call_started_at": began.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "duration_s": round(dice.uniform(20, 900), 2),
        "language": "en-US",
        "summary": _said(dice, 18),
        "issue": _said(dice, 5),
        "outcome": dice.choice(_OUTCOMES),
        "tone": dice.choice(_TONES),
        "qa_score": dice.choice((None, 20.0, 60.0, 80.0, 100.0)),
        "redacted": "transcribe",
        "sentiment_label": dice.choice(_LABELS),
        "sentiment_customer": None,
        "sentiment_agent": None,
        "cost_gbp": round(dice.uniform(0.01, 0.3), 4),
        "turns": [_turn(each, dice) for each in range(turns)],
        "key_phrases": [{"text": word, "count": dice.randint(1, 4)} for word in dice.sample(_WORDS, 5)],
        "entities": [{"type": "DATE", "text": dice.choice(("Friday", "Monday")), "count": 1}],
        "action_items": [{"who": "agent", "what": _said(dice, 6), "by_when": "Friday"}],
        "qa": [{"question": "Greeted?", "answer": "yes", "points": 20, "quote": _said(dice, 4)}],
        "categories": ["refund"],
    }


def _turn(number: int, dice: random.Random) -> dict[str, Any]:
    who = ("agent", "customer")[number % 2]
    return {"i": number, "start_s": number * 7.5, "end_s": number * 7.5 + 7, "speaker": who, "text": _said(dice, 14)}


def _said(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(_WORDS, k=words))
