"""What a setting must look like, in words that a complaint can use. Pure; may import pydantic's validation types."""

from __future__ import annotations

import re

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def form(pattern: str, must: str) -> AfterValidator:
    """The whole text has to match; `must` completes "it must ..."."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError("must", "{words}", {"words": must})
        return value

    return AfterValidator(check)


def name(signs: str, longest: int, *, small: bool = False) -> AfterValidator:
    """1 to `longest` letters, digits and `signs`; small: no capital letters, and none of the signs in front."""
    letters = "a-z0-9" if small else "a-zA-Z0-9"
    first = f"[{letters}]" if small else f"[{letters}{re.escape(signs)}]"
    kind = "small letters" if small else "letters"
    must = f"have 1 to {longest} {kind}, digits and {' '.join(signs)}"
    return form(f"{first}[{letters}{re.escape(signs)}]{{0,{longest - 1}}}", must)
