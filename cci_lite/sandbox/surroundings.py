"""What transcription jobs need of the rest of the sandbox: media, output bucket, event bus. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Callable

from cci_lite.sandbox import ministack, objects
from cci_lite.sandbox.calls import Refusal
from cci_lite.sandbox.jobs import Job, Surroundings

_MEDIA_GONE = (
    "The media file can't be accessed. Make sure that the file exists and that you have permission to read it, and "
    "try your request again."
)
_OUTPUT_GONE = "The output bucket can't be accessed. Make sure that it exists and try your request again."


def surroundings(save: Callable[[], None]) -> Surroundings:
    """`save` keeps what a job changed in the emulator: its object, and what its event set off."""

    async def read(job: Job) -> bytes:
        with ministack.acting_for(job["_account"], job["_region"]):
            media = objects.read(objects.Location(*job["_media"]))
        if media is None:
            raise LookupError(_MEDIA_GONE)
        return media

    async def write(job: Job, key: str, document: bytes) -> None:
        with ministack.acting_for(job["_account"], job["_region"]):
            try:
                await objects.put(objects.Location(job["_bucket"], key), document, job["_key"])
            except Refusal as refusal:
                raise LookupError(_OUTPUT_GONE) from refusal
            save()

    async def announce(job: Job) -> None:
        detail = {
            "TranscriptionJobName": job["TranscriptionJobName"],
            "TranscriptionJobStatus": job["TranscriptionJobStatus"],
        }
        if "FailureReason" in job:
            detail["FailureReason"] = job["FailureReason"]
        with ministack.acting_for(job["_account"], job["_region"]):
            ministack.put_event("aws.transcribe", "Transcribe Job State Change", detail)
            save()

    return Surroundings(read, write, announce)
