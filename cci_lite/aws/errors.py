"""What AWS's error codes mean to us, in one table a meaning. May import botocore's exceptions."""

from __future__ import annotations

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

#: Codes that mean "there is no such thing", by service. Absent is a normal answer, not an error.
ABSENT: dict[str, frozenset[str]] = {
    "athena": frozenset(),  # see _ABSENT_BY_WORDS
    "bedrock": frozenset({"ResourceNotFoundException"}),
    "cloudwatch": frozenset({"ResourceNotFound", "ResourceNotFoundException"}),
    "events": frozenset({"ResourceNotFoundException"}),
    "glue": frozenset({"EntityNotFoundException"}),
    "iam": frozenset({"NoSuchEntity", "NoSuchEntityException"}),
    "kms": frozenset({"NotFoundException"}),
    "lambda": frozenset({"ResourceNotFoundException"}),
    "logs": frozenset({"ResourceNotFoundException"}),
    "quicksight": frozenset({"ResourceNotFoundException"}),
    "s3": frozenset(
        {
            "404",
            "NoSuchBucket",
            "NoSuchBucketPolicy",
            "NoSuchKey",
            "NoSuchLifecycleConfiguration",
            "NoSuchPublicAccessBlockConfiguration",
            "NoSuchTagSet",
            "OwnershipControlsNotFoundError",
            "ServerSideEncryptionConfigurationNotFoundError",
        }
    ),
    "sns": frozenset({"NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException"}),
    "sqs": frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}),
    "ssm": frozenset({"InvalidResourceId", "ParameterNotFound"}),
    # GetTranscriptionJob: BadRequestException, "The requested job couldn't be found."
    "transcribe": frozenset({"BadRequestException", "NotFoundException"}),
}

#: Services with one code for whatever they refuse: the code, and a fragment of the words that mean "absent".
_ABSENT_BY_WORDS = {"athena": ("InvalidRequestException", "not found")}

#: A create that finds its own thing there already: the answer to an earlier try was lost on the way.
ALREADY = frozenset(
    {
        "AlreadyExistsException",
        "BucketAlreadyOwnedByYou",
        "EntityAlreadyExists",
        "EntityAlreadyExistsException",
        "ResourceAlreadyExistsException",
        "ResourceConflictException",
        "ResourceExistsException",
    }
)

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)

#: The request may or may not have been carried out: nobody knows without looking.
AMBIGUOUS = (ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError, HTTPClientError, ReadTimeoutError)


def code(error: BaseException) -> str:
    """AWS's error code, or "" for anything that is not an answer of AWS."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def message(error: BaseException) -> str:
    """AWS's own words, or the exception's."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Message", ""))
    return str(error)


def request_id(error: BaseException) -> str:
    """The id AWS support asks for; "" when there was no answer."""
    meta = error.response.get("ResponseMetadata", {}) if isinstance(error, ClientError) else {}
    return str(meta.get("RequestId", ""))


def status(error: BaseException) -> int:
    """HTTP status of AWS's answer; 0 when there was none."""
    meta = error.response.get("ResponseMetadata", {}) if isinstance(error, ClientError) else {}
    return int(meta.get("HTTPStatusCode", 0))


def service(error: BaseException) -> str:
    """boto3's name of the service that refused; "" when nobody noted it (aws.cloud does)."""
    return str(error.response.get("Error", {}).get("Service", "")) if isinstance(error, ClientError) else ""


def absent(service: str, error: ClientError) -> bool:
    """Whether this answer of `service` means that the thing is not there."""
    told, words = _ABSENT_BY_WORDS.get(service, ("", ""))
    return code(error) in ABSENT[service] or (code(error) == told and words in message(error))


def unanswered(error: BaseException) -> bool:
    """Whether the call may have been executed although no good answer came back."""
    return isinstance(error, AMBIGUOUS) or (isinstance(error, ClientError) and status(error) >= 500)
