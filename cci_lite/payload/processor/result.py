"""The result document of a call, put together and checked against its schema before anybody may write it.

Pure but for reading the package's own sources once, for the code's hash. Imports no AWS package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from . import schema
from .cost import Used, cost, together, total
from .evidence import Absent
from .naming import call_id
from .parts import parts
from .prompt import PROMPT_VERSION
from .result_schema import RESULT_SCHEMA, SCHEMA_VERSION
from .stages import STAGES, answers_for, onward
from .store import utc
from .understand import Call, Found
from .work import Work

_PRICE = "cost.bedrock"


@dataclass(frozen=True)
class Redone:
    """stage: the first that was done again; request: the id of the wish, by which its answer is known."""

    stage: str
    request: str


class InvalidResultError(Exception):
    """The document does not satisfy its own schema: a fault of this code, kept for the on-failure queue."""


def build(work: Work, call: Call, found: Found, elapsed_ms: int) -> dict[str, Any]:
    """The document, valid by RESULT_SCHEMA. Raises InvalidResultError with the paths that are wrong."""
    spent = cost(_used(work, call, found, elapsed_ms))
    document = {
        **_identity(work, call),
        **parts(call, found, STAGES),
        **_costs(spent),
        "absent": _absent(found.absent, spent),
        "provenance": {"code_sha256": code_sha256(), "prompt_version": PROMPT_VERSION},
    }
    return _checked(document)


def rebuild(
    work: Work, before: Mapping[str, Any], call: Call, found: Found, redone: Redone, elapsed_ms: int
) -> dict[str, Any]:
    """The document of a call of which some stages were done again. Its cost is of both times together."""
    stages = onward(redone.stage)
    spent = together(before["cost"], cost(_used(work, call, found, elapsed_ms)))
    kept = [Absent(**each) for each in before["absent"] if not answers_for(stages, each["field"])]
    now = utc(work.now())
    told = {
        "at": now,
        "from": redone.stage,
        "request": redone.request,
        "previous_processed_at": before["processed_at"],
    }
    prompt = PROMPT_VERSION if "model" in stages else before["provenance"]["prompt_version"]
    document = {
        **before,
        "processed_at": now,
        **parts(call, found, stages),
        **_costs(spent),
        "absent": _absent([*kept, *found.absent], spent),
        "provenance": {"code_sha256": code_sha256(), "prompt_version": prompt, "redone": told},
    }
    return _checked(document)


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    wrong = schema.errors(RESULT_SCHEMA, document)
    if wrong:
        raise InvalidResultError("; ".join(wrong[:10]))
    return document


def _costs(spent: dict[str, float | None]) -> dict[str, Any]:
    return {"cost": spent, **dict(zip(("cost_usd", "cost_gbp"), total(spent), strict=True))}


def _absent(fields: Sequence[Absent], spent: Mapping[str, float | None]) -> list[dict[str, str]]:
    """Each once; a price that is not known is said afresh every time."""
    named = {each.field: each.reason for each in fields if each.field != _PRICE}
    return [{"field": field, "reason": reason} for field, reason in named.items()] + (
        [{"field": _PRICE, "reason": "no price known"}] if spent["bedrock"] is None else []
    )


def _identity(work: Work, call: Call) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "tenant_id": call.tenant.id,
        "call_id": call_id(call.recording.key),
        "source": call.recording.source(),
        "job_name": call.job["TranscriptionJobName"],
        "processed_at": utc(work.now()),
        "call_started_at": call.recording.started_at or utc(call.job["CreationTime"]),
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
