"""Whatever became of its events, a recording ends with a result or a recorded reason: it is looked for every hour."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cci_lite.payload.processor.naming import call_id

from . import fakes
from .world import CALL, CONFIG, INPUT, KEY, OUTPUT, World, hourly


def later(world: World, **time: float) -> dict[str, Any]:
    """The hourly event after this time, an hour unless told otherwise."""
    world.now += timedelta(**(time or {"hours": 1}))
    return world.handle(hourly(world.now))


def transcribed(world: World, key: str = KEY, body: bytes = b"sound") -> None:
    """A recording whose job ended, and nobody heard of it."""
    world.handle(world.upload(key, body))
    world.transcribe.complete(world.job(key), CALL)


def refused(world: World, operation: str, wrong: Callable[[], bool] = lambda: True) -> None:
    def plan(number: int, name: str, done: bool) -> None:
        if name == operation and not done and wrong():
            raise fakes.refusal(name, "ServiceUnavailableException")

    world.aws.plan = plan


def test_a_call_whose_end_nobody_heard_gets_its_result_and_buys_nothing(world: World) -> None:
    transcribed(world)
    assert later(world) == {"recordings": 1}
    assert [each["job_name"] for each in world.results()] == [world.job()]
    assert len(world.transcribe.jobs) == 1 and world.failures() == {}


def test_a_recording_whose_arrival_nobody_heard_is_begun(world: World) -> None:
    world.upload()
    assert later(world) == {"recordings": 1}
    assert list(world.transcribe.jobs) == [world.job()]
    world.transcribe.complete(world.job(), CALL)
    world.ended(world.job())
    assert len(world.results()) == 1


def test_a_recording_that_cannot_be_begun_has_its_reason_recorded_once(world: World) -> None:
    world.upload("demo-tenant/calls/notes.txt")
    assert later(world) == {"recordings": 1}
    assert [each["code"] for each in world.failures().values()] == ["UnsupportedFormat"]
    assert later(world) == {"recordings": 0}


def test_a_job_that_ended_badly_unheard_is_recorded(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.fail(world.job(), "the file is damaged")
    later(world)
    assert [each["reason"] for each in world.failures().values()] == ["the file is damaged"]


@pytest.mark.parametrize("minutes", [0, 10, 19])
def test_a_recording_on_its_usual_way_is_left_alone(world: World, minutes: int) -> None:
    transcribed(world)
    assert later(world, minutes=minutes) == {"recordings": 0}
    assert world.results() == []


def test_a_job_that_runs_long_is_waited_for(world: World) -> None:
    world.handle(world.upload())
    assert later(world) == {"recordings": 1}
    assert len(world.transcribe.jobs) == 1 and world.documents() == {}


def test_what_has_ended_costs_lists_and_nothing_else(world: World) -> None:
    world.call(CALL)
    world.aws.operations.clear()
    assert later(world) == {"recordings": 0}
    assert set(world.aws.operations) == {"GetParametersByPath", "ListObjectsV2"}


def test_without_recordings_of_these_days_nothing_else_is_listed(world: World) -> None:
    assert later(world) == {"recordings": 0}
    assert world.aws.operations == ["GetParametersByPath", "ListObjectsV2"]


def test_a_new_version_of_a_recording_is_overdue_although_the_old_one_has_a_result(world: World) -> None:
    world.call(CALL)
    world.now += timedelta(hours=1)
    world.upload(KEY, b"other sound")
    later(world)
    world.transcribe.complete(world.job(), CALL)
    later(world)
    assert [each["job_name"] for each in world.results()] == list(world.transcribe.jobs)
    assert later(world) == {"recordings": 0}


def test_a_recording_that_is_replaced_while_it_is_looked_at_is_left_to_its_new_event(world: World) -> None:
    world.upload()

    def plan(number: int, name: str, done: bool) -> None:
        if name == "HeadObject" and not done:
            world.upload(KEY, b"other sound")

    world.aws.plan = plan
    later(world)
    assert world.transcribe.jobs == {}


def test_every_registered_tenant_is_looked_after_and_nobody_else(world: World) -> None:
    for name in ("a1", "b2", "c3", "d4"):
        world.tenant(name)
        transcribed(world, f"{name}/calls/call.mp3", name.encode())
    for key in ("stranger/calls/call.mp3", "demo-tenant/calls/", "demo-tenant/else/call.mp3", "tmp/calls/call.mp3"):
        world.upload(key)
    assert later(world) == {"recordings": 4}
    assert {each["tenant_id"] for each in world.results()} == {"a1", "b2", "c3", "d4"}
    assert world.failures() == {} and len(world.transcribe.jobs) == 4


def test_settings_that_cannot_be_read_keep_back_their_own_tenant_only(world: World) -> None:
    transcribed(world)
    world.ssm.parameters[f"{CONFIG}/tenants/broken"] = "{"
    world.ssm.parameters[f"{CONFIG}/tenants/odd"] = "[1]"
    assert later(world) == {"recordings": 1} and len(world.results()) == 1


def test_results_are_known_over_many_pages(world: World) -> None:
    for number in range(7):
        world.call(CALL, f"demo-tenant/calls/{number}.mp3", str(number).encode())
    assert later(world) == {"recordings": 0}


def test_a_recording_may_lie_deeper_and_its_name_have_dots(world: World) -> None:
    world.call(CALL, "demo-tenant/calls/2026/11/a.b.json.mp3")
    assert later(world) == {"recordings": 0}


@pytest.mark.parametrize("operation", ["GetTranscriptionJob", "Converse"])
def test_the_trouble_of_one_keeps_back_no_other_and_is_raised_for_another_try(world: World, operation: str) -> None:
    for name in "abc":
        transcribed(world, f"demo-tenant/calls/{name}.mp3", name.encode())
    hit = iter([True])
    refused(world, operation, lambda: next(hit, False))
    with pytest.raises(fakes.ClientError):
        later(world)
    assert len(world.results()) == 2
    assert later(world, minutes=1) == {"recordings": 1} and len(world.results()) == 3


def test_when_nothing_goes_right_no_more_is_paid_for_until_the_next_try(world: World) -> None:
    for number in range(9):
        transcribed(world, f"demo-tenant/calls/{number}.mp3", str(number).encode())
    refused(world, "Converse")
    with pytest.raises(fakes.ClientError):
        later(world)
    assert world.aws.operations.count("Converse") == 5
    world.aws.plan = lambda number, name, done: None
    assert later(world) == {"recordings": 9} and len(world.results()) == 9


def test_what_there_is_no_time_for_waits_for_the_next_hour_and_the_newest_is_first(world: World) -> None:
    for number in range(3):
        transcribed(world, f"demo-tenant/calls/{number}.mp3", str(number).encode())
        world.now += timedelta(minutes=1)
    world.left_ms = 299_999
    assert later(world) == {"recordings": 1}
    assert [each["source"]["key"] for each in world.results()] == ["demo-tenant/calls/2.mp3"]
    world.left_ms = 300_000
    assert later(world) == {"recordings": 2} and len(world.results()) == 3


@pytest.mark.parametrize(("days", "found"), [(2.9, 1), (3.1, 0)])
def test_recordings_are_looked_for_three_days_back(world: World, days: float, found: int) -> None:
    transcribed(world)
    assert later(world, days=days) == {"recordings": found}


def test_a_result_that_has_expired_is_not_missing(world: World) -> None:
    world.tenant(retention_days_results=1)
    world.call(CALL)
    world.s3.objects = {place: each for place, each in world.s3.objects.items() if place[0] == INPUT}
    assert later(world, hours=25) == {"recordings": 0}
    assert world.aws.operations.count("StartTranscriptionJob") == 1


def test_a_transcript_that_is_gone_by_then_is_recorded_and_looked_for_no_more(world: World) -> None:
    transcribed(world)
    world.s3.objects = {place: each for place, each in world.s3.objects.items() if place[0] != OUTPUT}
    assert later(world, hours=48) == {"recordings": 1}
    assert [each["code"] for each in world.failures().values()] == ["TranscriptGone"]
    assert later(world) == {"recordings": 0}


def test_a_tenant_registered_too_late_for_its_first_recording_gets_its_result(world: World) -> None:
    event = world.upload("late/calls/call.mp3")
    world.handle(event)
    assert [each["code"] for each in world.failures().values()] == ["UnregisteredTenant"]
    world.tenant("late")
    assert later(world) == {"recordings": 1} and len(world.transcribe.jobs) == 1


def test_each_recording_found_has_its_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.upload()
    later(world)
    found, started = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    told = {"stage": "overdue", "tenant": "demo-tenant", "call_id": call_id(KEY), "since": "2026-11-24T23:59:58Z"}
    assert found.items() >= told.items() and started["stage"] == "started"
