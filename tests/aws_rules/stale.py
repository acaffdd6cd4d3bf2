"""Eventual consistency of policies: the first reads after a write still show what stood there before.

Source: aws-facts 3, 4 ("after a key policy PUT poll GetKeyPolicy until equal"). And 500 at random.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer
from tests.aws_rules.weather import Fault

if TYPE_CHECKING:
    from tests.aws_rules import Rules

#: write -> (read, the parameters of both that say of what, what the read answers).
_POLICIES: Mapping[tuple[str, str], tuple[str, tuple[str, ...], str]] = {
    ("kms", "PutKeyPolicy"): ("GetKeyPolicy", ("KeyId", "PolicyName"), "Policy"),
    ("s3", "PutBucketPolicy"): ("GetBucketPolicy", ("Bucket",), "Policy"),
    ("iam", "PutRolePolicy"): ("GetRolePolicy", ("RoleName", "PolicyName"), "PolicyDocument"),
}
_METHODS = {
    "GetKeyPolicy": "get_key_policy",
    "GetBucketPolicy": "get_bucket_policy",
    "GetRolePolicy": "get_role_policy",
}


def remember(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """What stands there before the write; nothing, when it is the first."""
    if (service, operation) not in _POLICIES or not rules.stale_reads:
        return None
    read, names, field = _POLICIES[service, operation]
    client = rules.look(service)
    which = {name: params[name] for name in names}
    try:
        former = getattr(client, _METHODS[read])(**which)[field]
    except client.exceptions.ClientError:
        return None
    rules.former[read, tuple(which.values())] = (former, rules.stale_reads)
    return None


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    for (of, _), (read, names, field) in _POLICIES.items():
        if (of, read) != (service, operation):
            continue
        which = (read, tuple(params[name] for name in names))
        with rules.lock:
            former, left = rules.former.get(which, (None, 0))
            if left:
                rules.former[which] = (former, left - 1)
                parsed[field] = former


def broken(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """A share of all calls is answered 500 at the first try, without an effect; botocore's own retries meet it."""
    if rules.broken and rules.chance.random() < rules.broken:
        rules.weather.faults.append(Fault(service, operation))
    return None
