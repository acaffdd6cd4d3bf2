"""In-memory AWS clients for the deployed function: they accept what AWS accepts and refuse what AWS refuses."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .fake_core import (
    _LANGUAGES,
    _NAME,
    _OUTPUT_KEY,
    ACCOUNT,
    DENIED,
    KEY_ARN,
    Aws,
    ClientError,
    Killed,
    operation,
    refusal,
)

__all__ = [
    "ACCOUNT",
    "KEY_ARN",
    "TODAY",
    "Aws",
    "Bedrock",
    "ClientError",
    "Comprehend",
    "Killed",
    "Ssm",
    "refusal",
]


#: Entries of a page of a list.
PAGE = 2


@dataclass
class Stored:
    """An object of a bucket, with the encryption headers it was written with."""

    body: bytes
    modified: datetime
    metadata: dict[str, str] = field(default_factory=dict)
    encryption: str | None = None
    key_id: str | None = None

    @property
    def etag(self) -> str:
        return hashlib.md5(self.body).hexdigest()


@dataclass
class S3:
    """Buckets whose policy refuses writes without the key; objects: (bucket, key) -> Stored."""

    aws: Aws
    clock: Callable[[], datetime]
    objects: dict[tuple[str, str], Stored] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)
    service = "s3"

    @operation
    def get_object(self, *, Bucket: str, Key: str, ExpectedBucketOwner: str, Range: str | None = None) -> Any:
        found = self._found("GetObject", "NoSuchKey", Bucket, Key, ExpectedBucketOwner)
        body = found.body
        if Range:
            first, last = (int(each) for each in Range.removeprefix("bytes=").split("-"))
            body = body[first : last + 1]
        return {"Body": io.BytesIO(body), "ETag": f'"{found.etag}"'}

    @operation
    def head_object(self, *, Bucket: str, Key: str, ExpectedBucketOwner: str) -> Any:
        found = self._found("HeadObject", "404", Bucket, Key, ExpectedBucketOwner)
        return {
            "ETag": f'"{found.etag}"',
            "ContentLength": len(found.body),
            "LastModified": found.modified,
            "Metadata": found.metadata,
        }

    @operation
    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ExpectedBucketOwner: str, **headers: Any) -> Any:
        sse, key_id = headers.get("ServerSideEncryption"), headers.get("SSEKMSKeyId")
        if ExpectedBucketOwner != ACCOUNT or sse != "aws:kms" or key_id != KEY_ARN:
            raise refusal("PutObject", "AccessDenied", DENIED)
        with self.lock:
            self._condition(self.objects.get((Bucket, Key)), headers.get("IfMatch"), headers.get("IfNoneMatch"))
            self.objects[Bucket, Key] = Stored(bytes(Body), self.clock(), {}, sse, key_id)
            self.writes.append(Key)
        return {}

    @operation
    def list_objects_v2(
        self, *, Bucket: str, Prefix: str, ExpectedBucketOwner: str, ContinuationToken: str = ""
    ) -> dict[str, Any]:
        """In pages of two, where S3 has a thousand; the token is the last key before."""
        if ExpectedBucketOwner != ACCOUNT:
            raise refusal("ListObjectsV2", "AccessDenied", DENIED)
        found = {key: each for (bucket, key), each in self.objects.items() if bucket == Bucket}
        keys = sorted(key for key in found if key.startswith(Prefix) and key > ContinuationToken)
        contents = [
            {"Key": key, "LastModified": each.modified, "ETag": f'"{each.etag}"', "Size": len(each.body)}
            for key, each in ((key, found[key]) for key in keys[:PAGE])
        ]
        page: dict[str, Any] = {"IsTruncated": len(keys) > PAGE, **({"Contents": contents} if contents else {})}
        return {**page, "NextContinuationToken": keys[PAGE - 1]} if page["IsTruncated"] else page

    def _condition(self, there: Stored | None, match: str | None, none_match: str | None) -> None:
        if match and there is None:
            raise refusal("PutObject", "NoSuchKey", "The specified key does not exist.")
        if (match and there and match != f'"{there.etag}"') or (none_match == "*" and there):
            told = "At least one of the pre-conditions you specified did not hold"
            raise refusal("PutObject", "PreconditionFailed", told)

    def _found(self, name: str, code: str, bucket: str, key: str, owner: str) -> Stored:
        if owner != ACCOUNT:
            raise refusal(name, "AccessDenied", DENIED)
        if (bucket, key) not in self.objects:
            raise refusal(name, code, "The specified key does not exist.")
        return self.objects[bucket, key]


@dataclass
class Transcribe:
    """Jobs by name. A job ends when the test says so: `complete` or `fail`."""

    aws: Aws
    s3: S3
    clock: Callable[[], datetime]
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)
    service = "transcribe"

    @operation
    def start_transcription_job(self, **request: Any) -> Any:
        name = request["TranscriptionJobName"]
        self._accept(request)
        with self.lock:
            if name in self.jobs:
                raise refusal("StartTranscriptionJob", "ConflictException", "The requested job name already exists.")
            self.jobs[name] = {
                **request,
                "TranscriptionJobStatus": "IN_PROGRESS",
                "CreationTime": self.clock(),
            }
        return {"TranscriptionJob": dict(self.jobs[name])}

    @operation
    def get_transcription_job(self, *, TranscriptionJobName: str) -> Any:
        if TranscriptionJobName not in self.jobs:
            told = "The requested job couldn't be found. Check the job name and try your request again."
            raise refusal("GetTranscriptionJob", "BadRequestException", told)
        return {"TranscriptionJob": dict(self.jobs[TranscriptionJobName])}

    def complete(self, name: str, document: Any, language: str = "en-GB") -> None:
        """The job ended well; its output lies in the output bucket, as JSON unless `document` is bytes."""
        job = self.jobs[name]
        asked = job.get("ContentRedaction", {}).get("RedactionOutput")
        job["Transcript"] = {}
        if asked != "redacted":
            self._write(job, "TranscriptFileUri", f"{name}.json", document)
        if asked:
            clean = re.sub(r'"content": "\d{3,}"', '"content": "[PII]"', json.dumps(document))
            self._write(job, "RedactedTranscriptFileUri", f"redacted-{name}.json", clean.encode())
        job.setdefault("LanguageCode", language)
        job["TranscriptionJobStatus"] = "COMPLETED"

    def _write(self, job: dict[str, Any], member: str, name: str, document: Any) -> None:
        bucket, key = job["OutputBucketName"], job["OutputKey"] + name
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.s3.objects[bucket, key] = Stored(body, self.clock(), {}, "aws:kms", KEY_ARN)
        job["Transcript"][member] = f"https://s3.eu-central-1.amazonaws.com/{bucket}/{key}"

    def fail(self, name: str, reason: str) -> None:
        self.jobs[name] |= {"TranscriptionJobStatus": "FAILED", "FailureReason": reason}

    def _accept(self, request: dict[str, Any]) -> None:
        settings = request.get("Settings", {})
        wrong = (
            not _NAME.fullmatch(request["TranscriptionJobName"])
            or not _OUTPUT_KEY.fullmatch(request["OutputKey"])
            or bool(request.get("LanguageCode")) == bool(request.get("IdentifyLanguage"))
            or (settings.get("ShowSpeakerLabels") and settings.get("ChannelIdentification"))
            or ("ContentRedaction" in request and request.get("LanguageCode") not in ("en-US", "es-US"))
        )
        if wrong:
            raise refusal("StartTranscriptionJob", "BadRequestException", "1 validation error detected")
        bucket, _, key = request["Media"]["MediaFileUri"].removeprefix("s3://").partition("/")
        if (bucket, key) not in self.s3.objects:
            told = "The S3 URI that you provided can't be accessed. Make sure that you have read permission."
            raise refusal("StartTranscriptionJob", "BadRequestException", told)


@dataclass
class Comprehend:
    """Feelings by word, numbers as personal data; answers in another order than asked, as AWS may."""

    aws: Aws
    broken: bool = False
    service = "comprehend"

    @operation
    def batch_detect_sentiment(self, *, TextList: list[str], LanguageCode: str) -> Any:
        return self._batch("BatchDetectSentiment", TextList, LanguageCode, lambda text: {"SentimentScore": _felt(text)})

    @operation
    def batch_detect_key_phrases(self, *, TextList: list[str], LanguageCode: str) -> Any:
        def found(text: str) -> dict[str, Any]:
            return {"KeyPhrases": [{"Text": each} for each in re.findall(r"(?i)broadband bill|invoice", text)]}

        return self._batch("BatchDetectKeyPhrases", TextList, LanguageCode, found)

    @operation
    def batch_detect_entities(self, *, TextList: list[str], LanguageCode: str) -> Any:
        def found(text: str) -> dict[str, Any]:
            named = re.findall(r"London|Acme", text)
            return {"Entities": [{"Text": each, "Type": "LOCATION"} for each in named]}

        return self._batch("BatchDetectEntities", TextList, LanguageCode, found)

    @operation
    def detect_pii_entities(self, *, Text: str, LanguageCode: str) -> Any:
        if LanguageCode not in ("en", "es"):
            raise refusal("DetectPiiEntities", "UnsupportedLanguageException")
        if len(Text.encode()) > 100_000:
            raise refusal("DetectPiiEntities", "TextSizeLimitExceededException")
        found = re.finditer(r"\d[\d\s]{5,}\d", Text)
        return {"Entities": [{"Type": "PHONE", "BeginOffset": e.start(), "EndOffset": e.end()} for e in found]}

    def _batch(self, name: str, texts: list[str], language: str, answer: Callable[[str], dict[str, Any]]) -> Any:
        if language not in _LANGUAGES:
            raise refusal(name, "UnsupportedLanguageException")
        if len(texts) > 25:
            raise refusal(name, "BatchSizeLimitExceededException", "Max batch size is 25")
        large = [place for place, text in enumerate(texts) if len(text.encode()) > 5_000 or self.broken]
        code = "INTERNAL_SERVER_ERROR" if self.broken else "TEXT_SIZE_LIMIT_EXCEEDED"
        return {
            "ResultList": [{"Index": place, **answer(text)} for place, text in enumerate(texts) if place not in large][
                ::-1
            ],
            "ErrorList": [{"Index": place, "ErrorCode": code, "ErrorMessage": "no"} for place in large],
        }


def _felt(text: str) -> dict[str, float]:
    happy, angry = len(re.findall(r"(?i)thank|great", text)), len(re.findall(r"(?i)terrible|angry", text))
    best = "Positive" if happy > angry else "Negative" if angry > happy else "Neutral"
    return {each: 0.85 if each == best else 0.05 for each in ("Positive", "Negative", "Neutral", "Mixed")}


@dataclass
class Bedrock:
    """Answers from `replies`, first to last: text, content blocks, or an exception; then `usual` for ever."""

    aws: Aws
    replies: list[Any] = field(default_factory=list)
    usual: str = "{}"
    service = "bedrock-runtime"

    @operation
    def converse(self, *, modelId: str, messages: list[Any], system: list[Any], inferenceConfig: dict[str, Any]) -> Any:
        if set(inferenceConfig) - {"maxTokens"}:
            raise refusal("Converse", "ValidationException", "`temperature` is not supported by this model.")
        if [each["role"] for each in messages] != ["user", "assistant", "user"][: len(messages)]:
            raise refusal("Converse", "ValidationException", "roles must alternate")
        if not all(block["text"].strip() for each in messages for block in each["content"]):
            raise refusal("Converse", "ValidationException", "The text field in the ContentBlock object is blank.")
        told = self.replies.pop(0) if self.replies else self.usual
        if isinstance(told, Exception):
            raise told
        blocks = [{"text": told}] if isinstance(told, str) else told
        usage = {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100}
        return {"output": {"message": {"role": "assistant", "content": blocks}}, "usage": usage}


@dataclass
class Ssm:
    """Parameters: name -> JSON value, or the text itself."""

    aws: Aws
    parameters: dict[str, Any] = field(default_factory=dict)
    service = "ssm"

    @operation
    def get_parameter(self, *, Name: str) -> Any:
        if Name not in self.parameters:
            raise refusal("GetParameter", "ParameterNotFound")
        return {"Parameter": {"Name": Name, "Value": self._value(Name)}}

    @operation
    def get_parameters_by_path(self, *, Path: str, NextToken: str = "") -> dict[str, Any]:
        """One level, in pages of two, where AWS has ten."""
        names = sorted(each for each in self.parameters if each.rpartition("/")[0] == Path and each > NextToken)
        page = {"Parameters": [{"Name": each, "Value": self._value(each)} for each in names[:PAGE]]}
        return {**page, "NextToken": names[PAGE - 1]} if len(names) > PAGE else page

    def _value(self, name: str) -> str:
        value = self.parameters[name]
        return value if isinstance(value, str) else json.dumps(value)


#: The day on which everything in these tests happens.
TODAY = datetime(2026, 11, 24, 23, 59, 58, tzinfo=UTC)
