"""Which days of a projected partition exist: between two days, or counted from the current one in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cci_lite.sandbox import tables
from cci_lite.sandbox.engines.sql import SqlError
from tests.sandbox.test_athena import table

TODAY = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)


def projected(days: str) -> dict[str, Any]:
    made = table("results", "acme")
    return {**made, "Parameters": {**made["Parameters"], "projection.dt.range": days}}


def seen(days: str, *ages: int) -> list[int]:
    """Of results so many days old, those that are rows."""
    keys = {f"acme/{TODAY - timedelta(days=age):%Y/%m/%d}/a.json": age for age in ages}
    return [keys[each.key] for each in tables.members(projected(days), keys, TODAY)]


@pytest.mark.parametrize(
    ("days", "ages"),
    [
        ("NOW-32DAYS,NOW", [32, 1, 0]),
        ("NOW-1DAY,NOW", [1, 0]),
        (" NOW - 1 WEEKS ,NOW+1DAY", [1, 0, -1]),
        ("2026/01/01,NOW-2DAYS", [33, 32]),
        ("2026/11/29,NOW", [0]),
    ],
)
def test_days_can_be_counted_from_the_current_one(days: str, ages: list[int]) -> None:
    assert seen(days, 33, 32, 1, 0, -1) == ages


@pytest.mark.parametrize("days", ["NOW-3YEARS,NOW", "yesterday,NOW"])
def test_what_the_sandbox_cannot_count_it_refuses(days: str) -> None:
    with pytest.raises(SqlError, match="INVALID_TABLE_PROPERTY: the sandbox counts from NOW in weeks and days, not "):
        seen(days, 1)
