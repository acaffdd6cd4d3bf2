"""Channels and length from a FLAC file's header; anything else is no FLAC, never an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cci_lite.payload.processor.flac import read
from cci_lite.payload.processor.wav import Header

from .world import CALL, World


def head(rate: int, channels: int, samples: int, kind: int = 0) -> bytes:
    told = rate << 44 | channels - 1 << 41 | 15 << 36 | samples
    return b"fLaC" + bytes([kind, 0, 0, 34]) + bytes(10) + told.to_bytes(8, "big") + bytes(16)


@pytest.mark.parametrize("kind", [0, 0x80])
@pytest.mark.parametrize(
    ("rate", "channels", "samples", "told"),
    [
        (8_000, 1, 12_000, Header(1, 1.5)),
        (48_000, 2, 2**35, Header(2, 715827.883)),
        (655_350, 8, 1, Header(8, 0.0)),
        (16_000, 2, 0, Header(2, None)),
        (0, 2, 16_000, Header(2, None)),
    ],
)
def test_channels_and_seconds(rate: int, channels: int, samples: int, told: Header, kind: int) -> None:
    assert read(head(rate, channels, samples, kind)) == told


@pytest.mark.parametrize("body", [b"", b"fLaC", head(8_000, 1, 1)[:25], head(8_000, 1, 1, kind=4), b"RIFF" + bytes(40)])
def test_what_is_no_flac_is_none(body: bytes) -> None:
    assert read(body) is None
    assert read(head(8_000, 1, 8)[:26]) == Header(1, 0.001)


@given(st.binary(max_size=60))
def test_no_bytes_break_it(rest: bytes) -> None:
    read(b"fLaC\0" + rest)


@pytest.mark.parametrize(("channels", "setting"), [(2, "ChannelIdentification"), (1, "ShowSpeakerLabels")])
def test_a_flac_recording_is_heard_by_its_channels(world: World, channels: int, setting: str) -> None:
    world.handle(world.upload("demo-tenant/calls/a.flac", head(16_000, channels, 320_000)))
    (request,) = world.aws.of("StartTranscriptionJob")
    assert request["Settings"][setting] is True


def test_a_flac_recording_has_its_own_length(world: World) -> None:
    result = world.call(CALL, "demo-tenant/calls/a.flac", head(16_000, 2, 1_600_000))
    assert result["duration_s"] == 100.0
    assert "duration_s" not in [each["field"] for each in result["absent"]]
