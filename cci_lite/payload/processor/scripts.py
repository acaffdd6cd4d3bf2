"""Scripts written without spaces between words: Chinese, Japanese, Thai and their neighbours. Pure.

Transcribe cuts their speech into words like any other's, and its own transcript shows a space between two of them
(github.com/muojp/asr-srtize) or none (repost.aws/questions/QUtQ5LVlmeThyK18x1u8zyWg, where a full stop stands inside a
word). Whoever writes a rule, and a model that quotes, puts none there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: As it stands in a class of a regular expression: Thai, Lao, Burmese, Khmer; kana, ideographs and their punctuation.
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    r"\u2e80-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff9f\U00020000-\U0003ffff"
)
_ONE = re.compile(f"[{UNSPACED}]")
_NEEDLESS = re.compile(rf"(?<=[{UNSPACED}])\s+|\s+(?=[{UNSPACED}])")


def unspaced(character: str) -> bool:
    """Whether the character is of such a script, or of its punctuation."""
    return not character.isascii() and _ONE.match(character) is not None


def gap(before: str, after: str) -> str:
    """What stands between two texts that follow each other: a space, unless there is nothing to part."""
    return "" if not before or not after or (unspaced(before[-1]) and unspaced(after[0])) else " "


def joined(texts: Iterable[str]) -> str:
    """The texts one after the other."""
    whole = ""
    for each in texts:
        whole += gap(whole, each) + each
    return whole


def closed(text: str) -> str:
    """For comparing: without the spaces that touch such a script."""
    return text if text.isascii() else _NEEDLESS.sub("", text)
