"""Refusals that pass by themselves: AWS has not heard yet of what was made, or still works on what was deleted.

Source: aws-facts 4, 10, 15; SQS's wait after a deleted queue: CreateQueue in botocore's model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules


@dataclass(frozen=True)
class Passing:
    """A refusal that passes. name: the parameter that says of what."""

    name: str
    code: str
    message: str
    status: int = 400


_UNSEEN = Passing("Bucket", "NoSuchBucket", "The specified bucket does not exist", 404)
_ABORTED = "A conflicting operation is currently in progress against this resource. Please try again."
_NEW_KEY = "does not exist"
#: The first `Rules.unsettled` calls of each, for each thing, are refused.
PASSING: Mapping[str, Passing] = {
    "s3:PutPublicAccessBlock": _UNSEEN,
    "s3:PutBucketOwnershipControls": _UNSEEN,
    "s3:PutBucketEncryption": _UNSEEN,
    "s3:PutBucketLifecycleConfiguration": _UNSEEN,
    "s3:PutBucketPolicy": _UNSEEN,
    "s3:PutBucketNotificationConfiguration": Passing(
        "Bucket", "InvalidArgument", "Unable to validate the following destination configurations"
    ),
    "lambda:PutFunctionEventInvokeConfig": Passing(
        "FunctionName",
        "InvalidParameterValueException",
        "The provided execution role does not have permissions to call SendMessage on SQS",
    ),
    "lambda:DeleteFunctionEventInvokeConfig": Passing(
        "FunctionName",
        "ResourceConflictException",
        "The EventInvokeConfig for function ... could not be updated due to a concurrent update operation.",
        409,
    ),
    "kms:CreateAlias": Passing("TargetKeyId", "NotFoundException", _NEW_KEY),
    "kms:EnableKeyRotation": Passing("KeyId", "NotFoundException", _NEW_KEY),
    "kms:ListResourceTags": Passing("KeyId", "NotFoundException", _NEW_KEY),
    "kms:GetKeyRotationStatus": Passing("KeyId", "NotFoundException", _NEW_KEY),
    "kms:GetKeyPolicy": Passing("KeyId", "NotFoundException", _NEW_KEY),
    "kms:PutKeyPolicy": Passing("KeyId", "NotFoundException", _NEW_KEY),
    "logs:CreateLogGroup": Passing("logGroupName", "OperationAbortedException", _ABORTED),
    "logs:PutRetentionPolicy": Passing("logGroupName", "OperationAbortedException", _ABORTED),
    "logs:DeleteLogGroup": Passing("logGroupName", "OperationAbortedException", _ABORTED),
    "iam:DeleteRole": Passing(
        "RoleName", "DeleteConflict", "Cannot delete entity, must detach all policies first.", 409
    ),
}
#: While `Rules.deletion_s` have not passed since the thing of that name was deleted.
DELETED: Mapping[str, Passing] = {
    "s3:CreateBucket": Passing(
        "Bucket",
        "OperationAborted",
        "A conflicting conditional operation is currently in progress against this resource. Please try again.",
        409,
    ),
    "sqs:CreateQueue": Passing(
        "QueueName",
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    ),
}


def not_settled_yet(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    call = f"{service}:{operation}"
    told = PASSING.get(call)
    if told is None or not rules.unsettled:
        return None
    which = (call, str(params[told.name]))
    with rules.lock:
        left = rules.refusals.setdefault(which, rules.unsettled)
        rules.refusals[which] = max(0, left - 1)
    return refusal(told.code, told.message, told.status) if left else None


def name_is_free_again(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    told = DELETED.get(f"{service}:{operation}")
    if told is None or not rules.deletion_s:
        return None
    gone = rules.deletions.get(f"{service}:{params[told.name]}", float("-inf"))
    if rules.clock.now() - gone >= rules.deletion_s:
        return None
    return refusal(told.code, told.message, told.status)


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """When what was deleted."""
    if (service, operation) == ("s3", "DeleteBucket"):
        rules.deletions[f"s3:{params['Bucket']}"] = rules.clock.now()
    if (service, operation) == ("sqs", "DeleteQueue"):
        rules.deletions[f"sqs:{params['QueueUrl'].rsplit('/', 1)[-1]}"] = rules.clock.now()
