"""The result document of a call, put together and checked against its schema before anybody may write it.

Pure but for reading the package's own sources once, for the code's hash. Imports no AWS package.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from . import schema
from .cost import Used, cost, total
from .evidence import Absent
from .measures import interruptions, silence, talk, words_per_minute
from .naming import call_id
from .prompt import PROMPT_VERSION
from .result_schema import EXCERPT, RESULT_SCHEMA, SCHEMA_VERSION
from .store import utc
from .transcript import Phrase
from .understand import Call, Found
from .work import Work


class InvalidResultError(Exception):
    """The document does not satisfy its own schema: a fault of this code, kept for the on-failure queue."""


def build(work: Work, call: Call, found: Found, elapsed_ms: int) -> dict[str, Any]:
    """The document, valid by RESULT_SCHEMA. Raises InvalidResultError with the paths that are wrong."""
    spent = cost(_used(work, call, found, elapsed_ms))
    absent = [*found.absent, *([Absent("cost.bedrock", "no price known")] if spent["bedrock"] is None else [])]
    document = {
        **_identity(work, call),
        **_heard(call, found.transcript.phrases),
        "transcript_excerpt": found.transcript.text[:EXCERPT],
        "turns": [_turn(place, each) for place, each in enumerate(found.transcript.turns)],
        "turns_count": len(found.transcript.turns),
        **_sentiment(found.sentiment),
        "key_phrases": found.key_phrases,
        "entities": found.entities,
        "categories": found.categories,
        **_report(found),
        "redacted": found.redacted,
        "cost": spent,
        **dict(zip(("cost_usd", "cost_gbp"), total(spent), strict=True)),
        "absent": [{"field": each.field, "reason": each.reason} for each in absent],
        "provenance": {"code_sha256": code_sha256(), "prompt_version": PROMPT_VERSION},
    }
    wrong = schema.errors(RESULT_SCHEMA, document)
    if wrong:
        raise InvalidResultError("; ".join(wrong[:10]))
    return document


def _identity(work: Work, call: Call) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "tenant_id": call.tenant.id,
        "call_id": call_id(call.recording.key),
        "source": call.recording.source(),
        "job_name": call.job["TranscriptionJobName"],
        "processed_at": utc(work.now()),
        "call_started_at": call.recording.started_at or utc(call.job["CreationTime"]),
        "duration_s": round(call.duration_s, 2),
        "language": call.language,
        "speech": bool(call.transcript.phrases),
    }


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
        **flat,
        "talk": {f"{who}_s": seconds for who, seconds in spoken.items()},
        "words_per_minute": pace,
        "silence": {"total_s": whole, "longest_s": longest},
        "silence_total_s": whole,
        "silence_longest_s": longest,
        "interruptions": [{"by": each.by, "at_s": each.at_s} for each in cuts],
        "interruptions_count": len(cuts),
    }


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


def _used(work: Work, call: Call, found: Found, elapsed_ms: int) -> Used:
    return Used(
        audio_s=call.duration_s,
        redacted_by_transcribe=found.redacted == "transcribe",
        comprehend_units=found.units,
        model=found.model_id,
        input_tokens=found.report.input_tokens,
        output_tokens=found.report.output_tokens,
        lambda_ms=elapsed_ms,
        memory_mb=work.memory_mb,
    )


@cache
def code_sha256() -> str:
    """SHA-256 over this package's sources, names included: which code wrote a result."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
