"""Bedrock: Converse over engines.model, and the read-only control plane a preflight asks. Knows no server.

Errors and their texts: aws-facts §6.1-6.5, 6.8.
"""

from __future__ import annotations

import asyncio
import re
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from cci_lite.sandbox import ministack
from cci_lite.sandbox.authorization import model_arn
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply, rest_reply
from cci_lite.sandbox.catalogue import ACTIVE, LEGACY, MODELS, PROFILES, Model, destinations, identifier

_CONVERSE = re.compile(r"^/model/(.+)/converse$")
_CREATED = "2026-01-01T00:00:00Z"


async def runtime(call: Call, _: Forward) -> Reply:
    """The data plane. Only Converse is known."""
    found = _CONVERSE.match(call.path)
    if found is None or call.method != "POST":
        raise Refusal("UnknownOperationException", f"the sandbox has no bedrock-runtime {call.method} {call.path}")
    reference = unquote(found.group(1))
    model = _invocable(reference)
    _routed(call, identifier(reference))
    request = call.json()
    _check_request(request, model)
    converse = import_module("cci_lite.sandbox.engines.model").converse
    return rest_reply(await asyncio.to_thread(converse, identifier(reference), request))


def _invocable(reference: str) -> Model:
    """The model behind a profile; AWS's error for a bare, ended or unknown id."""
    name = identifier(reference)
    if name in PROFILES:
        return MODELS[PROFILES[name]]
    model = MODELS.get(name) or MODELS.get(name.split(".", 1)[-1])
    if model is None:
        raise Refusal("ValidationException", "The provided model identifier is invalid.")
    if model.ended:
        text = "This model version has reached the end of its life. Please refer to the AWS documentation."
        raise Refusal("ResourceNotFoundException", text, 404)
    raise Refusal(
        "ValidationException",
        f"Invocation of model ID {name} with on-demand throughput isn\u2019t supported. Retry your request with the "
        "ID or ARN of an inference profile that contains this model.",
    )


def _routed(call: Call, profile: str) -> None:
    """A profile may route to any of its regions: the caller needs the model in each (aws-facts §6.5)."""
    arn = model_arn(profile, ministack.region(), ministack.account())
    context = {"bedrock:InferenceProfileArn": arn}
    for destination in destinations(profile):
        who = ministack.denied(call, "bedrock:InvokeModel", destination, context)
        if who is not None:
            text = f"User: {who} is not authorized to perform: bedrock:InvokeModel on resource: {destination}"
            raise Refusal("AccessDeniedException", text, 403)


def _check_request(request: dict[str, Any], model: Model) -> None:
    messages = request.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refusal("ValidationException", "A conversation must start with a user message.")
    if messages[0].get("role") != "user":
        raise Refusal("ValidationException", "A conversation must start with a user message. Try again with one.")
    settings = request.get("inferenceConfig") or {}
    refused = [name for name in ("temperature", "topP") if name in settings]
    if refused and not model.takes_sampling:
        text = f"The model returned the following errors: `{refused[0]}` is not supported for this model."
        raise Refusal("ValidationException", text)


async def control(call: Call, _: Forward) -> Reply:
    """The control plane: what a preflight reads, and nothing that would write."""
    path = unquote(call.path)
    if call.method == "GET" and path == "/inference-profiles":
        return rest_reply({"inferenceProfileSummaries": [_profile(name) for name in PROFILES]})
    for prefix, answer in _READS.items():
        if call.method == "GET" and path.startswith(prefix):
            return rest_reply(answer(identifier(path.removeprefix(prefix))))
    raise Refusal("UnknownOperationException", f"the sandbox has no bedrock {call.method} {path}")


def _profile(name: str) -> dict[str, Any]:
    if name not in PROFILES:
        raise Refusal("ResourceNotFoundException", "Inference profile not found.", 404)
    return {
        "inferenceProfileName": f"EU {MODELS[PROFILES[name]].name}",
        "inferenceProfileId": name,
        "inferenceProfileArn": model_arn(name, ministack.region(), ministack.account()),
        "description": f"Routes requests to {MODELS[PROFILES[name]].name} in EU regions.",
        "createdAt": _CREATED,
        "updatedAt": _CREATED,
        "models": [{"modelArn": arn} for arn in destinations(name)],
        "status": ACTIVE,
        "type": "SYSTEM_DEFINED",
    }


def _model(name: str) -> Model:
    model = MODELS.get(name)
    if model is None:
        raise Refusal("ValidationException", "The provided model identifier is invalid.")
    return model


def _details(name: str) -> dict[str, Any]:
    model = _model(name)
    lifecycle: dict[str, Any] = {"status": LEGACY if model.ended else ACTIVE}
    if model.ends:
        lifecycle["endOfLifeTime"] = f"{model.ends}T00:00:00Z"
    return {
        "modelDetails": {
            "modelArn": model_arn(model.id, ministack.region(), ministack.account()),
            "modelId": model.id,
            "modelName": model.name,
            "providerName": model.provider,
            "inputModalities": ["TEXT"],
            "outputModalities": ["TEXT"],
            "responseStreamingSupported": True,
            "customizationsSupported": [],
            "inferenceTypesSupported": ["INFERENCE_PROFILE"],
            "modelLifecycle": lifecycle,
        }
    }


def _availability(name: str) -> dict[str, Any]:
    model = _model(name)
    usable = "NOT_AVAILABLE" if model.ended else "AVAILABLE"
    return {
        "modelId": model.id,
        "agreementAvailability": {"status": usable},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": usable,
        "regionAvailability": usable,
    }


_READS = {
    "/inference-profiles/": _profile,
    "/foundation-models/": _details,
    "/foundation-model-availability/": _availability,
}
