"""Unredacted text: how long each tenant's is kept, and what the function may do with it."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.aws.policy.evaluate import Request, decide
from cci_lite.engine.model import Known
from cci_lite.steps.kind import Tenant
from tests.world import World

RESULTS = "cci-lite-results-123456789012-eu-central-1-an"


def tenant(**settings: Any) -> Tenant:
    return Tenant(retention_days_input=1, retention_days_results=30, **settings)


def raw_rules(world: World) -> dict[str, int]:
    """prefix -> days of the rules about unredacted text."""
    found = world.graph["results-lifecycle"].desired(Known()).rules.values()
    return {each.prefix: each.days for each in found if each.prefix.startswith("_raw/")}


def test_without_a_tenant_that_wants_it_nothing_stays_longer_than_a_day(empty: World) -> None:
    assert raw_rules(empty) == {"_raw/": 1}


def test_each_tenant_has_its_own_days_and_the_others_one(empty: World) -> None:
    world = empty.with_runbook(tenants={"acme": tenant(raw_text_days=7), "other": tenant()})
    assert raw_rules(world) == {"_raw/acme/": 7, "_raw/other/": 1}


def test_recordings_have_no_such_rules(empty: World) -> None:
    found = empty.graph["input-lifecycle"].desired(Known()).rules.values()
    assert not [each for each in found if each.prefix.startswith("_raw/")]


def test_it_may_not_outlive_the_results() -> None:
    with pytest.raises(ValueError, match="may not be kept longer than the tenant's results"):
        tenant(raw_text_days=31)


@pytest.mark.parametrize(
    ("action", "wanted", "key", "allowed"),
    [
        ("s3:PutObject", False, "_raw/acme/2026/11/24/c.json", False),
        ("s3:PutObject", True, "_raw/acme/2026/11/24/c.json", True),
        ("s3:GetObject", True, "_raw/acme/2026/11/24/c.json", False),
        ("s3:GetObject", True, "acme/2026/11/24/c.json", True),
    ],
)
def test_the_function_writes_it_where_it_is_wanted_and_never_reads_it(
    empty: World, action: str, wanted: bool, key: str, allowed: bool
) -> None:
    world = empty.with_runbook(tenants={"acme": tenant(raw_text_days=7 if wanted else None)})
    known = Known({"master-key": {"arn": "k"}, "summary-model": {"arn": "a", "models": "[]"}})
    document = world.graph["processor-policy"].desired(known).document
    role = "arn:aws:iam::123456789012:role/cci-lite-lambda-role"
    asked = Request(role, "123456789012", action, f"arn:aws:s3:::{RESULTS}/{key}", {})
    assert decide(asked, identity=[document]).allowed is allowed


def test_the_samples_own_raw_text_goes_with_the_sample(empty: World) -> None:
    world = empty.with_runbook(tenants={"acme": tenant(raw_text_days=7)})
    assert [each for each in world.provision().values() if each.result == "failed"] == []
    s3 = world.rules.look("s3")
    for name in ("cci-lite-sample-0123456789ab.json", "cci-lite-sample-1.json"):
        s3.put_object(Bucket=RESULTS, Key=f"_raw/acme/2026/11/24/{name}", Body=b"{}")
    world.teardown("sample-call")
    left = s3.list_objects_v2(Bucket=RESULTS, Prefix="_raw/")["Contents"]
    assert [each["Key"] for each in left] == ["_raw/acme/2026/11/24/cci-lite-sample-1.json"]
