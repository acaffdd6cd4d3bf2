"""The emulator's CloudWatch alarms and the SNS mail they send, as the layer uses them. See the package's docstring."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from cci_lite.sandbox.calls import Call
from cci_lite.sandbox.ministack.core import form

_cloudwatch: Any = import_module("ministack.services.cloudwatch")
_sns: Any = import_module("ministack.services.sns")


def alarms() -> list[dict[str, Any]]:
    """The metric alarms of the account and region acted for."""
    return list(_cloudwatch._alarms.values())


def points(namespace: str, metric: str, dimensions: dict[str, str], since: float) -> list[dict[str, Any]]:
    """The values of exactly this metric from `since` (epoch seconds) on."""
    stored = _cloudwatch._metrics.get((namespace, metric, _cloudwatch._dims_key(dimensions))) or []
    return [point for point in stored if point["Timestamp"] >= since]


def statistic(values: list[dict[str, Any]], name: str) -> float | None:
    """Sum, Average, p95, ... over points."""
    value: float | None = _cloudwatch._stat_value(_cloudwatch._calc_stats(values), name, values)
    return value


def change_alarm(alarm: dict[str, Any], state: str, reason: str) -> None:
    """Moves an alarm to a state, with its history and its actions."""
    before = alarm["StateValue"]
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    _cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    _cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)


def replace_alarm_evaluation(evaluate: Callable[[dict[str, Any]], bool]) -> None:
    """Every evaluation of a metric alarm, also the one after PutMetricData, goes to `evaluate`."""
    _cloudwatch._evaluate_alarm = evaluate


def guard_alarm_actions(allowed: Callable[[str, str], bool]) -> None:
    """An alarm's action runs only when `allowed(target ARN, alarm ARN)`; its history tells either way."""
    original = _cloudwatch._dispatch_alarm_actions
    fields = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}

    def dispatch(alarm: dict[str, Any], before: str, state: str, reason: str) -> None:
        wanted = alarm.get(fields[state]) or [] if alarm.get("ActionsEnabled", True) else []
        done = {arn: allowed(arn, alarm["AlarmArn"]) for arn in wanted}
        original({**alarm, fields[state]: [arn for arn in wanted if done[arn]]}, before, state, reason)
        _cloudwatch._history_entries().extend(_action_entry(alarm["AlarmName"], arn, done[arn]) for arn in wanted)

    _cloudwatch._dispatch_alarm_actions = dispatch


def _action_entry(alarm: str, arn: str, done: bool) -> dict[str, str]:
    outcome = {"actionState": "Succeeded" if done else "Failed", "notificationResource": arn}
    return {
        "AlarmName": alarm,
        "AlarmType": "MetricAlarm",
        "Timestamp": _cloudwatch._ts_iso(time.time()),
        "HistoryItemType": "Action",
        "HistorySummary": f"{'Successfully executed' if done else 'Failed to execute'} action {arn}",
        "HistoryData": json.dumps(outcome),
    }


def subscription(topic_arn: str, protocol: str, endpoint: str) -> dict[str, Any] | None:
    """The emulator's record of a subscription, to be changed in place."""
    topic = _sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
    wanted = (protocol, endpoint)
    return next((s for s in topic["subscriptions"] if (s["protocol"], s["endpoint"]) == wanted), None)


def pending_subscriptions() -> list[str]:
    """The ARNs of the subscriptions nobody has confirmed yet."""
    return [s["arn"] for topic in _sns._topics.values() for s in topic["subscriptions"] if not s.get("confirmed")]


def cloudwatch_request(call: Call) -> dict[str, Any]:
    """The top-level members of a CloudWatch call, JSON or Query."""
    return call.json() or dict(form(call))


def on_publish(deliver: Callable[[dict[str, Any], str, str], None]) -> None:
    """Calls `deliver(subscription, subject, message)` for each confirmed subscription of a published message."""
    original = _sns._fanout

    def fanout(topic_arn: str, message_id: str, message: str, subject: str, *more: Any, **named: Any) -> None:
        original(topic_arn, message_id, message, subject, *more, **named)
        topic = _sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
        for found in topic["subscriptions"]:
            if found.get("confirmed"):
                deliver(found, subject, message)

    _sns._fanout = fanout
