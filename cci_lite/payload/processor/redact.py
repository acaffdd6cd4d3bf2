"""Personal data out of the phrases, by Comprehend's DetectPiiEntities, before anything else reads them.

Offsets count characters (docs.aws.amazon.com/comprehend/latest/dg/how-pii.html); texts may have 100,000 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .comprehend import Units
from .pieces import cut
from .scripts import joined

#: Below Comprehend's 100,000: room for nothing to be exactly on the limit.
CHUNK_BYTES = 90_000


def redact(client: Any, language: str, texts: Sequence[str], units: Units) -> list[str]:
    """The same texts with each finding replaced by its type, such as [PHONE].

    Neighbouring texts are read together, so that a number spoken across two phrases is still found.
    """
    whole = [list(cut(text, CHUNK_BYTES)) or [""] for text in texts]
    clean = iter(_redacted(client, language, [piece for pieces in whole for piece in pieces], units))
    return [joined(next(clean) for _ in pieces) for pieces in whole]


def _redacted(client: Any, language: str, texts: Sequence[str], units: Units) -> list[str]:
    made: list[str] = []
    for chunk in _chunks(texts):
        joined = "\n".join(chunk)
        found = client.detect_pii_entities(Text=joined, LanguageCode=language)["Entities"] if joined.strip() else []
        units.add([joined])
        made += _without(joined, found).split("\n")
    return made


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for text in texts:
        needed = len(text.encode()) + 1
        if chunk and size + needed > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(text)
        size += needed
    if chunk:
        yield chunk


def _without(text: str, found: Sequence[Mapping[str, Any]]) -> str:
    """Replaced from the end, so that earlier offsets stay true; a finding over line breaks is named in each line."""
    limit = len(text)
    for each in sorted(found, key=lambda one: -int(one["BeginOffset"])):
        begin, end = int(each["BeginOffset"]), min(int(each["EndOffset"]), limit)
        lines = [f"[{each['Type']}]" if line.strip() else line for line in text[begin:end].split("\n")]
        text = text[:begin] + "\n".join(lines) + text[end:]
        limit = begin
    return text
