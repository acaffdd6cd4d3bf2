"""Channels and length from an MP3 file's first frame; anything else is no MP3, never an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cci_lite.payload.processor.mp3 import read
from cci_lite.payload.processor.wav import Header

from .world import CALL, World

MPEG_1, MPEG_2, MPEG_2_5 = 3, 2, 0
LAYER_2, LAYER_3 = 2, 1
STEREO, JOINT, MONO = 0, 1, 3
SIDE = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}


def head(version: int, rate: int, mode: int, frames: int | None, layer: int = LAYER_3, mark: bytes = b"Xing") -> bytes:
    """The first frame. rate: its index; frames: None writes a count's flags without the count."""
    told = 0x7FF << 21 | version << 19 | layer << 17 | 1 << 16 | 9 << 12 | rate << 10 | mode << 6
    side = bytes(32 if mark == b"VBRI" else SIDE[version == MPEG_1, mode == MONO])
    count = (frames or 0).to_bytes(4, "big")
    body = bytes(10) + count if mark == b"VBRI" else bytes([0, 0, 0, frames is not None]) + count
    return told.to_bytes(4, "big") + side + mark + body + bytes(40)


def tagged(size: int, rest: bytes, flags: int = 0) -> bytes:
    """With an ID3v2 tag of `size` bytes before it."""
    sizes = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00" + bytes([flags]) + sizes + bytes(size + (10 if flags & 0x10 else 0)) + rest


@pytest.mark.parametrize("mark", [b"Xing", b"Info", b"VBRI"])
@pytest.mark.parametrize(
    ("version", "rate", "mode", "frames", "told"),
    [
        (MPEG_1, 0, STEREO, 1000, Header(2, 26.122)),
        (MPEG_1, 1, JOINT, 1000, Header(2, 24.0)),
        (MPEG_1, 2, MONO, 1000, Header(1, 36.0)),
        (MPEG_2, 2, STEREO, 1000, Header(2, 36.0)),
        (MPEG_2, 1, MONO, 1000, Header(1, 24.0)),
        (MPEG_2_5, 2, MONO, 1000, Header(1, 72.0)),
        (MPEG_2_5, 0, STEREO, 0, Header(2, None)),
    ],
)
def test_channels_and_seconds(version: int, rate: int, mode: int, frames: int, told: Header, mark: bytes) -> None:
    assert read(head(version, rate, mode, frames, mark=mark)) == told


def test_without_a_count_of_frames_the_length_is_not_known() -> None:
    assert read(head(MPEG_1, 0, STEREO, None)) == Header(2, None)
    assert read(head(MPEG_1, 0, STEREO, 1000, mark=b"none")) == Header(2, None)
    assert read(head(MPEG_1, 0, MONO, 1000)[:4]) == Header(1, None)


@pytest.mark.parametrize(("size", "flags"), [(0, 0), (35, 0), (3_000, 0), (200, 0x10)])
def test_a_tag_before_the_first_frame_is_passed_over(size: int, flags: int) -> None:
    assert read(tagged(size, head(MPEG_1, 1, STEREO, 1000), flags)) == Header(2, 24.0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfb",
        b"RIFF" + bytes(40),
        head(MPEG_1, 0, STEREO, 8, layer=LAYER_2),
        head(1, 0, STEREO, 8),
        head(MPEG_1, 3, STEREO, 8),
        tagged(100, head(MPEG_1, 1, STEREO, 8))[:100],
        b"ID3\x04\x00",
    ],
    ids=["empty", "cut", "wav", "layer 2", "reserved version", "reserved rate", "a tag longer than read", "cut tag"],
)
def test_what_is_no_mp3_is_none(body: bytes) -> None:
    assert read(body) is None


@given(st.binary(max_size=80), st.sampled_from([b"", b"ID3\x04\x00", b"\xff\xfb", b"\xff\xe3\x90"]))
def test_no_bytes_break_it(rest: bytes, begin: bytes) -> None:
    read(begin + rest)


@pytest.mark.parametrize(("mode", "setting"), [(JOINT, "ChannelIdentification"), (MONO, "ShowSpeakerLabels")])
def test_an_mp3_recording_is_heard_by_its_channels(world: World, mode: int, setting: str) -> None:
    world.handle(world.upload("demo-tenant/calls/a.mp3", head(MPEG_1, 1, mode, 1000)))
    (request,) = world.aws.of("StartTranscriptionJob")
    assert request["Settings"][setting] is True


def test_an_mp3_recording_has_its_own_length(world: World) -> None:
    result = world.call(CALL, "demo-tenant/calls/a.mp3", head(MPEG_1, 1, STEREO, 5000))
    assert result["duration_s"] == 120.0
    assert "duration_s" not in [each["field"] for each in result["absent"]]
