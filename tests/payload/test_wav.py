"""Channels and length from a WAV file's header; anything else is no WAV, never an error."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cci_lite.payload.processor.wav import HEADER_BYTES, Header, read

FORMAT = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 8000, 32000, 4, 16)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def head(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def test_two_channels_of_two_seconds() -> None:
    whole = head(FORMAT, chunk(b"data", bytes(64000)))
    assert read(whole[:HEADER_BYTES], len(whole)) == Header(2, 2.0)


def test_chunks_of_odd_length_before_the_samples_are_skipped() -> None:
    whole = head(chunk(b"LIST", b"odd"), FORMAT, chunk(b"data", bytes(32000)))
    assert read(whole[:HEADER_BYTES], len(whole)) == Header(2, 1.0)


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF])
def test_a_stream_that_never_wrote_its_length_is_measured_by_the_file(claimed: int) -> None:
    whole = head(FORMAT, struct.pack("<4sI", b"data", claimed) + bytes(32000))
    assert read(whole[:HEADER_BYTES], len(whole)) == Header(2, 1.0)


def test_samples_beyond_the_bytes_read_leave_the_length_open() -> None:
    whole = head(FORMAT, chunk(b"junk", bytes(HEADER_BYTES)), chunk(b"data", bytes(8)))
    assert read(whole[:HEADER_BYTES], len(whole)) == Header(2, None)


@pytest.mark.parametrize("body", [b"", b"RIFF", b"ID3\x04" + bytes(60), head(), head(chunk(b"data", bytes(8)))])
def test_what_is_no_wav_is_none(body: bytes) -> None:
    assert read(body, len(body)) is None


@given(st.binary(max_size=200))
def test_no_bytes_break_it(rest: bytes) -> None:
    for begin in (head()[:12], head(FORMAT)):
        read(begin + rest, len(begin + rest))
