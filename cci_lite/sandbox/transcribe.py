"""Transcribe's operations: what AWS checks when a job starts, and what it answers. Knows no server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from cci_lite.sandbox import encryption, ministack, objects
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply, json_reply
from cci_lite.sandbox.jobs import Job, Jobs
from cci_lite.sandbox.pages import page
from cci_lite.sandbox.word_lists import WordLists, of_job

_NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")
_OUTPUT_KEY = re.compile(r"[a-zA-Z0-9\-_.!*'()/]{1,1024}")
_MEDIA = re.compile(r"(?:s3://|https?://s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com/)([^/]+)/(.+)")
_FORMATS = ("mp3", "mp4", "wav", "flac", "ogg", "amr", "webm", "m4a")
_UNSUPPORTED = ("Subtitles", "ModelSettings", "JobExecutionSettings", "ToxicityDetection", "IdentifyMultipleLanguages")
_ECHOED = (
    "LanguageCode", "MediaSampleRateHertz", "MediaFormat", "Media", "Settings", "ContentRedaction",
    "IdentifyLanguage", "LanguageOptions", "LanguageIdSettings", "Tags",
)  # fmt: skip
_SUMMARY = (
    "TranscriptionJobName", "CreationTime", "StartTime", "CompletionTime", "LanguageCode", "TranscriptionJobStatus",
    "FailureReason", "ContentRedaction", "IdentifyLanguage", "IdentifiedLanguageScore",
)  # fmt: skip
_NO_MEDIA = (
    "The S3 URI that you provided can't be accessed. Make sure that you have read permission and try your "
    "request again."
)
_NO_OUTPUT = (
    "The specified S3 bucket can't be accessed. Make sure that the bucket exists and that you have write permission, "
    "and try your request again."
)
_NO_KEY = (
    "The KMS key that you provided can't be used. Make sure that it is enabled and that you have permission to use it."
)
_CONFLICT = "The requested job name already exists. Use a different job name."
_UNKNOWN = "The requested job couldn't be found. Check the job name and try your request again."


@dataclass(frozen=True)
class Transcribe:
    """Serves the calls; the work is `jobs`'s, words are `words`'s."""

    jobs: Jobs
    words: WordLists

    async def serve(self, call: Call, forward: Forward) -> Reply:
        """Every Transcribe call; the emulator's own jobs, with their canned text, are never reached."""
        match call.action:
            case "StartTranscriptionJob":
                return json_reply({"TranscriptionJob": _shown(await self._start(call))})
            case "GetTranscriptionJob":
                job = self.jobs.get(_name(call.json()))
                if job is None:
                    raise Refusal("NotFoundException", _UNKNOWN)
                return json_reply({"TranscriptionJob": _shown(job)})
            case "ListTranscriptionJobs":
                return json_reply(self._list(call.json()))
            case "DeleteTranscriptionJob":
                self.jobs.delete(_name(call.json()))
                return json_reply({})
        if self.words.serves(call.action):
            return self.words.serve(call)
        raise Refusal("UnknownOperationException", f"the sandbox has no transcribe {call.action}")

    async def _start(self, call: Call) -> Job:
        request = call.json()
        job = _accepted(request)
        job["_options"]["words"] = of_job(self.words, request)
        if self.jobs.get(job["TranscriptionJobName"]) is not None:
            raise Refusal("ConflictException", _CONFLICT)
        job.update(_account=ministack.account(), _region=ministack.region())
        await _check_access(call, job)
        self.jobs.start(job)
        return job

    def _list(self, request: dict[str, Any]) -> dict[str, Any]:
        status, part = request.get("Status"), str(request.get("JobNameContains", "")).lower()
        found = [
            job
            for job in self.jobs.newest_first()
            if status in (None, job["TranscriptionJobStatus"]) and part in job["TranscriptionJobName"].lower()
        ]
        shown, more = page(found, request, default=100)
        named = {"Status": status} if status else {}
        return {"TranscriptionJobSummaries": [_summary(job) for job in shown], **named, **more}


def _accepted(request: dict[str, Any]) -> Job:
    """The job of a well-formed request. Raises Refusal for what AWS refuses without looking at anything else."""
    name = _name(request)
    for member in _UNSUPPORTED:
        if request.get(member):
            raise _bad(f"the sandbox does not know {member}")
    location = _MEDIA.fullmatch((request.get("Media") or {}).get("MediaFileUri", ""))
    if location is None:
        raise _bad("1 validation error detected: Value at 'media.mediaFileUri' must be an S3 URI")
    if request.get("MediaFormat") not in (None, *_FORMATS):
        raise _bad("1 validation error detected: Value at 'mediaFormat' must be one of " + ", ".join(_FORMATS))
    if bool(request.get("LanguageCode")) == bool(request.get("IdentifyLanguage")):
        raise _bad("You must include either LanguageCode or IdentifyLanguage in your request, and not both.")
    if not request.get("OutputBucketName"):
        raise _bad("the sandbox has no service-managed bucket: give OutputBucketName")
    job: Job = {"TranscriptionJobName": name}
    job |= {member: request[member] for member in _ECHOED if request.get(member) is not None}
    media = objects.Location(location.group(1), location.group(2))
    return job | {"_media": list(media), **_output(name, request), "_options": _options(name, request)}


def _output(name: str, request: dict[str, Any]) -> dict[str, Any]:
    """Where the transcript goes: an OutputKey that is no .json name is a folder (botocore, StartTranscriptionJob)."""
    key = request.get("OutputKey") or f"{name}.json"
    if not _OUTPUT_KEY.fullmatch(key):
        raise _bad("1 validation error detected: Value at 'outputKey' failed to satisfy the pattern")
    if not key.endswith(".json"):
        key = f"{key.rstrip('/')}/{name}.json"
    folder, _, file = key.rpartition("/")
    redacted = f"{folder}/redacted-{file}" if folder else f"redacted-{file}"
    outputs: list[tuple[str, bool]] = [(key, False)]
    if request.get("ContentRedaction"):
        both = request["ContentRedaction"].get("RedactionOutput") == "redacted_and_unredacted"
        outputs = [*(outputs if both else []), (redacted, True)]
    bucket, kms = request["OutputBucketName"], request.get("OutputEncryptionKMSKeyId")
    return {"_bucket": bucket, "_outputs": outputs, "_probe": f"{folder}/" if folder else "", "_key": kms}


def _options(name: str, request: dict[str, Any]) -> dict[str, Any]:
    """The arguments of engines.speech.transcribe. Raises Refusal for settings AWS refuses."""
    settings = request.get("Settings") or {}
    if settings.get("ShowSpeakerLabels") and not settings.get("MaxSpeakerLabels"):
        raise _bad("You specified ShowSpeakerLabels but not MaxSpeakerLabels: give both.")
    return {
        "media_format": request.get("MediaFormat"),
        "language": request.get("LanguageCode"),
        "language_options": request.get("LanguageOptions") or [],
        "channel_identification": bool(settings.get("ChannelIdentification")),
        "speaker_labels": bool(settings.get("ShowSpeakerLabels")),
        "max_speakers": int(settings.get("MaxSpeakerLabels") or 2),
        "job_name": name,
        "account": ministack.account(),
    }


async def _check_access(call: Call, job: Job) -> None:
    """AWS reads the media and writes a probe object with the caller's permissions (aws-facts §5)."""
    media = objects.Location(*job["_media"])
    found = await objects.head(media)
    # A caller who may not read is told the same as one whose media does not exist.
    if found is None or objects.unreadable(call, media, found) is not None:
        raise _bad(_NO_MEDIA)
    probe = objects.Location(job["_bucket"], job["_probe"] + ".write_access_check_file.temp")
    if not await objects.bucket_exists(job["_bucket"]):
        raise _bad(_NO_OUTPUT)
    if job["_key"]:
        job["_key"] = _key(call, job["_key"])
    for key in (probe.key, *(key for key, _ in job["_outputs"])):
        if objects.unwritable(call, objects.Location(job["_bucket"], key), job["_key"]) is not None:
            raise _bad(_NO_OUTPUT)
    await objects.put(probe, b"", job["_key"])


def _key(call: Call, reference: str) -> str:
    """The ARN of an enabled key that the caller may use."""
    try:
        key = encryption.usable(reference)
    except Refusal as refusal:
        raise _bad(_NO_KEY) from refusal
    if ministack.denied(call, "kms:GenerateDataKey", key) is not None:
        raise _bad(_NO_KEY)
    return key


def _shown(job: Job) -> dict[str, Any]:
    answer = {key: value for key, value in job.items() if not key.startswith("_")}
    if job["TranscriptionJobStatus"] == "COMPLETED":
        base = f"https://s3.{job['_region']}.amazonaws.com/{job['_bucket']}/"
        names = {False: "TranscriptFileUri", True: "RedactedTranscriptFileUri"}
        answer["Transcript"] = {names[redacted]: base + key for key, redacted in job["_outputs"]}
    return answer


def _summary(job: Job) -> dict[str, Any]:
    return {key: job[key] for key in _SUMMARY if key in job} | {"OutputLocationType": "CUSTOMER_BUCKET"}


def _name(request: dict[str, Any]) -> str:
    name = request.get("TranscriptionJobName")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _bad(
            f"1 validation error detected: Value {json.dumps(name)} at 'transcriptionJobName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z._-]+"
        )
    return name


def _bad(message: str) -> Refusal:
    return Refusal("BadRequestException", message)
