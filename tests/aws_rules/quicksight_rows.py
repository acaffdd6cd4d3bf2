"""QuickSight's ingestions: each takes a while, and then holds a row for every result that Athena would show."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.aws_rules.athena import _rows

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_NEXT = {"INITIALIZED": "RUNNING", "RUNNING": "COMPLETED"}


def ingest(rules: Rules, data_set: str, request: str, id_: str = "") -> dict[str, Any]:
    """Begin one, for a data set that is copied into SPICE; what the answer says of it."""
    found = thing(rules, data_set)
    if found["ImportMode"] != "SPICE":
        return {}
    running = rules.quicksight.ingestions.setdefault(data_set, [])
    id_ = id_ or f"aws-{len(running)}"
    moment = rules.clock.utc() + timedelta(milliseconds=len(running))
    arn = f"{found['Arn']}/ingestion/{id_}"
    told: dict[str, Any] = {"Arn": arn, "IngestionId": id_, "IngestionStatus": "INITIALIZED", "CreatedTime": moment}
    told["RowInfo"] = _counted(rules, data_set)
    source = "MANUAL" if request == "FULL_REFRESH" else "SCHEDULED"
    running.append({**told, "RequestType": request, "RequestSource": source})
    return {"IngestionArn": arn, "IngestionId": id_} if request != "FULL_REFRESH" else {"Arn": arn, "IngestionId": id_}


def ingestions_move(rules: Rules, data_set: str) -> None:
    """A step further after so many looks as anything else in QuickSight takes."""
    for each in rules.quicksight.ingestions.get(data_set, []):
        state, left = each["IngestionStatus"], each.pop("left", rules.quicksight.looks) - 1
        each["IngestionStatus"] = state if left > 0 else _NEXT.get(state, state)
        each.update({"left": left} if left > 0 else {})


def listed(rules: Rules, data_set: str) -> list[dict[str, Any]]:
    """Newest first, as AWS has them."""
    return [
        {name: value for name, value in each.items() if name != "left"}
        for each in reversed(rules.quicksight.ingestions.get(data_set, []))
    ]


def thing(rules: Rules, data_set: str) -> dict[str, Any]:
    return rules.quicksight.things[f"arn:aws:quicksight:{rules.region}:{rules.account}:dataset/{data_set}"]


def _counted(rules: Rules, data_set: str) -> dict[str, int]:
    (table,) = thing(rules, data_set)["PhysicalTableMap"].values()
    where = table["RelationalTable"]
    count = sum(1 for _ in _rows(rules, where["Schema"], where["Name"]))
    dropped = min(count, rules.quicksight.dropped)
    return {"RowsIngested": count - dropped, "RowsDropped": dropped}
