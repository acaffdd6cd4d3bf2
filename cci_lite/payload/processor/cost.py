"""What one call cost, by part, in US dollars and pounds. Pure tables; aws-facts 14.

List prices of eu-central-1 from secondary sources, November 2026: an estimate of the bill, not the bill.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

TRANSCRIBE_USD_A_MINUTE = 0.024
TRANSCRIBE_REDACTION_USD_A_MINUTE = 0.0024
#: Transcribe bills at least 15 seconds a request (aws.amazon.com/transcribe/pricing).
TRANSCRIBE_LEAST_S = 15
COMPREHEND_USD_A_UNIT = 0.0001
LAMBDA_USD_A_GB_S = 0.0000166667
GBP_A_USD = 0.79
#: Part of the profile's id -> US dollars a million tokens in, out.
_MODELS = {"claude-haiku-5-5": (0.11, 0.55), "claude-haiku-4-5": (1.10, 5.50)}


@dataclass(frozen=True)
class Used:
    """Amounts measured. bedrock is None-priced when the model's price is not known."""

    audio_s: float
    redacted_by_transcribe: bool
    comprehend_units: int
    model: str | None
    input_tokens: int
    output_tokens: int
    lambda_ms: int
    memory_mb: int


def cost(used: Used) -> dict[str, float | None]:
    """transcribe, comprehend, bedrock and lambda in USD; bedrock None when its price is unknown."""
    minutes = max(TRANSCRIBE_LEAST_S, math.ceil(used.audio_s)) / 60
    rate = TRANSCRIBE_USD_A_MINUTE + (TRANSCRIBE_REDACTION_USD_A_MINUTE if used.redacted_by_transcribe else 0)
    return {
        "transcribe": round(minutes * rate, 6),
        "comprehend": round(used.comprehend_units * COMPREHEND_USD_A_UNIT, 6),
        "bedrock": _bedrock(used),
        "lambda": round(used.lambda_ms / 1000 * used.memory_mb / 1024 * LAMBDA_USD_A_GB_S, 8),
    }


def _bedrock(used: Used) -> float | None:
    if used.model is None or not used.input_tokens:
        return 0.0
    price = next((each for name, each in _MODELS.items() if name in (used.model or "")), None)
    if price is None:
        return None
    return round((used.input_tokens * price[0] + used.output_tokens * price[1]) / 1_000_000, 6)


def total(parts: dict[str, float | None]) -> tuple[float, float]:
    """(USD, GBP) over the parts whose price is known."""
    usd = sum(each for each in parts.values() if each is not None)
    return round(usd, 6), round(usd * GBP_A_USD, 6)


def together(before: Mapping[str, float | None], now: Mapping[str, float | None]) -> dict[str, float | None]:
    """What a call cost that was done again: its transcript was bought once, everything else is added up."""
    added: dict[str, float | None] = {"transcribe": before["transcribe"]}
    for part in ("comprehend", "bedrock", "lambda"):
        old, new = before[part], now[part]
        added[part] = None if old is None or new is None else round(old + new, 8)
    return added
