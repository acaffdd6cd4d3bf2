"""Channels and duration from the first bytes of a FLAC file. Pure; imports the shape that WAV headers are read to.

RFC 9639, sections 8.1 and 8.2: the marker, the header of the first block, which is STREAMINFO.
"""

from __future__ import annotations

from .wav import Header

_MARKER = b"fLaC\0"
_RATE_AT, _END = 18, 26


def read(head: bytes) -> Header | None:
    """Reads `head` of a file; None when it is no FLAC with its STREAMINFO."""
    # An encoder may set the first bit of a block's type to say that no other block follows.
    if len(head) < _END or head[:4] + bytes([head[4] & 0x7F]) != _MARKER:
        return None
    told = int.from_bytes(head[_RATE_AT:_END], "big")
    rate, channels, samples = told >> 44, (told >> 41 & 0b111) + 1, told & (1 << 36) - 1
    # A stream's encoder does not know how many samples will come, and writes 0.
    return Header(channels, round(samples / rate, 3) if rate and samples else None)
