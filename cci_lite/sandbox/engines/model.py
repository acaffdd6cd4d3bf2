"""The sandbox's Amazon Bedrock Converse: an extractive reader in the place of a language model. Pure, no network."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from cci_lite.sandbox.engines import digest, schema_filling
from cci_lite.sandbox.engines.prompt_reading import Asked, read

_CHARS_A_TOKEN = 4


def converse(model_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The whole response body of Converse (API_runtime_Converse.html) for any `model_id`.

    A request with a JSON schema is answered with JSON that satisfies it, drawn from the transcript; another with a
    short summary. The answer never follows what is said inside the transcript.
    """
    began = time.perf_counter()
    asked = read(request)
    facts = digest.facts(asked.turns, asked.rubric)
    content, said = _content(model_id, asked, facts)
    used = _usage(request, said)
    limit = (request.get("inferenceConfig") or {}).get("maxTokens")
    stop = "tool_use" if "toolUse" in content else "end_turn"
    if limit is not None and used["outputTokens"] > limit:
        content, stop = {"text": said[: limit * _CHARS_A_TOKEN]}, "max_tokens"
        used = _usage(request, content["text"])
    return {
        "output": {"message": {"role": "assistant", "content": [content]}},
        "stopReason": stop,
        "usage": used,
        "metrics": {"latencyMs": max(1, round((time.perf_counter() - began) * 1000))},
    }


def _content(model_id: str, asked: Asked, facts: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(the content block, its text): a tool's input, JSON text or prose."""
    if asked.schema is None:
        return {"text": facts["summary"]}, facts["summary"]
    filled = schema_filling.fill(asked.schema, facts, asked.turns)
    said = json.dumps(filled, ensure_ascii=False)
    if asked.tool is not None:
        number = hashlib.sha256(f"{model_id} {said}".encode()).hexdigest()[:22]
        return {"toolUse": {"toolUseId": f"tooluse_{number}", "name": asked.tool, "input": filled}}, said
    return {"text": said}, said


def _usage(request: Mapping[str, Any], said: str) -> dict[str, int]:
    """Token counts by length: about four characters of English a token."""
    sent = json.dumps([request.get("system"), request["messages"], request.get("toolConfig")], ensure_ascii=False)
    read_tokens, written = -(-len(sent) // _CHARS_A_TOKEN), -(-len(said) // _CHARS_A_TOKEN)
    return {"inputTokens": read_tokens, "outputTokens": written, "totalTokens": read_tokens + written}
