"""Names follow from the recording: safe, stable, and never shared by two objects."""

from __future__ import annotations

import re
from datetime import date

import pytest

from cci_lite.payload.processor.naming import (
    call_id,
    failed_key,
    job_name,
    media_format,
    result_key,
    tenant_of,
)


@pytest.mark.parametrize("stem", ["call 1 (2)", "été", "漢字", "...", "-", "a" * 500, "a\nb", "2026.11.24.call", "<b>"])
def test_ids_are_safe_in_keys_and_job_names(stem: str) -> None:
    key = f"demo-tenant/calls/{stem}.wav"
    assert re.fullmatch(r"[0-9A-Za-z._-]{1,80}-[0-9a-f]{12}", call_id(key))
    assert re.fullmatch(r"cci-lite-[0-9a-f]{20}", job_name("bucket", key, "etag"))


def test_objects_that_share_a_file_name_have_calls_of_their_own() -> None:
    keys = ["x/calls/a.wav", "x/calls/a.mp3", "y/calls/a.wav", "x/calls/b/a.wav", "x/calls/a .wav"]
    assert len({call_id(each) for each in keys}) == len(keys)


def test_a_job_belongs_to_one_version_of_one_object() -> None:
    base = job_name("b", "k", "e")
    assert base == job_name("b", "k", '"e"')
    assert len({base, job_name("b", "k", "f"), job_name("b", "l", "e"), job_name("c", "k", "e")}) == 4
    assert job_name("b", "ke", "") != job_name("b", "k", "e")


@pytest.mark.parametrize(
    ("key", "tenant"),
    [
        ("demo-tenant/calls/a.wav", "demo-tenant"),
        ("demo-tenant/calls/b/a.wav", "demo-tenant"),
        ("demo-tenant/calls/", None),
        ("demo-tenant/other/a.wav", None),
        ("a.wav", None),
        ("/calls/a.wav", None),
        ("../calls/a.wav", None),
        ("tmp/calls/a.wav", None),
        ("athena-results/calls/a.wav", None),
        ("Demo/calls/a.wav", None),
        ("-x/calls/a.wav", None),
        ("demo\n/calls/a.wav", None),
        ("x" * 42 + "/calls/a.wav", None),
    ],
)
def test_only_a_key_in_a_tenants_folder_has_a_tenant(key: str, tenant: str | None) -> None:
    assert tenant_of(key) == tenant


def test_results_lie_by_day_and_failures_apart() -> None:
    assert result_key("demo-tenant", date(2026, 1, 2), "a-1") == "demo-tenant/2026/01/02/a-1.json"
    assert failed_key("demo-tenant", "a-1") == "demo-tenant/_failed/a-1.json"
    assert failed_key(None, "a-1") == "_failed/a-1.json"


@pytest.mark.parametrize(("key", "known"), [("a.WAV", "wav"), ("a.m4a", "m4a"), ("a.txt", None), ("wav", None)])
def test_the_format_is_told_by_the_suffix(key: str, known: str | None) -> None:
    assert media_format(key) == known
