"""What was heard in recordings, so that a recording that comes again is not listened to again. Imports nothing of ours.

The last ones are remembered in memory. $CCI_LITE_SANDBOX_HEARD names a folder where they are kept beyond the process as
well: for one run of the tests, whose sandboxes come and go. It is no setting for people: what lies there does not tell
which model heard it and how, and the words of recordings are in it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

_REMEMBERED = 32


@dataclass(frozen=True)
class Word:
    """One spoken word with its punctuation, times in seconds, confidence in 0..1."""

    text: str
    start: float
    end: float
    confidence: float


_heard: dict[str, list[Word]] = {}


def once(samples: bytes, expected: str | None, listen: Callable[[], list[Word]]) -> list[Word]:
    """What `listen` hears, or heard before in the same samples with the same expectation. Not thread-safe."""
    which = hashlib.sha256(f"{expected!r}\0".encode() + samples).hexdigest()
    if which not in _heard:
        _heard[which] = _kept(f"{which}.json", listen)
        if len(_heard) > _REMEMBERED:
            del _heard[next(iter(_heard))]
    return list(_heard[which])


def _kept(name: str, listen: Callable[[], list[Word]]) -> list[Word]:
    folder = os.environ.get("CCI_LITE_SANDBOX_HEARD")
    if not folder:
        return listen()
    path = Path(folder, name)
    if path.exists():
        return [Word(**each) for each in json.loads(path.read_text(encoding="utf-8"))]
    heard = listen()
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps([asdict(each) for each in heard]), encoding="utf-8")
    scratch.replace(path)
    return heard
