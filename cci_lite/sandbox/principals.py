"""Policies that AWS refuses: a principal that does not exist, or is too young to be seen; another bucket's objects.

Hooks for S3, KMS and IAM (aws-facts §3.2, §4). Knows no server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from cci_lite.sandbox import ministack, service_names
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
        policy = call.body.decode("utf-8", "replace")
        if found := self._invalid(policy):
            raise Refusal("MalformedPolicy", "Invalid principal in policy", 400, Detail=found[1])
        if not _of_bucket(policy, call.path.strip("/")):
            raise Refusal("MalformedPolicy", "Policy has invalid resource")
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
        if found := self._invalid(form.get("AssumeRolePolicyDocument") or form.get("PolicyDocument")):
            kind, name = found
            raise Refusal("MalformedPolicyDocument", f'Invalid principal in policy: "{kind.upper()}":"{name}"')
        return await forward(call)

    def _invalid(self, document: Any) -> tuple[str, str] | None:
        """Kind and name of the first principal that AWS would not find; None when all are there."""
        return next((found for found in _named(document) if not self._known(*found)), None)

    def _known(self, kind: str, principal: str) -> bool:
        if kind == "Service":
            return service_names.known(principal)
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


def _statements(document: Any) -> list[dict[str, Any]]:
    """Those of the policy; a document that does not parse has none, and is left to the emulator to refuse."""
    try:
        policy = json.loads(document) if document else {}
    except ValueError:
        return []
    statements = policy.get("Statement", []) if isinstance(policy, dict) else []
    return [each for each in _listed(statements) if isinstance(each, dict)]


def _named(document: Any) -> Iterator[tuple[str, str]]:
    """Kind (AWS, Service) and name of every principal of the document."""
    for statement in _statements(document):
        for element in ("Principal", "NotPrincipal"):
            value = statement.get(element, {})
            kinds = value if isinstance(value, dict) else {"AWS": value}
            yield from ((kind, str(name)) for kind in ("AWS", "Service") for name in _listed(kinds.get(kind, [])))


def _of_bucket(document: Any, bucket: str) -> bool:
    """Whether all resources lie in the bucket; its name may be a pattern, but "*" alone is none."""
    resources = (str(name) for statement in _statements(document) for name in _listed(statement.get("Resource", [])))
    return all(fnmatchcase(f"arn:aws:s3:::{bucket}", name.partition("/")[0]) and name != "*" for name in resources)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
