"""Values that are not known yet. May import the standard library only.

While the step that produces a value is absent, others carry an `Unknown` in its place. It is a string, so it flows
through ARNs and policies unharmed; `aws.guard` refuses every request that still contains one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

MARK = "(known after "


class Unknown(str):
    """Stands for a fact of `step` until that step is in place; reads as "(known after STEP)"."""

    __slots__ = ()

    def __new__(cls, step: str) -> Unknown:
        return super().__new__(cls, f"{MARK}{step})")


def holds_unknown(value: object) -> bool:
    """Whether `value`, or anything inside it, is or was made from an `Unknown`."""
    if isinstance(value, str):
        return MARK in value
    if is_dataclass(value) and not isinstance(value, type):
        return any(holds_unknown(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, Mapping):
        return any(holds_unknown(each) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return any(holds_unknown(each) for each in value)
    return False
