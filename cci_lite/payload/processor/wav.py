"""Channels and duration from the first bytes of a WAV file. Pure; imports the standard library only.

RIFF/WAVE as Microsoft and IBM's "Multimedia Programming Interface and Data Specifications 1.0" lays it out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

#: Enough for the format chunk and the chunks that recorders put before the samples.
HEADER_BYTES = 4096


@dataclass(frozen=True)
class Header:
    """duration_s is None when the samples begin beyond the bytes read."""

    channels: int
    duration_s: float | None


def read(head: bytes, size: int) -> Header | None:
    """Reads `head` of a file of `size` bytes; None when it is no WAV with a format chunk."""
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return None
    place, channels, rate, seconds = 12, 0, 0, None
    while place + 8 <= len(head):
        name, length = head[place : place + 4], struct.unpack_from("<I", head, place + 4)[0]
        if name == b"fmt " and place + 24 <= len(head):
            channels, rate = struct.unpack_from("<2xH4xI", head, place + 8)
        if name == b"data":
            # A recorder that streamed never wrote the true length: the file's size bounds it.
            seconds = round(min(length or size, size - place - 8) / rate, 3) if rate else None
            break
        place += 8 + length + length % 2
    return Header(channels, seconds) if channels else None
