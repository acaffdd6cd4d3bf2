"""Which failures are worth another try. Permanent ones are recorded once; all others are raised, and Lambda retries.

Source: aws-facts 8.16. Rights that are missing are not permanent: a new role's policy takes a minute to be obeyed.
"""

from __future__ import annotations

from botocore.exceptions import ClientError

_ABSENT = frozenset({"404", "NoSuchKey", "NoSuchBucket", "NotFound", "NotFoundException", "ParameterNotFound"})

#: Refusals that no repetition changes, by operation.
_PERMANENT: dict[str, frozenset[str]] = {
    "StartTranscriptionJob": frozenset({"BadRequestException", "ValidationException"}),
    "GetObject": frozenset({"NoSuchKey", "InvalidRange", "InvalidObjectState"}),
    "BatchDetectSentiment": frozenset({"InvalidRequestException", "UnsupportedLanguageException"}),
    "BatchDetectKeyPhrases": frozenset({"InvalidRequestException", "UnsupportedLanguageException"}),
    "BatchDetectEntities": frozenset({"InvalidRequestException", "UnsupportedLanguageException"}),
    "DetectPiiEntities": frozenset({"InvalidRequestException", "UnsupportedLanguageException"}),
}


class PermanentError(Exception):
    """This call cannot be processed, now or later. stage: where; code: for programs; reason: for people."""

    def __init__(self, stage: str, code: str, reason: str) -> None:
        super().__init__(f"{stage}: {code}: {reason}")
        self.stage, self.code, self.reason = stage, code, reason


def code_of(error: ClientError) -> str:
    """AWS's error code."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """AWS's own words."""
    return str(error.response.get("Error", {}).get("Message", ""))


def is_absent(error: ClientError) -> bool:
    """Whether AWS says that there is no such thing.

    Transcribe says so with BadRequestException: "The requested job couldn't be found."
    """
    if code_of(error) in _ABSENT:
        return True
    return error.operation_name == "GetTranscriptionJob" and "couldn't be found" in message_of(error)


def is_permanent(error: ClientError) -> bool:
    """Whether asking again is pointless.

    Transcribe says BadRequestException for missing rights too: "Make sure that you have read permission".
    """
    curable = may_be_rights(error) or _misses_words(error)
    return code_of(error) in _PERMANENT.get(error.operation_name, frozenset()) and not curable


def may_be_rights(error: ClientError) -> bool:
    """Whether Transcribe could not reach the recording, the bucket or the key: absent, or not allowed yet."""
    return error.operation_name == "StartTranscriptionJob" and "permission" in message_of(error)


def _misses_words(error: ClientError) -> bool:
    """Whether the tenant's vocabulary is absent or not ready: the account's fault, not the recording's."""
    return error.operation_name == "StartTranscriptionJob" and "vocabulary" in message_of(error).lower()
