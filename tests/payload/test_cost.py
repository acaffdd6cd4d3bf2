"""What a call cost, by part; a price that is not known is null and said to be absent, never zero."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cci_lite.payload.processor.cost import Used, cost, total

from .world import CALL, CONFIG, World

TEN_MINUTES = Used(
    audio_s=600,
    redacted_by_transcribe=False,
    comprehend_units=228,
    model="eu.anthropic.claude-haiku-4-5-20251001-v1:0",
    input_tokens=3_100,
    output_tokens=500,
    lambda_ms=10_000,
    memory_mb=1024,
)


def test_a_ten_minute_call_stays_below_the_plans_25_pence() -> None:
    usd, gbp = total(cost(TEN_MINUTES))
    assert usd == pytest.approx(0.24 + 0.0228 + 0.00616 + 0.000166667, abs=1e-5)
    assert gbp < 0.25


def test_transcribe_bills_seconds_and_at_least_fifteen() -> None:
    assert cost(replace(TEN_MINUTES, audio_s=3))["transcribe"] == pytest.approx(0.006)
    assert cost(replace(TEN_MINUTES, audio_s=59.2))["transcribe"] == pytest.approx(0.024)


def test_transcribes_redaction_costs_extra() -> None:
    assert cost(replace(TEN_MINUTES, redacted_by_transcribe=True))["transcribe"] == pytest.approx(0.264)


def test_a_call_the_model_never_saw_cost_nothing_there() -> None:
    assert cost(replace(TEN_MINUTES, model=None, input_tokens=0, output_tokens=0))["bedrock"] == 0


def test_a_model_without_a_known_price_leaves_its_cost_open(world: World) -> None:
    world.ssm.parameters[f"{CONFIG}/models"]["bedrock_model_summary"] = "eu.amazon.nova-lite-v1:0"
    result = world.call(CALL)
    assert result["cost"]["bedrock"] is None
    assert result["cost_usd"] == pytest.approx(sum(each for each in result["cost"].values() if each), abs=1e-6)
    assert "cost.bedrock" in {each["field"] for each in result["absent"]}
