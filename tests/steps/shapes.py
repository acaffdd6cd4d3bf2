"""Whether a request is what the service's own model allows: types, names, lengths, ranges, patterns and enumerations.

botocore itself checks only types, names, what is required and minimum lengths; the service refuses the rest.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import regex
from botocore.model import Shape

_SCALARS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (datetime, str),
    "blob": (bytes, str, io.IOBase),
}
#: The models' patterns are Java's, which writes characters beyond 16 bits as two halves.
_BEYOND_16_BITS = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")


def problems(shape: Shape | None, value: Any, path: str = "") -> Iterator[str]:
    """Everything in `value` that `shape` does not allow, each with its dotted path."""
    if shape is None:
        yield from [f"{path or 'request'}: takes no parameters"] if value else []
    elif shape.type_name == "structure":
        yield from _structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _sized(shape, value, path)
        for number, each in enumerate(value):
            yield from problems(shape.member, each, f"{path}[{number}]")
    elif shape.type_name == "map":
        yield from _sized(shape, value, path)
        for name, each in value.items():
            yield from problems(shape.key, name, f"{path}.{name}(name)")
            yield from problems(shape.value, each, f"{path}.{name}")
    else:
        yield from _scalar(shape, value, path)


def _structure(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: not a structure"
        return
    for name in shape.required_members:
        if name not in value and not shape.members[name].metadata.get("idempotencyToken"):
            yield f"{_below(path, name)}: missing"
    for name, each in value.items():
        if name in shape.members:
            yield from problems(shape.members[name], each, _below(path, name))
        else:
            yield f"{_below(path, name)}: no such member"


def _scalar(shape: Any, value: Any, path: str) -> Iterator[str]:
    """A boolean is an integer to Python and to no service."""
    wrong = isinstance(value, bool) and shape.type_name != "boolean"
    if wrong or not isinstance(value, _SCALARS[shape.type_name]):
        yield f"{path}: {type(value).__name__} instead of {shape.type_name}"
        return
    if shape.type_name in ("integer", "long", "float", "double"):
        yield from _between(shape, value, path, "is")
    if shape.type_name == "string":
        yield from _sized(shape, value, path)
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {', '.join(shape.enum)}"
        pattern = shape.metadata.get("pattern", "").replace(*_BEYOND_16_BITS)
        if pattern and not regex.fullmatch(pattern, value):
            yield f"{path}: {value!r} does not match {pattern}"


def _sized(shape: Shape, value: Any, path: str) -> Iterator[str]:
    yield from _between(shape, len(value), path, "has length")


def _between(shape: Shape, size: float, path: str, verb: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{path}: {verb} {size}, less than {least}"
    if most is not None and size > most:
        yield f"{path}: {verb} {size}, more than {most}"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
