"""The JSON Schema of a result, cci-lite-v1.1 (draft 2020-12). Pure data; docs/result-schema.json is its copy.

Flat scalar fields stand beside the nested ones because dashboards and Athena aggregate columns, not structures
(aws-facts 8.11, 11). A value that is not known is null, never missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .naming import CALL_PATTERN
from .stages import STAGES

SCHEMA_VERSION = "cci-lite-v1.1"
EXCERPT = 2000
REDACTED = ("transcribe", "comprehend", "none")
LABELS = ("POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED")
TRENDS = ("improving", "declining", "steady")

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_SECONDS: Schema = {"type": "number", "minimum": 0}
_SECONDS_OR_NULL: Schema = {"type": ["number", "null"], "minimum": 0}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL: Schema = {"type": ["integer", "null"], "minimum": 0}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_SHARE_OR_NULL: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_SCORE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 100}
_LABEL_OR_NULL: Schema = {"enum": [*LABELS, None]}
_TREND_OR_NULL: Schema = {"enum": [*TRENDS, None]}
_MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}


def _object(properties: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Mapping[str, Any]) -> Schema:
    return {"type": "array", "items": dict(items)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_SCORES = _object({name.lower(): _SHARE for name in LABELS})
_FEELING = {"label": {"enum": list(LABELS)}, "scores": _SCORES}
_SENTIMENT = _object(
    {
        **_FEELING,
        "per_quarter": {"type": "array", "minItems": 4, "maxItems": 4, "items": _or_null(_object(_FEELING))},
        "per_speaker": {"type": "object", "additionalProperties": _object(_FEELING)},
        "trend": _TREND_OR_NULL,
    }
)
_TURN = _object(
    {
        "i": _COUNT,
        "speaker": _TEXT,
        "channel": _COUNT_OR_NULL,
        "start_s": _SECONDS,
        "end_s": _SECONDS,
        "text": _TEXT,
    }
)
_ANSWER = _object(
    {
        "id": _TEXT,
        "question": _TEXT,
        "answer": {"enum": ["yes", "no", "unclear"]},
        "points": {"type": "number", "minimum": 0},
        "quote": _TEXT_OR_NULL,
        "turn": _COUNT_OR_NULL,
    }
)
#: Only on results that an operator had made again: when, from which stage, instead of which result.
_REDONE = _object(
    {"at": _MOMENT, "from": {"enum": list(STAGES)}, "request": _TEXT, "previous_processed_at": _MOMENT},
)
_BY_SPEAKER: Schema = {"type": "object", "additionalProperties": _SECONDS}

_NESTED: dict[str, Schema] = {
    "source": _object({"bucket": _TEXT, "key": _TEXT, "etag": _TEXT_OR_NULL, "size": _COUNT_OR_NULL}),
    "sentiment": _or_null(_SENTIMENT),
    "turns": _list(_TURN),
    "talk": _BY_SPEAKER,
    "silence": _object({"total_s": _SECONDS, "longest_s": _SECONDS}),
    "interruptions": _list(_object({"by": _TEXT, "at_s": _SECONDS})),
    "words_per_minute": _BY_SPEAKER,
    "key_phrases": _list(_object({"text": _TEXT, "count": _COUNT})),
    "entities": _list(_object({"type": _TEXT, "text": _TEXT, "count": _COUNT})),
    "categories": _list(_TEXT),
    "action_items": _list(_object({"who": _TEXT_OR_NULL, "what": _TEXT, "by_when": _TEXT_OR_NULL})),
    "qa": _list(_ANSWER),
    "model": _object({"id": _TEXT_OR_NULL, "prompt_version": _TEXT, "input_tokens": _COUNT, "output_tokens": _COUNT}),
    "cost": _object({"transcribe": _SECONDS, "comprehend": _SECONDS, "bedrock": _SECONDS_OR_NULL, "lambda": _SECONDS}),
    "absent": _list(_object({"field": _TEXT, "reason": _TEXT})),
    "provenance": _object({"code_sha256": _TEXT, "prompt_version": _TEXT}, {"redone": _REDONE}),
}

_FLAT: dict[str, Schema] = {
    "sentiment_label": _LABEL_OR_NULL,
    "sentiment_positive": _SHARE_OR_NULL,
    "sentiment_negative": _SHARE_OR_NULL,
    "sentiment_neutral": _SHARE_OR_NULL,
    "sentiment_mixed": _SHARE_OR_NULL,
    "sentiment_trend": _TREND_OR_NULL,
    "sentiment_agent": _LABEL_OR_NULL,
    "sentiment_customer": _LABEL_OR_NULL,
    "talk_agent_s": _SECONDS_OR_NULL,
    "talk_customer_s": _SECONDS_OR_NULL,
    "silence_total_s": _SECONDS,
    "silence_longest_s": _SECONDS,
    "turns_count": _COUNT,
    "interruptions_count": _COUNT,
    "interruptions_agent": _COUNT_OR_NULL,
    "interruptions_customer": _COUNT_OR_NULL,
    "wpm_agent": _SECONDS_OR_NULL,
    "wpm_customer": _SECONDS_OR_NULL,
    "action_items_count": _COUNT,
    "model_id": _TEXT_OR_NULL,
    "cost_usd": _SECONDS,
    "cost_gbp": _SECONDS,
}

_CALL: dict[str, Schema] = {
    "schema_version": {"const": SCHEMA_VERSION},
    "tenant_id": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,40}$"},
    "call_id": {"type": "string", "pattern": CALL_PATTERN.pattern},
    "job_name": {"type": "string", "pattern": "^cci-lite-[0-9a-f]{20}$"},
    "processed_at": _MOMENT,
    "call_started_at": _MOMENT,
    "duration_s": _SECONDS,
    "language": _TEXT_OR_NULL,
    "speech": {"type": "boolean"},
    "summary": {"type": ["string", "null"]},
    "transcript_excerpt": {"type": "string", "maxLength": EXCERPT},
    "issue": _TEXT_OR_NULL,
    "outcome": _TEXT_OR_NULL,
    "tone": _TEXT_OR_NULL,
    "qa_score": _SCORE,
    "truncated": {"type": "boolean"},
    "redacted": {"enum": list(REDACTED)},
}

RESULT_SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:cci-lite:result:v1.1",
    "title": "Result of a call",
    "description": "One line of JSON in TENANT/YYYY/MM/DD/CALL.json of the results bucket.",
    **_object({**_CALL, **_FLAT, **_NESTED}),
}
