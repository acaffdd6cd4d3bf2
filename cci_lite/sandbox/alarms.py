"""Metric alarms as CloudWatch evaluates them: the alarm's own dimensions, and missing data by its setting."""

from __future__ import annotations

import operator
import time
from typing import Any

from cci_lite.sandbox import ministack

EVERY_S = 2.0
_COMPARE = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
# TreatMissingData -> the state without data; "ignore" keeps the state.
_WITHOUT_DATA = {"notBreaching": "OK", "breaching": "ALARM", "missing": "INSUFFICIENT_DATA"}


def evaluate_all() -> bool:
    """Evaluates every alarm of the account acted for; whether one changed."""
    # Every alarm is evaluated, also after one that changed.
    changed = [evaluate(alarm) for alarm in ministack.alarms()]
    return any(changed)


def evaluate(alarm: dict[str, Any], clock: float | None = None) -> bool:
    """Moves the alarm to the state its metric calls for; whether that was a change.

    One window of Period x EvaluationPeriods stands for AWS's M out of N. A state set by hand with SetAlarmState holds
    until the next evaluation, as on AWS.
    """
    compare = _COMPARE.get(alarm.get("ComparisonOperator", ""))
    if compare is None or not alarm.get("MetricName"):
        return False
    window = int(alarm.get("Period") or 60) * int(alarm.get("EvaluationPeriods") or 1)
    dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions") or []}
    since = (time.time() if clock is None else clock) - window
    points = ministack.points(alarm["Namespace"], alarm["MetricName"], dimensions, since)
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    value = ministack.statistic(points, name) if points else None
    if value is None:
        state = _WITHOUT_DATA.get(alarm.get("TreatMissingData") or "missing", alarm["StateValue"])
        reason = f"no data: {alarm.get('TreatMissingData') or 'missing'}"
    else:
        state = "ALARM" if compare(value, alarm["Threshold"]) else "OK"
        reason = f"Threshold Crossed: {name} {value} against {alarm['Threshold']} ({alarm['ComparisonOperator']})"
    if state == alarm["StateValue"]:
        return False
    ministack.change_alarm(alarm, state, reason)
    return True


def may_act(target: str, alarm_arn: str) -> bool:
    """A topic must admit CloudWatch; the policy a topic is born with does, for alarms of its own account."""
    if not target.startswith("arn:aws:sns:"):
        return True
    return ministack.service_may(target, "cloudwatch.amazonaws.com", alarm_arn, aws_sourceowner=ministack.account())
