"""Our validator and the jsonschema package agree, on valid results and on results that were spoilt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cci_lite.payload.processor import schema
from cci_lite.payload.processor.result_schema import RESULT_SCHEMA

from .world import CALL, SILENCE, World

PUBLISHED = Path(__file__).parents[2] / "docs" / "result-schema.json"
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.0,
    1.5,
    101,
    10**400,
    float("inf"),
    "",
    "POSITIVE",
    "x" * 2_001,
    [],
    {},
)
THEIRS = jsonschema.Draft202012Validator(RESULT_SCHEMA)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of a list the first: the others are under the same rules."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))


def spoilt(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with one value changed, missing or added; put right again before the next."""
    for path in list(places(document))[1:]:
        holder, name = _at(document, path[:-1]), path[-1]
        value = holder[name]
        for odd in ODD:
            holder[name] = odd
            yield document
        holder[name] = value
        if isinstance(value, dict):
            value["surprise"] = 1
            yield document
            del value["surprise"]
        del holder[name]
        yield document
        if isinstance(holder, list):
            holder.insert(name, value)
        else:
            holder[name] = value


def shortened(document: dict[str, Any]) -> dict[str, Any]:
    """Of its own lists the first member: to look at the others again and again tells nothing."""
    return {name: value[:1] if isinstance(value, list) else value for name, value in document.items()}


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def test_the_published_schema_is_the_one_results_are_checked_against() -> None:
    assert json.loads(PUBLISHED.read_text()) == json.loads(json.dumps(RESULT_SCHEMA))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(RESULT_SCHEMA)


@pytest.mark.parametrize("document", [CALL, SILENCE])
def test_both_accept_a_result(world: World, document: dict[str, Any]) -> None:
    result = world.call(document)
    assert schema.errors(RESULT_SCHEMA, result) == []
    assert list(THEIRS.iter_errors(result)) == []


def test_both_judge_spoilt_results_alike(world: World) -> None:
    refused, document = 0, shortened(world.call(CALL))
    assert THEIRS.is_valid(document)
    for changed in spoilt(document):
        wrong = schema.errors(RESULT_SCHEMA, changed)
        assert bool(wrong) is not THEIRS.is_valid(changed), wrong
        refused += bool(wrong)
    assert refused > 1_000


def test_a_keyword_it_does_not_know_is_an_error_of_the_schema() -> None:
    with pytest.raises(ValueError, match="multipleOf"):
        schema.errors({"multipleOf": 2}, 4)


def test_an_error_names_the_place(world: World) -> None:
    result = world.call(CALL)
    result["turns"][1]["start_s"] = -1
    assert schema.errors(RESULT_SCHEMA, result) == ["$.turns[1].start_s: must be at least 0"]
