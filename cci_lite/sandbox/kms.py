"""KMS where the emulator tells less than AWS. Hooks; knows no server."""

from __future__ import annotations

import json

from cci_lite.sandbox import ministack
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply


async def describe_key(call: Call, forward: Forward) -> Reply:
    """Keys that AWS manages say so."""
    status, headers, body = await forward(call)
    if status >= 400:
        return status, headers, body
    answer = json.loads(body)
    record = ministack.key(answer["KeyMetadata"]["Arn"])
    if record is not None and "KeyManager" in record:
        answer["KeyMetadata"]["KeyManager"] = record["KeyManager"]
    return status, headers, json.dumps(answer).encode()


async def create_alias(call: Call, forward: Forward) -> Reply:
    """Names under alias/aws/ are AWS's own."""
    if str(call.json().get("AliasName", "")).startswith("alias/aws/"):
        raise Refusal("NotAuthorizedException", "You are not allowed to use the alias prefix alias/aws/.")
    return await forward(call)


async def put_key_policy(call: Call, forward: Forward) -> Reply:
    """A policy that locks its own caller out is refused unless the caller insists (aws-facts §3.4)."""
    request = call.json()
    record = ministack.key(str(request.get("KeyId", "")))
    if record is None:
        return await forward(call)
    before = record["Policy"]
    reply = await forward(call)
    if not request.get("BypassPolicyLockoutSafetyCheck") and ministack.denied(call, "kms:PutKeyPolicy", record["Arn"]):
        record["Policy"] = before
        raise _locked_out()
    return reply


async def create_key(call: Call, forward: Forward) -> Reply:
    """The same check for a key's first policy."""
    status, headers, body = await forward(call)
    if status < 400 and not call.json().get("BypassPolicyLockoutSafetyCheck"):
        made = json.loads(body)["KeyMetadata"]["Arn"]
        if ministack.denied(call, "kms:PutKeyPolicy", made):
            ministack.forget_key(made)
            raise _locked_out()
    return status, headers, body


def _locked_out() -> Refusal:
    text = "The new key policy will not allow you to update the key policy in the future."
    return Refusal("MalformedPolicyDocumentException", text)
