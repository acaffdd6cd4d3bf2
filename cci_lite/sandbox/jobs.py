"""Transcription jobs: kept in files, worked off one after another, taken up again after a restart. Knows no HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cci_lite.sandbox.layout import read_json, write_json
from cci_lite.sandbox.speaker import BadMedia, Speaker

_log = logging.getLogger(__name__)

# A job is AWS's TranscriptionJob plus keys with a leading underscore, which no answer shows:
# _account, _region, _media (bucket, key), _bucket, _outputs (pairs of key, redacted?), _probe (where the probe object
# goes), _key (the output's KMS key or None), _options (of the speech engine), _announced.
Job = dict[str, Any]
INTERNAL = "Internal Failure. Please try your request again."


@dataclass(frozen=True)
class Surroundings:
    """What a job needs of AWS. Media may be gone: then `read` raises LookupError with the reason."""

    read: Callable[[Job], Awaitable[bytes]]
    write: Callable[[Job, str, bytes], Awaitable[None]]
    announce: Callable[[Job], Awaitable[None]]


@dataclass
class Jobs:
    """The jobs of the account, by name."""

    folder: Path
    aws: Surroundings
    speaker: Speaker = field(default_factory=Speaker)
    _jobs: dict[str, Job] = field(default_factory=dict)
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def resume(self) -> None:
        """Loads the files and takes up what a stop or a kill interrupted. Needs the event loop."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.glob("*.json")):
            job: Job = read_json(path)
            self._jobs[job["TranscriptionJobName"]] = job
            if not job["_announced"]:
                self._take_up(job)

    async def stop(self) -> None:
        """Leaves off, so that nothing works on after the daemon: `resume` takes it up at the next start."""
        working = list(self._running.values())
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await self.speaker.stop()

    def get(self, name: str) -> Job | None:
        return self._jobs.get(name)

    def newest_first(self) -> list[Job]:
        return sorted(self._jobs.values(), key=lambda job: (-job["CreationTime"], job["TranscriptionJobName"]))

    def start(self, job: Job) -> None:
        """Accepts a job: it is on disk when this returns."""
        now = time.time()
        job.update(TranscriptionJobStatus="IN_PROGRESS", CreationTime=now, StartTime=now, _announced=False)
        self._jobs[job["TranscriptionJobName"]] = job
        self._keep(job)
        self._take_up(job)

    def delete(self, name: str) -> None:
        """Forgets a job; one that runs is abandoned. Deleting what is not there succeeds, as on AWS."""
        if name in self._jobs:
            del self._jobs[name]
            self._path(name).unlink(missing_ok=True)
        if (task := self._running.pop(name, None)) is not None:
            task.cancel()

    def _take_up(self, job: Job) -> None:
        name = job["TranscriptionJobName"]
        task = asyncio.get_running_loop().create_task(self._finish(job))
        self._running[name] = task
        task.add_done_callback(lambda _: self._running.pop(name, None))

    async def _finish(self, job: Job) -> None:
        if job["TranscriptionJobStatus"] == "IN_PROGRESS":
            await self._work(job)
            job["CompletionTime"] = time.time()
            self._keep(job)
        # Whoever hears the event asks for the job: it must be finished by then. A kill between the two repeats the
        # event at the next start, as AWS may.
        await self.aws.announce(job)
        job["_announced"] = True
        self._keep(job)

    async def _work(self, job: Job) -> None:
        try:
            media = await self.aws.read(job)
            for location, redact in job["_outputs"]:
                document = await self.speaker.transcribe(media, **job["_options"], redact_pii=redact)
                await self.aws.write(job, location, document)
                _learn(job, json.loads(document))
        except (BadMedia, LookupError) as error:
            job.update(TranscriptionJobStatus="FAILED", FailureReason=str(error.args[0]))
        except Exception:
            # The worker died, or the disk is full: nobody may wait for ever.
            _log.exception("job %s", job["TranscriptionJobName"])
            job.update(TranscriptionJobStatus="FAILED", FailureReason=INTERNAL)
        else:
            job["TranscriptionJobStatus"] = "COMPLETED"

    def _keep(self, job: Job) -> None:
        if job["TranscriptionJobName"] in self._jobs:
            write_json(self._path(job["TranscriptionJobName"]), job)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _learn(job: Job, document: dict[str, Any]) -> None:
    """What only the media tells: its language."""
    results = document.get("results", {})
    if job.get("LanguageCode") is None and results.get("language_code"):
        job["LanguageCode"] = results["language_code"]
    scores = results.get("language_identification") or []
    if job.get("IdentifyLanguage") and scores:
        job["IdentifiedLanguageScore"] = max(float(entry["score"]) for entry in scores)
