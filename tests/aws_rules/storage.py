"""What S3 and SSM refuse and moto lets through. Source: aws-facts 1, 2, 4, 7, 9, 15."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide
from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_SSE = "s3:x-amz-server-side-encryption"
_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
_GUARDED = {"PutObject": "s3:PutObject", "ListObjectsV2": "s3:ListBucket", "GetObject": "s3:GetObject"}
_CONFIGURES = ("Bucket", "PublicAccessBlock")
_EVERYTHING = PolicyDocument.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def bucket_is_made_in_its_region(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    if (service, operation) != ("s3", "CreateBucket"):
        return None
    place = params.get("CreateBucketConfiguration", {}).get("LocationConstraint")
    if place != rules.region:
        return refusal("IllegalLocationConstraintException", "The unspecified location constraint is incompatible.")
    regional = params["Bucket"].endswith("-an")
    if regional != (params.get("BucketNamespace") == "account-regional"):
        return refusal("InvalidBucketName", "The specified bucket is not valid.")
    return None


def bucket_policy_decides(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any], *, tls: bool = True
) -> Answer | None:
    """moto ignores conditions; here the bucket's own policy is evaluated for an operator with all rights."""
    if service != "s3" or operation not in _GUARDED:
        return None
    policy = _policy(rules, params["Bucket"])
    if policy is None:
        return None
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    resource = bucket if operation == "ListObjectsV2" else f"{bucket}/{params['Key']}"
    context = {"aws:SecureTransport": "true" if tls else "false"}
    for name, key in (("ServerSideEncryption", _SSE), ("SSEKMSKeyId", _KEY)):
        if name in params:
            context[key] = params[name]
    caller = f"arn:aws:iam::{rules.account}:user/operator"
    request = Request(caller, rules.account, _GUARDED[operation], resource, context)
    if decide(request, identity=[_EVERYTHING], resource=[policy]).allowed:
        return None
    return refusal("AccessDenied", "Access Denied by an explicit deny in a resource-based policy", 403)


def uploads_need_a_living_key(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    key = params.get("SSEKMSKeyId", "")
    if (service, operation) != ("s3", "PutObject") or not key:
        return None
    kms = rules.look("kms")
    try:
        state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    except kms.exceptions.NotFoundException:
        return refusal("KMS.NotFoundException", f"Key '{key}' does not exist")
    if state != "Enabled":
        return refusal("KMS.KMSInvalidStateException", f"{key} is {state}")
    return None


def parameters_take_tags_only_when_new(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    if (service, operation) == ("ssm", "PutParameter") and params.get("Overwrite") and params.get("Tags"):
        return refusal("ValidationException", "Invalid request: tags and overwrite can't be used together.")
    return None


#: Of a whole lifecycle configuration; a PUT that does not name it sets the default.
_LEAST, _LEAST_DEFAULT = "TransitionDefaultMinimumObjectSize", "all_storage_classes_128K"


def lifecycle_rules_are_of_one_form(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    if (service, operation) != ("s3", "PutBucketLifecycleConfiguration"):
        return None
    given = params["LifecycleConfiguration"]["Rules"]
    if any("Filter" in each for each in given) and not all("Filter" in each for each in given):
        text = "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."
        return refusal("InvalidRequest", text)
    return None


def enter(rules: Rules, service: str, operation: str, params: Mapping[str, Any], read: bool) -> bool | str:
    """Two changes of one bucket's settings at a time are a conflict: "busy"."""
    bucket = params.get("Bucket")
    if service != "s3" or read or not bucket or "Key" in params or "Delete" in params:
        return False
    with rules.lock:
        if rules.writing.get(bucket):
            rules.conflicts.append(f"{operation} {bucket}")
            return "busy"
        rules.writing[bucket] = 1
    time.sleep(rules.takes_s)
    return True


def leave(rules: Rules, params: Mapping[str, Any]) -> None:
    with rules.lock:
        rules.writing.pop(params["Bucket"], None)


def note(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """Tags of a new bucket (moto drops them); policies given back in other words, as AWS does."""
    if (service, operation) == ("s3", "CreateBucket"):
        tags = params.get("CreateBucketConfiguration", {}).get("Tags", [])
        rules.look("s3").put_bucket_tagging(Bucket=params["Bucket"], Tagging={"TagSet": tags})
    if (service, operation) == ("s3", "PutBucketLifecycleConfiguration"):  # moto forgets size filters
        rules.lifecycles[params["Bucket"]] = params["LifecycleConfiguration"]["Rules"]
        rules.documents[params["Bucket"], _LEAST] = params.get(_LEAST, _LEAST_DEFAULT)
    if (service, operation) in (("s3", "DeleteBucketLifecycle"), ("s3", "DeleteBucket")):
        rules.lifecycles.pop(params["Bucket"], None)
        rules.documents.pop((params["Bucket"], _LEAST), None)
    if (service, operation) == ("s3", "GetBucketLifecycleConfiguration"):
        parsed["Rules"] = copy.deepcopy(rules.lifecycles.get(params["Bucket"], parsed["Rules"]))
        parsed[_LEAST] = rules.documents.get((params["Bucket"], _LEAST), _LEAST_DEFAULT)
    if (service, operation) == ("s3", "GetBucketPolicy"):
        parsed["Policy"] = _reworded(parsed["Policy"])
    if (service, operation) == ("kms", "GetKeyPolicy"):
        parsed["Policy"] = _reworded(parsed["Policy"])


def plain_list(rules: Rules, bucket: str) -> None:
    """A signed request without TLS, decided by the bucket's policy."""
    refused = bucket_policy_decides(rules, "s3", "ListObjectsV2", {"Bucket": bucket}, tls=False)
    if refused:
        raise ClientError(refused[1], "ListObjectsV2")


def _policy(rules: Rules, bucket: str) -> PolicyDocument | None:
    s3 = rules.look("s3")
    try:
        return _parsed(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except s3.exceptions.ClientError:
        return None


@lru_cache
def _parsed(text: str) -> PolicyDocument:
    return PolicyDocument.parse(text)


def _reworded(text: str) -> str:
    policy = json.loads(text)
    for each in policy.get("Statement", []):
        for key in ("Action", "Resource"):
            if isinstance(each.get(key), list):
                each[key] = each[key][0] if len(each[key]) == 1 else sorted(each[key])
        principal = each.get("Principal")
        if isinstance(principal, dict):
            each["Principal"] = {k: v[0] if isinstance(v, list) and len(v) == 1 else v for k, v in principal.items()}
    return json.dumps(policy, sort_keys=True)
