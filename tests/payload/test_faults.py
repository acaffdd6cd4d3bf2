"""Each call fails once, before and after its effect, and the process dies at each: a rerun gives the same result."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ReadTimeoutError

from . import fakes
from .world import CALL, OUTPUT, World

FAULTS: dict[str, Callable[[str], BaseException]] = {
    "throttled": lambda name: fakes.refusal(name, "ThrottlingException", "Rate exceeded"),
    "unavailable": lambda name: fakes.refusal(name, "InternalServerException"),
    "not allowed yet": lambda name: fakes.refusal(name, "AccessDeniedException"),
    "timeout": lambda name: ReadTimeoutError(endpoint_url="https://example.com"),
    "killed": lambda name: fakes.Killed(name),
}


def until_done(world: World) -> Iterator[BaseException]:
    """Delivers the call's events as Lambda does, again after an error; the errors."""
    event = world.upload("demo-tenant/calls/a.wav", b"RIFF")
    name = world.job("demo-tenant/calls/a.wav")
    for step in (lambda: world.handle(event), lambda: world.ended(name)):
        for _ in range(2):
            try:
                step()
            except (Exception, fakes.Killed) as error:
                yield error
                continue
            break
        if "Transcript" not in world.transcribe.jobs[name]:
            world.transcribe.complete(name, CALL)


def undisturbed() -> tuple[dict[tuple[str, str], bytes], list[str]]:
    world = World()
    assert list(until_done(world)) == []
    return _kept(world), world.aws.operations


def _kept(world: World) -> dict[tuple[str, str], bytes]:
    return {place: each.body for place, each in world.s3.objects.items() if place[0] == OUTPUT}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("after", [False, True], ids=["before the effect", "after the effect"])
def test_a_fault_at_any_call_is_raised_and_a_rerun_gives_the_same_result(fault: str, after: bool) -> None:
    expected, operations = undisturbed()
    assert len(operations) >= 12
    for place in range(len(operations)):
        world = World()

        def plan(number: int, name: str, done: bool, place: int = place) -> None:
            if number == place and done is after:
                raise FAULTS[fault](name)

        world.aws.plan = plan
        # The look for an earlier result is refused by S3 itself: there is no such object, so nothing comes after.
        refused = after and operations[place] == "GetObject"
        assert len(list(until_done(world))) == 1 or refused, operations[place]
        assert _kept(world) == expected, operations[place]
        assert len(world.transcribe.jobs) == 1
        assert world.s3.writes.count(world.s3.writes[0]) == len(world.s3.writes) == 1


def test_texts_that_comprehend_could_not_judge_are_tried_again(world: World) -> None:
    world.comprehend.broken = True
    with pytest.raises(Exception, match="INTERNAL_SERVER_ERROR"):
        world.call(CALL)
    assert world.s3.writes == []
    world.comprehend.broken = False
    world.ended(world.job())
    assert len(world.results()) == 1


def test_one_recordings_trouble_does_not_keep_back_the_others_of_its_event(world: World) -> None:
    events = [world.upload(f"demo-tenant/calls/{name}.mp3", name.encode()) for name in "abc"]
    hit = iter([True])

    def plan(number: int, name: str, done: bool) -> None:
        if name == "StartTranscriptionJob" and next(hit, False):
            raise fakes.refusal(name, "LimitExceededException")

    world.aws.plan = plan
    whole = {"Records": [record for each in events for record in each["Records"]]}
    with pytest.raises(fakes.ClientError):
        world.handle(whole)
    assert len(world.transcribe.jobs) == 2
    world.handle(whole)
    assert len(world.transcribe.jobs) == 3


@pytest.mark.parametrize("operation", ["BatchDetectSentiment", "DetectPiiEntities"])
def test_a_refusal_that_no_repetition_changes_is_recorded(world: World, operation: str) -> None:
    code = "InvalidRequestException"

    def plan(number: int, name: str, done: bool) -> None:
        if name == operation:
            raise fakes.refusal(name, code, "never")

    world.aws.plan = plan
    world.handle(world.upload())
    world.transcribe.complete(world.job(), CALL)
    world.ended(world.job())
    (failure,) = world.failures().values()
    assert (failure["stage"], failure["code"], failure["reason"]) == (operation, code, "never")
