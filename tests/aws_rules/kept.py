"""What AWS keeps, or gives back in other words, and moto does not. Source: aws-facts 3.3, 7."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.storage import _reworded

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_BRIDGE = "EventBridgeConfiguration"


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    if service == "s3":
        _event_bridge(rules, operation, str(params.get("Bucket")), params, parsed)
    if (service, operation) == ("sns", "GetTopicAttributes"):
        parsed["Attributes"]["Policy"] = _reworded(parsed["Attributes"]["Policy"])
    if (service, operation) == ("iam", "GetRole"):
        trust = parsed["Role"]["AssumeRolePolicyDocument"]
        parsed["Role"]["AssumeRolePolicyDocument"] = json.loads(_reworded(json.dumps(trust)))


def _event_bridge(rules: Rules, operation: str, bucket: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """An empty structure that means "on"; moto forgets it, and whoever tests its truth loses it on AWS."""
    which = (bucket, _BRIDGE)
    if operation == "PutBucketNotificationConfiguration":
        rules.documents.pop(which, None)
        if _BRIDGE in params["NotificationConfiguration"]:
            rules.documents[which] = {}
    if operation == "DeleteBucket":
        rules.documents.pop(which, None)
    if operation == "GetBucketNotificationConfiguration" and which in rules.documents:
        parsed[_BRIDGE] = {}
