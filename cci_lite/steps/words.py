"""What Amazon Transcribe takes as words of a vocabulary or a filter. Pure; may import pydantic's validation types.

Source: docs.aws.amazon.com/transcribe/latest/dg/{custom-vocabulary,custom-vocabulary-create-table,vocabulary-filtering,
charsets}.html. AWS finds a bad word only minutes after it took the list, so that each is checked when the file is read.
"""

from __future__ import annotations

import re
import unicodedata

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

#: Lists of each kind that an account may have in a region, and the bytes of one list.
MOST_LISTS = 100
MOST_BYTES = 50_000
LONGEST = 256
_SIGNS = "'-."
#: Letters beside a-z by language, where the guide's table is short; elsewhere any letter of any script passes.
_LETTERS = {"en": "", "de": "äöüß", "es": "áéíñóúü"}


def languages(language: str, options: tuple[str, ...]) -> tuple[str, ...]:
    """The languages a tenant's calls can have, each of which needs a list of its own."""
    return options if language == "auto" else (language,)


def phrase(value: str, info: ValidationInfo) -> str:
    """A phrase of a vocabulary: words joined by hyphens, numbers spelled out."""
    if " " in value:
        raise _must("have hyphens instead of spaces, as in Los-Angeles")
    return _word(value, info)


def filtered(value: str, info: ValidationInfo) -> str:
    """A word of a filter: it is compared with one spoken word at a time."""
    if " " in value:
        raise _must("be one word: a filter knows no phrases")
    return _word(value, info)


def fitting(values: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """The whole list: small enough, and for languages that are known."""
    size = sum(len(each.encode()) + 1 for each in values)
    if size > MOST_BYTES:
        raise ValueError(f"{size:,} bytes are more than the {MOST_BYTES:,} that Transcribe takes in one list")
    told = _languages(info)
    if values and info.data.get("language") == "auto" and not 2 <= len(told) <= 5:
        raise ValueError("words belong to a language: set `language`, or 2 to 5 `language_options`")
    return values


def _word(value: str, info: ValidationInfo) -> str:
    if not 1 <= len(value) <= LONGEST:
        raise _must(f"have 1 to {LONGEST} characters")
    if re.search(r"\d", value):
        raise _must("have its digits spelled out, as in V.X.-zero-two")
    if not unicodedata.is_normalized("NFC", value):
        raise _must("have accented letters as one character each (NFC)")
    for language in _languages(info):
        strange = sorted({each for each in value if not _known(each, language)})
        if strange:
            raise _must(f"have letters of {language} and {' '.join(_SIGNS)} only, without {' '.join(strange)}")
    return value


def _known(character: str, language: str) -> bool:
    if character in _SIGNS:
        return True
    letters = _LETTERS.get(language.split("-")[0])
    if letters is None:
        return unicodedata.category(character)[0] in "LM"
    return (character.isascii() and character.isalpha()) or character.lower() in letters


def _languages(info: ValidationInfo) -> tuple[str, ...]:
    """Empty when the languages themselves were refused."""
    return languages(info.data.get("language", "auto"), info.data.get("language_options", ()))


def _must(words: str) -> PydanticCustomError:
    return PydanticCustomError("must", "{words}", {"words": words})
