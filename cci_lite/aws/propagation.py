"""Retries for what AWS refuses only because it has not heard of something yet. Knows aws.cloud and aws.errors.

One of three kinds of waiting: the transport retries itself (aws.clients), written state is awaited by the engine
(`settle`); here a *named* refusal, by code and by a fragment of its text, is tried again until a deadline. Never
used to repair a wrong order. Windows: aws-facts section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import THROTTLED, code, message, unanswered
from cci_lite.engine.clock import Patience

R = TypeVar("R")


@dataclass(frozen=True)
class Lag:
    """A refusal that passes: AWS's code, a fragment of its message, seconds to bear with it, and what we wait for."""

    code: str
    fragment: str
    deadline: float
    what: str

    def explains(self, error: ClientError) -> bool:
        return code(error) == self.code and self.fragment.lower() in message(error).lower()


# "Policy contains a statement with one or more invalid principals."
KMS_PRINCIPAL = Lag("MalformedPolicyDocumentException", "invalid principal", 120, "KMS to know the principal")
# "Key 'arn:aws:kms:...' does not exist", "Invalid keyId ..." right after CreateKey (terraform-provider-aws#1896, #1039)
KMS_UNSEEN = Lag("NotFoundException", "", 120, "KMS to know the new key everywhere")
# "Invalid principal in policy"
S3_PRINCIPAL = Lag("MalformedPolicy", "invalid principal", 120, "S3 to know the principal")
# "The role defined for the function cannot be assumed by Lambda."
LAMBDA_ROLE = Lag(
    "InvalidParameterValueException", "cannot be assumed by lambda", 300, "Lambda to be able to assume the role"
)
# "The provided execution role does not have permissions to call SendMessage on SQS"
LAMBDA_RIGHTS = Lag(
    "InvalidParameterValueException", "role does not have permissions", 300, "the role's policy to reach Lambda"
)
# "KMS key is invalid for CreateGrant"
LAMBDA_GRANT = Lag("InvalidParameterValueException", "invalid for creategrant", 300, "the key's policy to reach Lambda")
# "The operation cannot be performed at this time. An update is in progress for resource: ..."
LAMBDA_BUSY = Lag("ResourceConflictException", "in progress", 300, "Lambda to finish the update before")
# "The EventInvokeConfig for function ... could not be updated due to a concurrent update operation."
LAMBDA_CONCURRENT = Lag("ResourceConflictException", "concurrent update", 120, "another change of the function to end")
LAMBDA_PENDING = Lag("ResourceConflictException", "pending", 300, "the function to become active")
# "Unable to validate the following destination configurations"
NOTIFICATION = Lag(
    "InvalidArgument", "unable to validate the following destination", 60, "S3 to see the function's permission"
)
# "A conflicting conditional operation is currently in progress against this resource."
BUCKET_BUSY = Lag(
    "OperationAborted", "conflicting conditional operation", 300, "S3 to finish another change of the bucket"
)
BUCKET_UNSEEN = Lag("NoSuchBucket", "does not exist", 120, "the new bucket to be visible everywhere")
# "A conflicting operation is currently in progress against this resource. Please try again."
LOG_GROUP_BUSY = Lag(
    "OperationAbortedException", "conflicting operation", 120, "another change of the log group to end"
)
# "Service is unable to assume provided role. Please verify role's TrustPolicy"
GLUE_ROLE = Lag("InvalidInputException", "assume provided role", 120, "Glue to be able to assume the role")
# "Cannot delete entity, must detach all policies first."
IAM_BUSY = Lag("DeleteConflict", "", 120, "IAM to let go of what was detached")

BUCKET = (BUCKET_BUSY, BUCKET_UNSEEN)
FUNCTION = (LAMBDA_ROLE, LAMBDA_RIGHTS, LAMBDA_GRANT, LAMBDA_BUSY, LAMBDA_CONCURRENT, LAMBDA_PENDING)


def propagated(cloud: Cloud, call: Callable[[], R], *lags: Lag) -> R:
    """`call()`, again while one of `lags` explains the refusal and its deadline lasts; then AWS's own error."""
    patience = Patience(cloud.clock, max(each.deadline for each in lags), first=0.5, growth=1.5)
    while True:
        waited = next(patience, None)
        try:
            return call()
        except ClientError as error:
            lag = next((each for each in lags if each.explains(error)), None)
            if lag is None or waited is None or waited >= lag.deadline:
                raise
            cloud.wait(lag.what, waited)


def made_once(cloud: Cloud, call: Callable[[], R], find: Callable[[], R | None], what: str) -> R:
    """A create that AWS cannot tell from a second wish: sent again only when `find` proves that it had no effect.

    `call` must use a client without transport retries. After an answer that was lost, `find` is asked until
    it has seen nothing for 10 seconds; a refusal for load alone (throttling) is simply sent again.
    """
    for waited in Patience(cloud.clock, 180, first=1.0):
        try:
            return call()
        except Exception as error:
            if unanswered(error):
                found = _appears(cloud, find, what)
                if found is not None:
                    return found
            elif code(error) not in THROTTLED:
                raise
            cloud.wait(f"AWS to accept {what}", waited)
    return call()


def _appears(cloud: Cloud, find: Callable[[], R | None], what: str) -> R | None:
    for waited in Patience(cloud.clock, 10, first=0.5):
        found = find()
        if found is not None:
            return found
        cloud.wait(f"a sign of {what}, whose answer was lost", waited)
    return None
