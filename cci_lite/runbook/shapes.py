"""The file's own parts as pydantic models, and checking data against a model with each complaint on its own line.

Knows pydantic; not the registry of kinds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cci_lite.runbook import words
from cci_lite.runbook.problems import nearest
from cci_lite.runbook.source import Path_, Source, is_list
from cci_lite.steps.forms import form

M = TypeVar("M", bound=BaseModel)
MOST_TENANTS = 90


_Text = Annotated[str, form(r"(?s).*\S.*", "hold some text")]
_Account = Annotated[str, form(r"\d{12}", "be 12 digits")]
_Region = Annotated[str, form(r"[a-z]{2}(-[a-z]+)+-\d", "be the name of a region such as eu-central-1")]
_Id = Annotated[
    str, form(r"[a-z][a-z0-9-]{1,60}", "begin with a letter and have 2 to 61 small letters, digits and hyphens")
]


class Part(BaseModel):
    """Base of the file's own parts: unknown keys are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, regex_engine="python-re")


class Head(Part):
    """The file's top level; tags, tenants, phases and risks are checked on their own.

    At most 90 tenants: a bucket has at most 100 notifications (aws-facts 7), and some are other people's.
    """

    schema_: str = Field(alias="schema")
    account: _Account | None = None
    region: _Region
    tags: dict[str, str] = Field(max_length=40)
    tenants: dict[str, Any] = Field(min_length=1, max_length=MOST_TENANTS)
    phases: list[Any] = Field(min_length=1)
    risks: list[Any] = Field(default_factory=list)


class PhasePart(Part):
    """opt_in: what has to be weighed before `enabled` becomes true, as in "X bills per user"."""

    phase: int = Field(ge=1)
    title: _Text
    stop: str = ""
    enabled: bool = True
    opt_in: str = ""
    steps: list[Any] = Field(min_length=1)


class StepPart(Part):
    """What every step has; the kind's own settings are checked against the kind."""

    id: _Id
    kind: str
    title: _Text
    plan: str = ""
    adopt: bool = False
    after: tuple[str, ...] = ()


class RiskPart(Part):
    service: str = ""
    code: _Text
    contains: str = ""
    reason: _Text
    hint: str = ""


def keys(model: type[BaseModel]) -> list[str]:
    """The keys a model takes, as they are written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def checked(source: Source, path: Path_, model: type[M], data: Any, where: str, beside: Iterable[str] = ()) -> M | None:
    """`data` as a `model`, or None after the source was told every complaint.

    where: "step `x`", "the runbook". beside: further keys that may stand there (for hints only).
    """
    if not isinstance(data, Mapping):
        source.refuse(path, f"{where} must be a mapping of keys to values, {_not(data)}")
        return None
    try:
        # By way of JSON: strict models take a JSON list for a tuple at any depth, and a Python list nowhere.
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        for place, errors in _by_place(data, error).items():
            _complain(source, path, place, errors, where, known=(*_keys_at(model, place[:-1]), *beside))
        return None


def _not(data: object) -> str:
    return "but it is empty" if data is None else f"not {words.a_kind_of(data)}"


def _by_place(data: Any, error: ValidationError) -> dict[Path_, list[Any]]:
    found: dict[Path_, list[Any]] = {}
    for each in error.errors(include_url=False):
        found.setdefault(_place(data, each), []).append(each)
    return found


def _place(data: Any, error: Any) -> Path_:
    """Where in the data it is: pydantic's own `loc` also names the arms of unions."""
    place: list[str | int] = []
    for each in error["loc"]:
        inside = each in data if isinstance(data, Mapping) else is_list(data) and isinstance(each, int)
        if inside:
            place.append(each)
            data = data[each]
    return (*place, error["loc"][-1]) if error["type"] == "missing" else tuple(place)


def _complain(source: Source, path: Path_, place: Path_, errors: list[Any], where: str, known: tuple[str, ...]) -> None:
    at, subject = (*path, *place), f"{_named(place)} in {where}" if place else where
    if any(each["type"] == "missing" for each in errors):
        source.refuse(at[:-1], f"missing key {subject}")
    elif all(each["type"] == "extra_forbidden" for each in errors):
        source.refuse(at, f"unknown key {subject}", nearest(str(place[-1]), known))
    else:
        told = [each for each in errors if each["type"] != "extra_forbidden"]
        text = source.texts.get(at)
        source.refuse(at, words.reason(subject, told, text), words.hint(told, text))


def _named(place: Path_) -> str:
    """(rule, days) is `rule.days`; the second item of a list is counted as 2."""
    if isinstance(place[-1], int):
        return f"item {place[-1] + 1} of {_named(place[:-1])}"
    return f"`{'.'.join(str(each + 1 if isinstance(each, int) else each) for each in place)}`"


def _keys_at(shape: Any, place: Path_) -> Iterator[str]:
    """The keys of the model (or the models of a union) found when one follows `place` from `shape`."""
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        if not place:
            yield from keys(shape)
        for name, field in shape.model_fields.items():
            if place and place[0] == (field.alias or name):
                yield from _keys_at(field.annotation, place[1:])
    else:
        inner = place[1:] if _holds(shape) else place
        for each in get_args(shape):
            yield from _keys_at(each, inner)


def _holds(shape: Any) -> bool:
    """Whether going into it uses up a key or an index: dict, list, tuple; not a union, not Annotated."""
    return getattr(shape, "__origin__", None) in (dict, list, tuple, set, frozenset)
