"""Handing in recordings and looking at results, with a pipeline that is a dictionary."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cci_lite.cli import calls
from cci_lite.steps import recordings
from cci_lite.steps.recordings import Anew, Buckets, OtherContentError, Uploaded
from tests.cli.conftest import Run

Command = Callable[..., Run]
_KEY = "demo-tenant/2027/01/15/call.json"


@dataclass
class Pipeline:
    """What lies in the buckets; `arrives` is what a wait brings."""

    uploads: dict[str, bytes] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    failed: dict[str, Any] | None = None
    done: bool = False

    def submit(
        self, cloud: Any, buckets: Buckets, key: str, path: Path, metadata: dict[str, str], *, anew: Anew
    ) -> Uploaded:
        body = path.read_bytes()
        if self.uploads.get(key, body) != body:
            raise OtherContentError(f"s3://{buckets.input}/{key} holds another recording")
        again = key in self.uploads and not anew("etag-of-now")
        self.uploads[key] = body
        self.metadata = metadata
        return Uploaded(key, "etag-of-now", again)

    def result_key(self, *_: object) -> str | None:
        return _KEY if self.result else None

    def document(self, *_: object) -> dict[str, Any] | None:
        return self.result

    def failure(self, *_: object) -> dict[str, Any] | None:
        return self.failed

    def has_failed(self, *_: object) -> bool:
        return self.failed is not None

    def long_done(self, *_: object) -> bool:
        return self.done


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    made = Pipeline()
    for name in ("submit", "result_key", "document", "failure", "has_failed", "long_done"):
        monkeypatch.setattr(recordings, name, getattr(made, name))
    monkeypatch.setattr(calls, "buckets_of", lambda session: Buckets("in", "out", "arn:key"))
    return made


@pytest.fixture
def wav(home: Path) -> str:
    (home / "call.wav").write_bytes(b"RIFF")
    return "call.wav"


def a_result(**fields: Any) -> dict[str, Any]:
    told = {"call_id": "call-1", "tenant_id": "demo-tenant", "sentiment_label": "POSITIVE", "summary": "All well."}
    return {**told, "source": {"etag": "etag-of-now"}, **fields}


def test_a_recording_goes_to_its_tenant_with_the_time_of_the_call(run: Command, pipeline: Pipeline, wav: str) -> None:
    done = run("call", "submit", wav, "--tenant", "demo-tenant")
    assert done.code == 0
    assert pipeline.uploads == {"demo-tenant/calls/call.wav": b"RIFF"}
    assert pipeline.metadata["call-started-at"].endswith("+00:00")
    assert "Its result: cci-lite call result call-" in done.out


def test_the_same_recording_again_is_said_to_be_there(run: Command, pipeline: Pipeline, wav: str) -> None:
    run("call", "submit", wav, "--tenant", "demo-tenant")
    done = run("call", "submit", wav, "--tenant", "demo-tenant", "--json")
    assert "was there already; nothing is bought twice" in done.err
    assert json.loads(done.out)["again"] is True


def test_a_recording_that_failed_is_tried_again(run: Command, pipeline: Pipeline, wav: str) -> None:
    run("call", "submit", wav, "--tenant", "demo-tenant")
    pipeline.failed = {"call_id": "call-1", "stage": "transcribe", "code": "BadMedia", "reason": "too short"}
    done = run("call", "submit", wav, "--tenant", "demo-tenant", "--json")
    assert json.loads(done.out)["again"] is False and " is in. Call id" in done.err


@pytest.mark.parametrize("name", ["cci-lite-sample.wav", "a\nb.wav"])
def test_names_that_nobody_could_tell_apart_are_refused(run: Command, wav: str, name: str) -> None:
    done = run("call", "submit", wav, "--tenant", "demo-tenant", "--as", name)
    assert done.code == 2 and "give another with --as NAME" in done.err


def test_a_call_that_has_ended_without_a_result_is_not_waited_for_in_vain(
    run: Command, pipeline: Pipeline, wav: str
) -> None:
    run("call", "submit", wav, "--tenant", "demo-tenant")
    pipeline.done = True
    done = run("call", "submit", wav, "--tenant", "demo-tenant", "--wait")
    assert done.code == 1
    assert "its transcription has ended, but its result is missing" in done.err
    assert "caught up within the hour; then cci-lite call result call-" in done.err
    pipeline.result = a_result()
    assert run("call", "submit", wav, "--tenant", "demo-tenant", "--wait").code == 0


def test_another_recording_of_that_name_is_refused(run: Command, pipeline: Pipeline, wav: str) -> None:
    pipeline.uploads["demo-tenant/calls/call.wav"] = b"other"
    done = run("call", "submit", wav, "--tenant", "demo-tenant")
    assert done.code == 1
    assert "under another name with --as NAME" in done.err
    assert run("call", "submit", wav, "--tenant", "demo-tenant", "--as", "second.wav").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["call.wav", "--tenant", "demo-tenat"], "did you mean `demo-tenant`?"),
        (["call.wav", "--tenant", "demo-tenant", "--as", "a/b.wav"], "must be a file name without a folder"),
        (["call.wav", "--tenant", "demo-tenant", "--as", "b.txt"], "Transcribe does not take files of this suffix"),
        (["gone.wav", "--tenant", "demo-tenant"], "gone.wav is no file"),
    ],
)
def test_what_the_pipeline_would_refuse_is_not_uploaded(
    run: Command, pipeline: Pipeline, wav: str, arguments: list[str], told: str
) -> None:
    done = run("call", "submit", *arguments)
    assert done.code == 2
    assert told in done.err
    assert pipeline.uploads == {}


def test_waiting_ends_with_the_result_on_the_screen(run: Command, pipeline: Pipeline, wav: str) -> None:
    pipeline.result = a_result(action_items=[{"who": "agent", "what": "call back", "by_when": "Monday"}])
    done = run("call", "submit", wav, "--tenant", "demo-tenant", "--wait")
    assert done.code == 0
    assert "Sentiment POSITIVE" in done.out
    assert "To do:      agent: call back (by: Monday)" in done.out
    assert f"JSON: s3://out/{_KEY}" in done.out


def test_the_result_of_an_earlier_upload_is_not_taken_for_this_one(run: Command, pipeline: Pipeline, wav: str) -> None:
    pipeline.result = a_result(source={"etag": "etag-of-yesterday"})
    done = run("call", "submit", wav, "--tenant", "demo-tenant", "--wait")
    assert done.code == 1
    assert "no result after 15 minutes" in done.err


def test_a_recorded_failure_is_shown_with_its_reason(run: Command, pipeline: Pipeline, wav: str) -> None:
    pipeline.failed = {"call_id": "call-1", "stage": "transcribe", "code": "BadMedia", "reason": "no audio"}
    done = run("call", "submit", wav, "--tenant", "demo-tenant", "--wait")
    assert (done.code, done.out) == (1, "Call call-1 failed at stage transcribe\n  BadMedia: no audio\n")


def test_a_call_without_result_says_what_to_do(run: Command, pipeline: Pipeline) -> None:
    done = run("call", "result", "call-1", "--tenant", "demo-tenant")
    assert done.code == 1
    assert "look again in a minute" in done.err and "caught up within the hour" in done.err


def test_a_result_can_be_asked_for_by_the_name_of_the_file(run: Command, pipeline: Pipeline) -> None:
    pipeline.result = a_result()
    assert json.loads(run("call", "result", "call.wav", "--tenant", "demo-tenant", "--json").out) == pipeline.result


def test_what_callers_said_cannot_steer_the_terminal(run: Command, pipeline: Pipeline) -> None:
    pipeline.result = a_result(summary="\x1b[2Jwiped [bold]x[/bold]", transcript_excerpt="a\u202eb\x00")
    done = run("call", "result", "call-1", "--tenant", "demo-tenant")
    assert "?[2Jwiped [bold]x[/bold]" in done.out
    assert "a?b?" in done.out


def test_a_silent_call_is_shown_as_what_it_is(run: Command, pipeline: Pipeline) -> None:
    pipeline.result = a_result(sentiment_label=None, summary="no speech", speech=False)
    assert "Sentiment none (no speech)" in run("call", "result", "call-1", "--tenant", "demo-tenant").out
