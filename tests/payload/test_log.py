"""Log lines tell what happened to which call, never what was said or where it may be fetched."""

from __future__ import annotations

import json

import pytest

from . import fakes
from .world import SILENCE, World, spoken

SECRET = "pomegranate"


def test_no_line_holds_words_of_the_call_or_an_address(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    event = world.upload()
    world.handle(event)
    world.handle(event)
    world.transcribe.complete(world.job(), spoken((0, 0, f"{SECRET} 020 7946 0018"), (1, 9, SECRET)))
    world.transcribe.jobs[world.job()]["Transcript"]["TranscriptFileUri"] += "?X-Amz-Signature=abc"
    world.ended(world.job())
    assert len(world.results()) == 1
    told = capsys.readouterr().out
    assert SECRET not in told and "7946" not in told
    assert "X-Amz" not in told and "://" not in told


def test_a_failure_line_holds_no_reason_text(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.handle(world.upload())
    world.transcribe.fail(world.job(), f"{SECRET} https://example.com/?X-Amz-Signature=abc")
    world.ended(world.job(), "FAILED")
    assert SECRET not in capsys.readouterr().out
    (failure,) = world.failures().values()
    assert failure["code"] == "TranscriptionFailed" and failure["reason"].startswith(SECRET)


def test_an_error_that_is_tried_again_is_named_by_its_kind_alone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    def plan(number: int, name: str, done: bool) -> None:
        raise fakes.refusal(name, "ThrottlingException", SECRET)

    world.aws.plan = plan
    with pytest.raises(fakes.ClientError):
        world.handle(world.upload())
    assert SECRET not in capsys.readouterr().out


def test_every_line_is_json_with_request_tenant_call_stage_and_time(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.call(SILENCE)
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert [each["stage"] for each in lines] == ["started", "transcribed", "finished"]
    assert all(each["request_id"] == "request-1" and each["tenant"] == "demo-tenant" for each in lines)
    assert all(each["call_id"].startswith("call-") and each["elapsed_ms"] == 0 for each in lines)
