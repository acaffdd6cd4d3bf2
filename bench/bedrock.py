"""Bedrock as far as a plan asks for it: profiles, models, availability, one short answer. Imports nothing of ours."""

from __future__ import annotations

from typing import Any

PROFILES = (
    "eu.anthropic.claude-haiku-5-5",
    "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
    "eu.amazon.nova-lite-v1:0",
)
_REGIONS = ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3")
_ABSENT = (404, {"message": "The provided resource was not found."})


def answer(method: str, path: str) -> tuple[int, dict[str, Any]]:
    """Status and body for a path such as /inference-profiles/ID (decoded)."""
    name = path.rsplit("/", 1)[-1]
    if path.startswith("/inference-profiles/"):
        return (200, _profile(name)) if name in PROFILES else _ABSENT
    if path.startswith("/foundation-model-availability/"):
        return 200, {
            "modelId": name,
            "agreementAvailability": {"status": "AVAILABLE"},
            "authorizationStatus": "AUTHORIZED",
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }
    if path.startswith("/foundation-models/"):
        arn = f"arn:aws:bedrock:eu-central-1::foundation-model/{name}"
        details = {"modelArn": arn, "modelId": name, "modelLifecycle": {"status": "ACTIVE"}}
        return (200, {"modelDetails": details}) if f"eu.{name}" in PROFILES else _ABSENT
    if method == "POST" and path.endswith("/converse"):
        message = {"role": "assistant", "content": [{"text": "ready"}]}
        usage = {"inputTokens": 9, "outputTokens": 1, "totalTokens": 10}
        rest = {"stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 1}}
        return 200, {"output": {"message": message}, **rest}
    return _ABSENT


def error(status: int) -> dict[str, str]:
    """The header in which rest-json errors are named."""
    return {"x-amzn-ErrorType": "ResourceNotFoundException"} if status == 404 else {}


def _profile(name: str) -> dict[str, Any]:
    model = name.split(".", 1)[1]
    return {
        "inferenceProfileId": name,
        "inferenceProfileName": name,
        "inferenceProfileArn": f"arn:aws:bedrock:eu-central-1:123456789012:inference-profile/{name}",
        "status": "ACTIVE",
        "type": "SYSTEM_DEFINED",
        "models": [{"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{model}"} for region in _REGIONS],
    }
