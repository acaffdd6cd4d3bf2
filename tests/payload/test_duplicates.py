"""Events come more than once, late and at the same time: one job is bought, one result written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cci_lite.payload.processor.finish import NotEndedError

from .world import CALL, KEY, OUTPUT, World


def test_a_repeated_arrival_buys_one_job(world: World) -> None:
    event = world.upload()
    for _ in range(3):
        world.handle(event)
    assert len(world.transcribe.jobs) == 1


def test_a_repeated_end_writes_once_and_asks_the_services_once(world: World) -> None:
    world.call(CALL)
    before = dict(world.s3.objects)
    asked = world.aws.operations.count("Converse")
    world.ended(world.job())
    assert world.s3.objects == before and len(world.s3.writes) == 1
    assert world.aws.operations.count("Converse") == asked


def test_an_arrival_after_the_end_finishes_a_job_whose_own_event_was_lost(world: World) -> None:
    event = world.upload()
    world.handle(event)
    world.transcribe.complete(world.job(), CALL)
    world.handle(event)
    world.ended(world.job())
    assert len(world.s3.writes) == 1 and len(world.transcribe.jobs) == 1


def test_an_end_that_comes_before_the_job_shows_it_is_tried_again(world: World) -> None:
    world.handle(world.upload())
    with pytest.raises(NotEndedError):
        world.ended(world.job())
    assert world.s3.writes == []


def test_invocations_at_the_same_time_leave_one_job_and_one_result(world: World) -> None:
    event = world.upload()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: world.handle(event), range(8)))
        world.transcribe.complete(world.job(), CALL)
        written: list[bytes] = []

        def keep(number: int, name: str, done: bool) -> None:
            if name == "PutObject" and done:
                written.append(world.s3.objects[OUTPUT, world.s3.writes[-1]].body)

        world.aws.plan = keep
        list(pool.map(lambda _: world.ended(world.job()), range(8)))
    assert len(world.transcribe.jobs) == 1
    assert len(world.results()) == 1 and len(set(written)) == 1


def test_the_end_of_a_replaced_recording_makes_no_result(world: World) -> None:
    world.handle(world.upload())
    old = world.job()
    world.transcribe.complete(old, CALL)
    world.handle(world.upload(KEY, b"other sound"))
    world.ended(old)
    assert world.s3.writes == []
    world.transcribe.complete(world.job(), CALL)
    world.ended(world.job())
    assert [each["job_name"] for each in world.results()] == [world.job()]


@pytest.mark.parametrize("body", [b"sound", b""])
def test_a_late_event_of_a_replaced_recording_buys_and_records_nothing(world: World, body: bytes) -> None:
    late = world.upload(KEY, body)
    world.handle(world.upload(KEY, b"other sound"))
    world.handle(late)
    assert list(world.transcribe.jobs) == [world.job()] and world.failures() == {}


def test_a_recording_deleted_after_its_job_began_still_gets_its_result(world: World) -> None:
    world.handle(world.upload())
    name = world.job()
    world.transcribe.complete(name, CALL)
    world.s3.objects = {place: each for place, each in world.s3.objects.items() if place[1] != KEY}
    world.ended(name)
    assert world.results()[0]["source"]["etag"] is None


def test_a_failure_is_recorded_once(world: World) -> None:
    event = world.upload(body=b"")
    for _ in range(3):
        world.handle(event)
    assert len(world.s3.writes) == 1


def test_of_two_ends_at_the_same_moment_the_first_writes_and_the_second_loses_nothing(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.complete(world.job(), CALL)

    def meanwhile(number: int, name: str, done: bool) -> None:
        if name == "Converse" and done:
            world.aws.plan = lambda number, name, done: None
            world.ended(world.job())

    world.aws.plan = meanwhile
    world.ended(world.job())
    assert len(world.s3.writes) == 1 and world.failures() == {}


def test_an_end_that_another_version_of_the_recording_overtakes_is_tried_again(world: World) -> None:
    world.handle(world.upload())
    old = world.job()
    world.transcribe.complete(old, CALL)

    def meanwhile(number: int, name: str, done: bool) -> None:
        if name == "Converse" and done:
            world.aws.plan = lambda number, name, done: None
            world.handle(world.upload(KEY, b"other sound"))
            world.transcribe.complete(world.job(), CALL)
            world.ended(world.job())

    world.aws.plan = meanwhile
    with pytest.raises(NotEndedError):
        world.ended(old)
    assert [each["job_name"] for each in world.results()] == [world.job()] and world.job() != old
    world.ended(old)
    assert [each["job_name"] for each in world.results()] == [world.job()]
