"""What is saved when, and how much: the emulator itself is not needed for the first half."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from cci_lite.sandbox.gateway import Gateway
from cci_lite.sandbox.saving import Saving
from tests.sandbox.conftest import Account

CLOUDWATCH = "/service/GraniteServiceVersion20100801/operation/"


def test_what_many_ask_for_at_once_is_saved_once_and_then_they_go_on() -> None:
    told: list[str] = []

    async def work() -> None:
        saving = Saving(lambda: told.append("saved"), asyncio.get_running_loop())

        def finish(name: str) -> None:
            saving.soon(lambda: told.append(name))
            saving.soon()

        others = [threading.Thread(target=finish, args=(name,)) for name in ("a", "b")]
        for each in others:
            each.start()
        for each in others:
            each.join()  # the loop is at nothing else meanwhile
        finish("c")
        assert told == []
        await asyncio.sleep(0)
        assert (told[0], sorted(told[1:])) == ("saved", ["a", "b", "c"])
        finish("d")
        await asyncio.sleep(0)

    asyncio.run(work())
    assert told[4:] == ["saved", "d"]


def test_a_save_in_between_is_enough() -> None:
    saved: list[int] = []

    async def work() -> None:
        saving = Saving(lambda: saved.append(1), asyncio.get_running_loop())
        saving.soon(lambda: saved.append(2))
        saving.now()
        await asyncio.sleep(0)

    asyncio.run(work())
    assert saved == [1, 2]


@pytest.mark.parametrize(
    ("call", "saves"),
    [
        ({"method": "GET"}, False),
        ({"method": "PUT"}, True),
        ({"target": "TrentService.DescribeKey"}, False),
        ({"target": "TrentService.CreateKey"}, True),
        ({"body": b"Action=GetRole&RoleName=CreateRole"}, False),
        ({"body": b"Action=CreateRole&RoleName=GetRole"}, True),
        ({"body": b"Action=GetSessionToken&Version=2011-06-15"}, True),
        ({"path": f"{CLOUDWATCH}DescribeAlarms", "protocol": "rpc-v2-cbor"}, False),
        ({"path": f"{CLOUDWATCH}PutMetricAlarm", "protocol": "rpc-v2-cbor"}, True),
        ({"path": "/service/ListOfParts.wav"}, True),  # an upload in parts is completed by a POST
    ],
)
def test_it_is_saved_before_the_answer_to_whatever_may_write(call: dict[str, Any], saves: bool) -> None:
    told: list[str] = []
    named = {b"x-amz-target": call.get("target"), b"smithy-protocol": call.get("protocol")}
    scope = {
        "method": call.get("method", "POST"),
        "path": call.get("path", "/"),
        "headers": [(name, value.encode()) for name, value in named.items() if value],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": call.get("body", b"")}

    async def send(message: Any) -> None:
        told.append("answered")

    async def served() -> None:
        heard, answer = Gateway(lambda: told.append("saved"))._saving(scope, receive, send)
        await heard()
        await answer({"type": "http.response.start"})

    asyncio.run(served())
    assert told == (["saved", "answered"] if saves else ["answered"])


def test_metrics_are_kept_by_the_minute_and_their_statistics_stay_right(aws: Account, name: str) -> None:
    cloudwatch, now = aws.client("cloudwatch"), time.time() // 60 * 60 - 60
    values = {"MetricName": name, "Values": [1.0, 2.0, 3.0], "Counts": [50, 49, 1], "Timestamp": now}
    for _ in range(3):
        cloudwatch.put_metric_data(Namespace="Test", MetricData=[values, {**values, "MetricName": f"{name}-other"}])
    found = cloudwatch.get_metric_statistics(
        Namespace="Test",
        MetricName=name,
        StartTime=now - 60,
        EndTime=now + 60,
        Period=60,
        Statistics=["Sum", "SampleCount", "Maximum"],
    )["Datapoints"]
    assert [(each["Sum"], each["SampleCount"], each["Maximum"]) for each in found] == [(453.0, 300.0, 3.0)]
    state = json.loads((aws.sandbox.state / "services/cloudwatch.json").read_text())["payload"]["metrics"]["data"]
    assert [len(points) for series, points in state.items() if f"'{name}'" in series] == [3]


def test_a_function_keeps_its_newest_log_streams_and_others_keep_theirs(aws: Account, name: str) -> None:
    logs, group = aws.client("logs"), f"/aws/lambda/{name}"
    logs.create_log_group(logGroupName=group)
    for number in range(103):
        logs.create_log_stream(logGroupName=group, logStreamName=f"2026/01/01/[$LATEST]{number:032}")
    for stream in ("mine", "theirs"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    pages: Any = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
    found = [each["logStreamName"] for page in pages for each in page["logStreams"]]
    assert len(found) == 102 and {"mine", "theirs"} < set(found)
    assert f"2026/01/01/[$LATEST]{2:032}" not in found and f"2026/01/01/[$LATEST]{3:032}" in found
