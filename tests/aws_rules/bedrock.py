"""Bedrock's control plane, which moto lacks. Source: aws-facts 6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

PROFILES = (
    "eu.anthropic.claude-haiku-5-5",
    "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
    "eu.amazon.nova-lite-v1:0",
)
_REGIONS = ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3")


def control_plane(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    if service == "bedrock-runtime" and operation == "Converse":
        message = {"role": "assistant", "content": [{"text": "ready"}]}
        return answer(output={"message": message}, usage={"inputTokens": 9, "outputTokens": 1, "totalTokens": 10})
    if service != "bedrock":
        return None
    if operation == "GetInferenceProfile":
        return _profile(rules, str(params["inferenceProfileIdentifier"]))
    if operation == "GetFoundationModel":
        return _model(rules, str(params["modelIdentifier"]))
    if operation == "GetFoundationModelAvailability":
        return answer(
            modelId=params["modelId"],
            agreementAvailability={"status": "AVAILABLE"},
            authorizationStatus="AUTHORIZED",
            entitlementAvailability="AVAILABLE",
            regionAvailability="AVAILABLE",
        )
    return refusal("UnknownOperationException", f"no rule for bedrock:{operation}")


def _model(rules: Rules, name: str) -> Answer:
    if f"eu.{name}" not in rules.profiles:
        return refusal("ValidationException", "The provided model identifier is invalid.")
    details = {
        "modelArn": f"arn:aws:bedrock:{rules.region}::foundation-model/{name}",
        "modelId": name,
        "modelLifecycle": rules.lives.get(name, {"status": "ACTIVE"}),
        "inferenceTypesSupported": [],
    }
    return answer(modelDetails=details)


def _profile(rules: Rules, name: str) -> Answer:
    if name not in rules.profiles:
        return refusal("ResourceNotFoundException", "The provided inference profile was not found.", 404)
    model = name.split(".", 1)[1]
    return answer(
        inferenceProfileId=name,
        inferenceProfileArn=f"arn:aws:bedrock:{rules.region}:{rules.account}:inference-profile/{name}",
        status="ACTIVE",
        type="SYSTEM_DEFINED",
        models=[{"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{model}"} for region in _REGIONS],
    )
