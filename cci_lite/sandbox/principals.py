"""Policies that name a principal: AWS refuses one that does not exist, or is too young to be seen everywhere.

Hooks for S3, KMS and IAM (aws-facts §3.2, §4). Knows no server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cci_lite.sandbox import ministack
from cci_lite.sandbox.ages import Ages
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply

_ARN = re.compile(r"^arn:aws:(?:iam|sts)::(\d{12}):(root|user/.+|role/.+|assumed-role/.+|federated-user/.+)$")
_ACCOUNT = re.compile(r"^\d{12}$")


@dataclass(frozen=True)
class Principals:
    """Checks the `Principal` elements of a document."""

    ages: Ages

    async def bucket_policy(self, call: Call, forward: Forward) -> Reply:
        """s3:PutBucketPolicy."""
        if name := self._invalid(call.body.decode("utf-8", "replace")):
            raise Refusal("MalformedPolicy", "Invalid principal in policy", 400, Detail=name)
        return await forward(call)

    async def key_policy(self, call: Call, forward: Forward) -> Reply:
        """kms:CreateKey and kms:PutKeyPolicy."""
        if self._invalid(call.json().get("Policy")):
            text = "Policy contains a statement with one or more invalid principals."
            raise Refusal("MalformedPolicyDocumentException", text)
        return await forward(call)

    async def trust_policy(self, call: Call, forward: Forward) -> Reply:
        """iam:CreateRole and iam:UpdateAssumeRolePolicy."""
        form = ministack.form(call)
        if name := self._invalid(form.get("AssumeRolePolicyDocument") or form.get("PolicyDocument")):
            raise Refusal("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{name}"')
        return await forward(call)

    def _invalid(self, document: Any) -> str | None:
        """The first principal that AWS would not find; None when all are there."""
        return next((name for name in _named(document) if not self._known(name)), None)

    def _known(self, principal: str) -> bool:
        if principal == "*" or _ACCOUNT.match(principal):
            return True
        found = _ARN.match(principal)
        # A deleted principal's unique id (AIDA..., AROA...) is refused too (aws-facts §3.3).
        if found is None:
            return False
        account, name = found.groups()
        if account != ministack.account() or name.startswith(("root", "assumed-role/", "federated-user/")):
            return True
        return ministack.principal_exists(principal) and not self.ages.young(principal)


def _named(document: Any) -> Iterator[str]:
    """Every AWS principal of the document; one that does not parse is left to the emulator to refuse."""
    try:
        policy = json.loads(document) if document else {}
    except ValueError:
        return
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    for statement in [statements] if isinstance(statements, dict) else statements:
        for element in ("Principal", "NotPrincipal"):
            yield from _principals(statement.get(element))


def _principals(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        names = value.get("AWS", [])
        yield from [names] if isinstance(names, str) else names
