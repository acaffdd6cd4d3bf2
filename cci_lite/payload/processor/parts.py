"""What the stages of a call found, as fields of its result. Pure; imports no AWS package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .measures import interruptions, silence, talk, words_per_minute
from .prompt import PROMPT_VERSION
from .result_schema import EXCERPT
from .transcript import Phrase
from .understand import Call, Found


def parts(call: Call, found: Found, stages: Collection[str]) -> dict[str, Any]:
    """The fields of a result that these stages answer for."""
    parts: dict[str, Any] = {}
    if "transcript" in stages:
        parts |= _heard(call, found.transcript.phrases)
    if "analyse" in stages:
        parts |= _analysed(found)
    if "model" in stages:
        parts |= _report(found)
    return {**parts, **({"categories": found.categories} if "categories" in stages else {})}


def _heard(call: Call, phrases: Sequence[Phrase]) -> dict[str, Any]:
    """Talk, silence, interruptions and pace; the flat columns are null for a role nobody is known to have."""
    spoken, pace, cuts = talk(phrases), words_per_minute(phrases), interruptions(phrases)
    whole, longest = silence(phrases, call.duration_s)
    by = Counter(each.by for each in cuts)
    flat: dict[str, Any] = {}
    for who in ("agent", "customer"):
        flat[f"talk_{who}_s"] = spoken.get(who)
        flat[f"wpm_{who}"] = pace.get(who)
        flat[f"interruptions_{who}"] = by[who] if who in spoken else None
    return {
        "duration_s": round(call.duration_s, 2),
        "language": call.language,
        "speech": bool(phrases),
        **flat,
        "talk": {f"{who}_s": seconds for who, seconds in spoken.items()},
        "words_per_minute": pace,
        "silence": {"total_s": whole, "longest_s": longest},
        "silence_total_s": whole,
        "silence_longest_s": longest,
        "interruptions": [{"by": each.by, "at_s": each.at_s} for each in cuts],
        "interruptions_count": len(cuts),
    }


def _analysed(found: Found) -> dict[str, Any]:
    return {
        "transcript_excerpt": found.transcript.text[:EXCERPT],
        "turns": listed(found.transcript.turns),
        "turns_count": len(found.transcript.turns),
        **_sentiment(found.sentiment),
        "key_phrases": found.key_phrases,
        "entities": found.entities,
        "redacted": found.redacted,
    }


def listed(turns: Sequence[Phrase]) -> list[dict[str, Any]]:
    """Turns as documents show them."""
    return [_turn(place, each) for place, each in enumerate(turns)]


def _turn(place: int, turn: Phrase) -> dict[str, Any]:
    return {
        "i": place,
        "speaker": turn.speaker,
        "channel": turn.channel,
        "start_s": turn.start_s,
        "end_s": turn.end_s,
        "text": turn.text,
    }


def _sentiment(found: Mapping[str, Any] | None) -> dict[str, Any]:
    scores = found["scores"] if found else {}
    speakers = found["per_speaker"] if found else {}
    return {
        "sentiment": found,
        "sentiment_label": found["label"] if found else None,
        **{f"sentiment_{each}": scores.get(each) for each in ("positive", "negative", "neutral", "mixed")},
        "sentiment_trend": found["trend"] if found else None,
        **{f"sentiment_{who}": speakers[who]["label"] if who in speakers else None for who in ("agent", "customer")},
    }


def _report(found: Found) -> dict[str, Any]:
    report = found.report
    return {
        "summary": report.summary,
        "issue": report.issue,
        "outcome": report.outcome,
        "tone": report.tone,
        "action_items": report.action_items,
        "action_items_count": len(report.action_items),
        "qa": report.qa,
        "qa_score": report.qa_score,
        "truncated": report.truncated,
        "model_id": found.model_id,
        "model": {
            "id": found.model_id,
            "prompt_version": PROMPT_VERSION,
            "input_tokens": report.input_tokens,
            "output_tokens": report.output_tokens,
        },
    }
