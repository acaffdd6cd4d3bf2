"""A recording arrived: check it, and start its Transcribe job under a name that can only be used once.

Source: aws-facts 7, 8.1-8.8, 8.17. Events are delivered at least once; a second one finds the job and buys nothing.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from .config import Tenant
from .errors import PermanentError, code_of, may_be_rights
from .finish import finish_job
from .language import transcribe_redacts
from .log import Log
from .naming import job_name, media_format, word_list
from .store import Recording
from .work import Work

#: Two people on a call; labels beyond would be noise.
SPEAKERS = 2


def start(work: Work, recording: Recording, tenant: Tenant, log: Log) -> None:
    """Starts the job of `recording`, or adopts the one that exists. Raises PermanentError for unusable recordings.

    Transcribe reads what lies under the key when it comes to it: a late event about an earlier version would buy the
    later one a second time.
    """
    there = work.store.look(recording.bucket, recording.key)
    if there.etag and recording.etag and there.etag != recording.etag:
        log("superseded", job=job_name(recording.bucket, recording.key, recording.etag))
        return
    _begin(work, there if there.etag else recording, tenant, log, gone=there.etag is None)


def _begin(work: Work, recording: Recording, tenant: Tenant, log: Log, *, gone: bool) -> None:
    """gone: the recording is not there any more, so that no right is missing."""
    _usable(recording)
    name = job_name(recording.bucket, recording.key, recording.etag or "")
    request = _request(work, recording, tenant, name)
    try:
        work.clients.transcribe.start_transcription_job(**request)
    except ClientError as error:
        if may_be_rights(error) and gone:
            raise PermanentError("start", "RecordingGone", "the recording was deleted before its job began") from error
        if code_of(error) != "ConflictException":
            raise
        _adopt(work, name, log)
        return
    log("started", job=name)


def _adopt(work: Work, name: str, log: Log) -> None:
    """The job exists. Finish it if it has ended: its own event may have been lost, and finishing twice is harmless."""
    job = work.clients.transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
    status = job["TranscriptionJobStatus"]
    log("adopted", job=name, status=status)
    if status in ("COMPLETED", "FAILED"):
        finish_job(work, job, log)


def _usable(recording: Recording) -> None:
    if recording.size == 0:
        raise PermanentError("start", "EmptyRecording", "the recording has no content")
    if media_format(recording.key) is None:
        raise PermanentError("start", "UnsupportedFormat", "the file's suffix is none that Transcribe takes")


def _request(work: Work, recording: Recording, tenant: Tenant, name: str) -> dict[str, Any]:
    header = work.store.header(recording)
    return {
        "TranscriptionJobName": name,
        "Media": {"MediaFileUri": f"s3://{recording.bucket}/{recording.key}"},
        "MediaFormat": media_format(recording.key),
        "OutputBucketName": work.environment.output_bucket,
        "OutputKey": f"{work.environment.tmp_prefix}{tenant.id}/{name}/",
        "OutputEncryptionKMSKeyId": work.environment.key_arn,
        "Settings": {**_speakers(header.channels if header else None), **_words(tenant)},
        **_language(tenant),
    }


def _speakers(channels: int | None) -> dict[str, Any]:
    if channels == 2:
        return {"ChannelIdentification": True}
    return {"ShowSpeakerLabels": True, "MaxSpeakerLabels": SPEAKERS}


def _words(tenant: Tenant) -> dict[str, str]:
    """The words of a tenant with a fixed language, and how filtered ones are shown: as ***."""
    mask = {"VocabularyFilterMethod": "mask"} if tenant.vocabulary_filter else {}
    return mask if tenant.language == "auto" else {**_lists(tenant, tenant.language), **mask}


def _lists(tenant: Tenant, language: str) -> dict[str, str]:
    asked = {"VocabularyName": tenant.vocabulary, "VocabularyFilterName": tenant.vocabulary_filter}
    return {member: word_list(tenant.id, language) for member, wanted in asked.items() if wanted}


def _language(tenant: Tenant) -> dict[str, Any]:
    """Redaction by Transcribe goes with a fixed language only ("not compatible with language identification")."""
    if tenant.language == "auto":
        return _identified(tenant)
    fixed: dict[str, Any] = {"LanguageCode": tenant.language}
    if tenant.redact and transcribe_redacts(tenant.language):
        output = "redacted_and_unredacted" if tenant.raw_text else "redacted"
        fixed["ContentRedaction"] = {"RedactionType": "PII", "RedactionOutput": output}
    return fixed


def _identified(tenant: Tenant) -> dict[str, Any]:
    """Words go by language here: which one it will be is not known yet."""
    words = {each: lists for each in tenant.language_options if (lists := _lists(tenant, each))}
    return {
        "IdentifyLanguage": True,
        **({"LanguageOptions": list(tenant.language_options)} if tenant.language_options else {}),
        **({"LanguageIdSettings": words} if words else {}),
    }
