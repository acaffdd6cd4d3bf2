"""Cutting text to byte limits without splitting a character. Pure; imports nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def cut(text: str, limit: int) -> Iterator[str]:
    """`text` in pieces of at most `limit` UTF-8 bytes, at spaces where there are any; nothing is lost but spaces."""
    data = text.encode()
    while len(data) > limit:
        piece = data[:limit].decode(errors="ignore")
        space = piece.rfind(" ")
        if space > 0:
            piece = piece[:space]
        yield piece.strip()
        data = data[len(piece.encode()) :].lstrip()
    if data:
        yield data.decode()


def packed(texts: Iterable[str], limit: int, between: str = " ") -> list[str]:
    """Texts joined while they fit in `limit` UTF-8 bytes; a longer one is cut. Empty ones are left out."""
    made: list[str] = []
    for text in texts:
        for piece in cut(text.strip(), limit):
            if not piece:
                continue
            joined = f"{made[-1]}{between}{piece}" if made else ""
            if made and len(joined.encode()) <= limit:
                made[-1] = joined
            else:
                made.append(piece)
    return made
