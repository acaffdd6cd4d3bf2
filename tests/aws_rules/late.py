"""Eventual consistency: what was just made is absent for the first reads. Source: aws-facts 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

#: create -> (read, parameter of both that names the thing, AWS's "no such thing").
_MADE: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("iam", "CreateRole"): ("GetRole", "RoleName", "RoleName", "NoSuchEntity"),
    ("iam", "PutRolePolicy"): ("GetRolePolicy", "PolicyName", "PolicyName", "NoSuchEntity"),
    ("kms", "CreateAlias"): ("DescribeKey", "AliasName", "KeyId", "NotFoundException"),
    ("s3", "CreateBucket"): ("HeadBucket", "Bucket", "Bucket", "404"),
    ("lambda", "CreateFunction"): ("GetFunction", "FunctionName", "FunctionName", "ResourceNotFoundException"),
    ("sqs", "CreateQueue"): ("GetQueueUrl", "QueueName", "QueueName", "AWS.SimpleQueueService.NonExistentQueue"),
    ("ssm", "PutParameter"): ("GetParameter", "Name", "Name", "ParameterNotFound"),
    ("events", "PutRule"): ("DescribeRule", "Name", "Name", "ResourceNotFoundException"),
}


def hide(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Remember that a new thing stays unseen for a while."""
    made = _MADE.get((service, operation))
    new = made and not params.get("Overwrite") and not str(params.get("Name", "")).startswith("/cci-lite/lease")
    if made and new and rules.hidden_reads:
        with rules.lock:
            rules.hidden.setdefault((f"{service}:{made[0]}", str(params[made[1]])), rules.hidden_reads)


def not_yet_visible(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    for (made_by, _), (read, _, name, code) in _MADE.items():
        if (service, operation) != (made_by, read):
            continue
        key = (f"{service}:{read}", str(params.get(name)))
        with rules.lock:
            left = rules.hidden.get(key, 0)
            if left > 0:
                rules.hidden[key] = left - 1
                return refusal(code, "no such thing (yet)", 404)
    return None
