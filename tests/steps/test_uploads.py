"""A recording is uploaded under a condition: what else has its name, or gets it at that moment, is not overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cci_lite.steps import recordings
from cci_lite.steps.recordings import Buckets, OtherContentError, submit
from tests.steps.test_drift import INPUT, KEY, RESULTS
from tests.world import World, account, reasons

NAME = "demo-tenant/calls/call.wav"


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[World, Buckets]]:
    with account(pipeline=False) as world:
        assert reasons(world.provision("input-bucket", "master-key", "results-bucket", "input-right-key")) == {}
        arn = world.rules.look("kms").describe_key(KeyId=KEY)["KeyMetadata"]["Arn"]
        yield world, Buckets(INPUT, RESULTS, arn)


@pytest.fixture
def recording(tmp_path: Path, standing: tuple[World, Buckets]) -> Iterator[Path]:
    path = tmp_path / "call.wav"
    path.write_bytes(b"RIFF ours")
    yield path
    standing[0].rules.look("s3").delete_object(Bucket=INPUT, Key=NAME)


def lying(world: World) -> bytes:
    return bytes(world.rules.look("s3").get_object(Bucket=INPUT, Key=NAME)["Body"].read())


def put(world: World, body: bytes) -> None:
    world.rules.look("s3").put_object(Bucket=INPUT, Key=NAME, Body=body)


def conditions(world: World) -> list[str]:
    puts = [each.params for each in world.rules.calls if each.name == "s3:PutObject"]
    return [name for each in puts for name in ("IfNoneMatch", "IfMatch") if name in each]


def test_a_new_recording_takes_one_call(standing: tuple[World, Buckets], recording: Path) -> None:
    world, buckets = standing
    world.rules.forget()
    assert not submit(world.cloud, buckets, NAME, recording, {}).again
    assert [each.name for each in world.rules.calls] == ["s3:PutObject"] and lying(world) == b"RIFF ours"


def test_the_same_recording_again_is_not_uploaded_again(standing: tuple[World, Buckets], recording: Path) -> None:
    world, buckets = standing
    first = submit(world.cloud, buckets, NAME, recording, {})
    again = submit(world.cloud, buckets, NAME, recording, {})
    assert again.again and again.etag == first.etag


def test_another_recording_of_the_name_stays(standing: tuple[World, Buckets], recording: Path) -> None:
    world, buckets = standing
    put(world, b"RIFF theirs")
    with pytest.raises(OtherContentError, match="holds another recording"):
        submit(world.cloud, buckets, NAME, recording, {})
    assert lying(world) == b"RIFF theirs"


def test_a_large_one_asks_first(
    standing: tuple[World, Buckets], recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, buckets = standing
    monkeypatch.setattr(recordings, "_SMALL", 3)
    world.rules.forget()
    submit(world.cloud, buckets, NAME, recording, {})
    assert [each.name for each in world.rules.calls] == ["s3:HeadObject", "s3:PutObject"]
    assert conditions(world) == ["IfNoneMatch"]


@pytest.mark.parametrize("there", [False, True])
def test_one_that_lands_after_the_look_is_not_overwritten(
    standing: tuple[World, Buckets], recording: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    world, buckets = standing
    monkeypatch.setattr(recordings, "_SMALL", 3)
    if there:
        submit(world.cloud, buckets, NAME, recording, {})
    found = recordings.Cloud.find

    def and_then_another_lands(cloud: Any, *args: Any, **params: Any) -> Any:
        seen = found(cloud, *args, **params)
        put(world, b"RIFF theirs")
        return seen

    monkeypatch.setattr(recordings.Cloud, "find", and_then_another_lands)
    with pytest.raises(OtherContentError, match="somebody else wrote"):
        submit(world.cloud, buckets, NAME, recording, {}, anew=lambda etag: True)
    assert lying(world) == b"RIFF theirs"


def test_two_uploads_at_the_same_moment_are_tried_once_more(
    standing: tuple[World, Buckets], recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 answers 409 to one of two conditional writes in flight (S3 user guide, "Conditional write behavior")."""
    world, buckets = standing
    write, conflict = recordings.Cloud.write, {"Error": {"Code": "ConditionalRequestConflict"}}

    def refused_once(cloud: Any, *args: Any, **params: Any) -> Any:
        monkeypatch.setattr(recordings.Cloud, "write", write)
        raise ClientError(conflict, "PutObject")  # type: ignore[arg-type]

    monkeypatch.setattr(recordings.Cloud, "write", refused_once)
    assert not submit(world.cloud, buckets, NAME, recording, {}).again
    assert lying(world) == b"RIFF ours"


@pytest.mark.parametrize("small", [3, 8 << 20])
def test_an_upload_whose_answer_was_lost_is_known_for_our_own(
    standing: tuple[World, Buckets], recording: Path, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    """The transport tries again, and meets what its first try has left."""
    world, buckets = standing
    monkeypatch.setattr(recordings, "_SMALL", small)
    write, unmet = recordings.Cloud.write, {"Error": {"Code": "PreconditionFailed"}}

    def lost(cloud: Any, *args: Any, **params: Any) -> Any:
        write(cloud, *args, **params)
        raise ClientError(unmet, "PutObject")  # type: ignore[arg-type]

    monkeypatch.setattr(recordings.Cloud, "write", lost)
    sent = submit(world.cloud, buckets, NAME, recording, {})
    there = world.rules.look("s3").head_object(Bucket=INPUT, Key=NAME)
    assert not sent.again and sent.etag == there["ETag"].strip('"')
