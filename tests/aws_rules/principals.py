"""Policies may only name principals that exist and are known to the service. Source: aws-facts 3.2, 3.3, 4, 5."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_IAM = re.compile(r"^arn:aws:iam::\d{12}:(role|user)/(?:.*/)?([^/]+)$")
_POLICIES: dict[tuple[str, str], tuple[str, str, str]] = {
    ("s3", "PutBucketPolicy"): ("Policy", "MalformedPolicy", "Invalid principal in policy"),
    ("kms", "CreateKey"): (
        "Policy",
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
    ("kms", "PutKeyPolicy"): (
        "Policy",
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
    ("iam", "CreateRole"): ("AssumeRolePolicyDocument", "MalformedPolicyDocument", "Invalid principal in policy"),
    ("iam", "UpdateAssumeRolePolicy"): ("PolicyDocument", "MalformedPolicyDocument", "Invalid principal in policy"),
}


def policies_name_living_principals(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    which = _POLICIES.get((service, operation))
    if which is None or which[0] not in params:
        return None
    bad = [each for each in _named(params[which[0]]) if not _known(rules, each)]
    return refusal(which[1], which[2]) if bad else None


def lambda_can_assume_the_role(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    if service != "lambda" or operation not in ("CreateFunction", "UpdateFunctionConfiguration"):
        return None
    if "Role" not in params or _known(rules, params["Role"]):
        return None
    return refusal("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")


def note(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """Births, deaths, and the ids that stand in policies where a dead role was named."""
    if (service, operation) == ("iam", "CreateRole"):
        rules.born[params["RoleName"]] = rules.clock.now()
        rules.dead = {arn: id_ for arn, id_ in rules.dead.items() if arn != parsed["Role"]["Arn"]}
        rules.dead.update({f"old:{params['RoleName']}": parsed["Role"]["RoleId"]})
    if (service, operation) == ("iam", "DeleteRole"):
        arn = f"arn:aws:iam::{rules.account}:role/{params['RoleName']}"
        rules.dead[arn] = rules.dead.pop(f"old:{params['RoleName']}", "AROAEXAMPLEEXAMPLE")
        _bury(rules, arn)


def _bury(rules: Rules, arn: str) -> None:
    """AWS replaces the ARN of a deleted role by its unique id wherever it is stored."""
    kms = rules.look("kms")
    for key in kms.list_keys()["Keys"]:
        policy = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
        if arn in policy:
            buried = policy.replace(arn, rules.dead[arn])
            kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=buried)


def _named(policy: str) -> Iterator[str]:
    for each in json.loads(policy).get("Statement", []):
        principal = each.get("Principal", {})
        values = principal.get("AWS", []) if isinstance(principal, Mapping) else []
        yield from [values] if isinstance(values, str) else values


def _known(rules: Rules, principal: str) -> bool:
    if principal == "*" or principal.endswith(":root"):
        return True
    found = _IAM.match(principal)
    if found is None:
        return False
    iam = rules.look("iam")
    kind, name = found.groups()
    try:
        iam.get_role(RoleName=name) if kind == "role" else iam.get_user(UserName=name)
    except (iam.exceptions.NoSuchEntityException, iam.exceptions.ClientError):
        return False
    return rules.clock.now() - rules.born.get(name, float("-inf")) >= rules.role_lag_s
