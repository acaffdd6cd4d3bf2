"""What a policy is evaluated on where the emulator names no resource or no condition key. Pure functions.

Actions, resources and condition keys are those of the Service Authorization Reference (aws-facts §5, §6.5).
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

_TRANSCRIBE_KEYS = ("OutputBucketName", "OutputKey", "OutputEncryptionKMSKeyId")
_BEDROCK_PATHS = (
    re.compile(r"^/model/(.+)/(?:converse|invoke)(?:-stream|-with-response-stream)?$"),
    re.compile(r"^/(?:inference-profiles|foundation-models|foundation-model-availability)/(.+)$"),
)


def action(service: str, path: str) -> str | None:
    """The IAM action where it is not the operation's name: Converse is one, a path of Lake Formation is."""
    if service == "bedrock-runtime" and re.match(r"^/model/.+/converse$", path):
        return "bedrock:InvokeModel"
    return f"lakeformation:{path.strip('/')}" if service == "lakeformation" else None


def resource(service: str, operation: str, path: str, body: bytes, region: str, account: str) -> str | None:
    """The resource's ARN, or None where the emulator's own answer (or "*") is right."""
    if service == "ssm":
        return _parameter(operation, _json(body), region, account)
    if service == "transcribe" and operation in ("GetTranscriptionJob", "DeleteTranscriptionJob"):
        name = _json(body).get("TranscriptionJobName", "")
        return f"arn:aws:transcribe:{region}:{account}:transcription-job/{name}"
    if service in ("bedrock", "bedrock-runtime"):
        for pattern in _BEDROCK_PATHS:
            if found := pattern.match(path):
                return model_arn(unquote(found.group(1)), region, account)
    return None


def conditions(service: str, operation: str, body: bytes) -> dict[str, Any]:
    """Condition keys of the request that the emulator does not put into the context."""
    if service != "transcribe" or operation != "StartTranscriptionJob":
        return {}
    request = _json(body)
    return {f"transcribe:{key}": request[key] for key in _TRANSCRIBE_KEYS if request.get(key)}


def model_arn(identifier: str, region: str, account: str) -> str:
    """A model id, profile id or ARN as the ARN that IAM sees: profiles carry the account, models do not."""
    if identifier.startswith("arn:"):
        return identifier
    if re.match(r"^(eu|us|apac|global)\.", identifier):
        return f"arn:aws:bedrock:{region}:{account}:inference-profile/{identifier}"
    return f"arn:aws:bedrock:{region}::foundation-model/{identifier}"


def parameter_arn(name: str, region: str, account: str) -> str:
    """Parameter names with a leading slash share it with the ARN's."""
    return f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}"


def _parameter(operation: str, request: dict[str, Any], region: str, account: str) -> str | None:
    if operation == "DescribeParameters":
        return f"arn:aws:ssm:{region}:{account}:*"
    names = request.get("Names") or []
    name = request.get("Name") or request.get("Path") or request.get("ResourceId") or (names[0] if names else None)
    return parameter_arn(str(name), region, account) if name else None


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
