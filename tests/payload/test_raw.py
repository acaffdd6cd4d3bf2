"""Unredacted text rests only where the tenant asked for it, under its own prefix, encrypted like everything else."""

from __future__ import annotations

from typing import Any

import pytest

from . import fakes
from .test_start import started
from .world import CALL, OUTPUT, World, spoken

NUMBER = "020 7946 0018"


def rests(world: World) -> set[str]:
    """First parts of the keys of what holds the number: the tenant's folder, tmp or _raw."""
    found = {key for (bucket, key), each in world.s3.objects.items() if bucket == OUTPUT and holds(each.body.decode())}
    return {each.split("/")[0] for each in found}


def holds(text: str) -> bool:
    return "7946" in text


def test_without_the_wish_no_raw_text_rests_but_in_tmp(world: World) -> None:
    world.call(CALL)
    assert world.raw() == {}
    assert rests(world) == {"tmp"}


def test_where_transcribe_redacts_not_even_tmp_has_it(world: World) -> None:
    world.tenant(language="en-US")
    assert world.call(CALL)["redacted"] == "transcribe"
    assert started(world)["ContentRedaction"] == {"RedactionType": "PII", "RedactionOutput": "redacted"}
    assert rests(world) == set()


def test_redacted_by_comprehend_the_raw_text_lies_under_its_own_prefix(world: World) -> None:
    world.tenant(raw_text_days=7)
    result = world.call(CALL)
    ((key, raw),) = world.raw().items()
    assert key == f"_raw/demo-tenant/2026/11/24/{result['call_id']}.json"
    assert raw["turns"][1]["text"] == "my invoice is terrible call me on 020 7946 0018"
    assert {name: raw[name] for name in ("schema_version", "tenant_id", "call_id", "job_name")} == {
        "schema_version": "cci-lite-raw-v1",
        "tenant_id": "demo-tenant",
        "call_id": result["call_id"],
        "job_name": world.job(),
    }
    assert not holds(str(result)) and rests(world) == {"tmp", "_raw"}
    stored = world.s3.objects[OUTPUT, key]
    assert (stored.encryption, stored.key_id) == ("aws:kms", fakes.KEY_ARN)


def test_redacted_by_transcribe_both_texts_are_asked_for(world: World) -> None:
    world.tenant(language="en-US", raw_text_days=7)
    result = world.call(CALL)
    assert started(world)["ContentRedaction"]["RedactionOutput"] == "redacted_and_unredacted"
    (raw,) = world.raw().values()
    assert holds(str(raw)) and not holds(str(result)) and result["redacted"] == "transcribe"


def test_a_wish_that_came_after_the_job_began_is_said_to_be_unfulfilled(world: World) -> None:
    world.tenant(language="en-US")
    world.handle(world.upload())
    world.transcribe.complete(world.job(), CALL)
    world.tenant(language="en-US", raw_text_days=7)
    world.ended(world.job())
    assert world.raw() == {}
    (result,) = world.results()
    told = {"field": "raw_text", "reason": "the job was started before the tenant asked for it"}
    assert told in result["absent"]


def test_the_raw_text_is_there_before_the_result_so_that_an_end_that_dies_between_is_repeated(world: World) -> None:
    world.tenant(raw_text_days=7)
    world.call(CALL)
    assert [each.split("/")[0] for each in world.s3.writes] == ["_raw", "demo-tenant"]


@pytest.mark.parametrize("document", [spoken((0, 0.0, "hello")), {"results": {"items": []}}])
def test_raw_text_is_never_read(world: World, document: dict[str, Any]) -> None:
    world.tenant(raw_text_days=7)
    world.call(document)
    world.ended(world.job())
    assert not [each for each in world.aws.of("GetObject") if each["Key"].startswith("_raw/")]
