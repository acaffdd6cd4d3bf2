"""Who is asking, who is dead, and who may still change a key's policy. Source: aws-facts 3.3, 3.4, 5."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules


def nobody_locks_the_key(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """KMS takes no policy under which the caller could not put another one."""
    if service != "kms" or operation not in ("CreateKey", "PutKeyPolicy") or "Policy" not in params:
        return None
    if params.get("BypassPolicyLockoutSafetyCheck"):
        return None
    holders = {f"arn:aws:iam::{rules.account}:root", rules.account, "*", rules.caller}
    if any(_lets_change(each, holders) for each in _statements(params["Policy"])):
        return None
    text = "The new key policy will not allow you to update the key policy in the future."
    return refusal("MalformedPolicyDocumentException", text)


def lambda_is_trusted(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """A role whose trust policy does not name Lambda."""
    if service != "lambda" or operation not in ("CreateFunction", "UpdateFunctionConfiguration"):
        return None
    if "Role" not in params:
        return None
    iam = rules.look("iam")
    try:
        role = iam.get_role(RoleName=params["Role"].rsplit("/", 1)[-1])["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    if "lambda.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"]):
        return None
    return refusal("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """The caller is an IAM user that exists; a deleted role leaves its unique id in buckets' and roles' policies."""
    if (service, operation) == ("sts", "GetCallerIdentity"):
        parsed["Arn"] = rules.caller
    if (service, operation) == ("iam", "DeleteRole"):
        arn = f"arn:aws:iam::{rules.account}:role/{params['RoleName']}"
        dead = rules.dead.get(arn, "AROAEXAMPLEEXAMPLE")
        _bury_in_buckets(rules, json.dumps(arn), json.dumps(dead))
        _bury_in_roles(rules, json.dumps(arn), json.dumps(dead))


def _bury_in_buckets(rules: Rules, arn: str, dead: str) -> None:
    s3 = rules.look("s3")
    for each in s3.list_buckets()["Buckets"]:
        try:
            policy = s3.get_bucket_policy(Bucket=each["Name"])["Policy"]
        except s3.exceptions.ClientError:
            continue
        if arn in policy:
            s3.put_bucket_policy(Bucket=each["Name"], Policy=policy.replace(arn, dead))


def _bury_in_roles(rules: Rules, arn: str, dead: str) -> None:
    iam = rules.look("iam")
    for each in iam.list_roles()["Roles"]:
        trust = json.dumps(each["AssumeRolePolicyDocument"])
        if arn in trust:
            iam.update_assume_role_policy(RoleName=each["RoleName"], PolicyDocument=trust.replace(arn, dead))


def _statements(policy: str) -> list[dict[str, Any]]:
    found = json.loads(policy).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _lets_change(statement: Mapping[str, Any], holders: set[str]) -> bool:
    principal = statement.get("Principal", {})
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    actions = statement.get("Action", [])
    may = any(fnmatchcase("kms:PutKeyPolicy", each) for each in ([actions] if isinstance(actions, str) else actions))
    return statement["Effect"] == "Allow" and may and bool(holders & set([named] if isinstance(named, str) else named))
