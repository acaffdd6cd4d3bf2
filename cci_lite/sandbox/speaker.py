"""Runs the speech worker: started at the first job, one job at a time, started again if it died."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BadMedia(Exception):
    """The media cannot be transcribed; the text is AWS's FailureReason."""


class WorkerDied(Exception):
    """The worker ended without an answer: its log lines are in the sandbox's log."""


@dataclass
class Speaker:
    """Transcribes media in the worker process."""

    _worker: asyncio.subprocess.Process | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def transcribe(self, media: bytes, **options: Any) -> bytes:
        """AWS's output document as JSON; `options` are those of engines.speech.transcribe.

        Raises BadMedia, WorkerDied.
        """
        async with self._one_at_a_time:
            with tempfile.TemporaryDirectory() as folder:
                source, output = Path(folder, "media"), Path(folder, "output")
                source.write_bytes(media)
                try:
                    answer = await self._ask({"media": str(source), "output": str(output), "options": options})
                except asyncio.CancelledError:
                    # The job was deleted: its answer must not be taken for the next job's.
                    await self.stop()
                    raise
                if "failure" in answer:
                    raise BadMedia(answer["failure"])
                return output.read_bytes()

    async def stop(self) -> None:
        """Ends the worker, whatever it is at; it is gone when this returns."""
        worker, self._worker = self._worker, None
        if worker is not None and worker.returncode is None:
            worker.kill()
            await worker.wait()

    async def _ask(self, job: dict[str, Any]) -> Any:
        if self._worker is None or self._worker.returncode is not None:
            self._worker = await _start()
        assert self._worker.stdin is not None and self._worker.stdout is not None
        self._worker.stdin.write(json.dumps(job).encode() + b"\n")
        await self._worker.stdin.drain()
        line = await self._worker.stdout.readline()
        if not line:
            await self._worker.wait()
            raise WorkerDied(f"the speech worker ended with status {self._worker.returncode}")
        return json.loads(line)


async def _start() -> asyncio.subprocess.Process:
    root = str(Path(__file__).resolve().parents[2])
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cci_lite.sandbox.speech_worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": root},
    )
