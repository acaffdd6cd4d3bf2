"""Channels and duration from the first bytes of an MP3 file. Pure; imports the shape that WAV headers are read to.

ISO/IEC 11172-3 section 2.4.2.3 for the header of a frame; how many frames there are stands in the first of them, as
the encoders Xing and LAME (which ffmpeg's follows) or Fraunhofer's VBRI write it. Without that count the length is not
known: a bit rate may change with any frame. Counted are whole frames, with the encoder's own silence at both ends, a
tenth of a second together. An ID3v2 tag before the first frame is passed over (id3.org, 2.4.0, 3.1).
"""

from __future__ import annotations

from .wav import Header

_LAYER_3, _MPEG_1, _RESERVED, _MONO = 1, 3, 1, 3
#: Samples a second of MPEG 1; MPEG 2 has half of them, MPEG 2.5 a quarter.
_RATES = (44_100, 48_000, 32_000)
_SLOWER = {3: 1, 2: 2, 0: 4}
#: Where Xing's count begins after the frame's four bytes: behind the side information. (MPEG 1?, mono?) -> bytes.
_SIDE = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}
_VBRI_AT = 36


def read(head: bytes) -> Header | None:
    """Reads `head` of a file; None when it holds no frame of layer III behind the tag."""
    first = _tag(head)
    frame = head[first : first + 4]
    told = int.from_bytes(frame, "big")
    version, layer, rate = told >> 19 & 0b11, told >> 17 & 0b11, told >> 10 & 0b11
    if len(frame) < 4 or told >> 21 != 0x7FF or version == _RESERVED or layer != _LAYER_3 or rate == len(_RATES):
        return None
    mono = told >> 6 & 0b11 == _MONO
    frames = _frames(head[first:], 4 + _SIDE[version == _MPEG_1, mono])
    samples = 1152 if version == _MPEG_1 else 576
    seconds = frames * samples / (_RATES[rate] / _SLOWER[version])
    return Header(1 if mono else 2, round(seconds, 3) if frames else None)


def _tag(head: bytes) -> int:
    """The length of the ID3v2 tag that `head` begins with; 0 without one."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:  # seven bits each, so that no byte looks like the beginning of a frame
        size = size << 7 | byte & 0x7F
    return size + (20 if head[5] & 0x10 else 10)  # a footer repeats the header


def _frames(frame: bytes, xing_at: int) -> int:
    """How many frames the first one says there are; 0 when it does not say."""
    if frame[xing_at : xing_at + 4] in (b"Xing", b"Info"):
        counted = bool(int.from_bytes(frame[xing_at + 4 : xing_at + 8], "big") & 1)
        return int.from_bytes(frame[xing_at + 8 : xing_at + 12], "big") if counted else 0
    if frame[_VBRI_AT : _VBRI_AT + 4] == b"VBRI":
        return int.from_bytes(frame[_VBRI_AT + 14 : _VBRI_AT + 18], "big")
    return 0
