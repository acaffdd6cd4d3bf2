"""The emulator's Lambda, EventBridge, CloudWatch and SNS as the layer uses them. See the package's docstring."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from cci_lite.sandbox.calls import Call
from cci_lite.sandbox.ministack.core import account, form, region

_cloudwatch: Any = import_module("ministack.services.cloudwatch")
_evaluator: Any = import_module("ministack.core.iam_evaluator")
_events: Any = import_module("ministack.services.eventbridge")
_functions: Any = import_module("ministack.services.lambda_svc")
_iam: Any = import_module("ministack.services.iam")
_responses: Any = import_module("ministack.core.responses")
_s3: Any = import_module("ministack.services.s3")
_sns: Any = import_module("ministack.services.sns")


def put_event(source: str, detail_type: str, detail: dict[str, str]) -> None:
    """An event of an AWS service on the default bus; the emulator's rules deliver it."""
    _events._dispatch_event(
        {
            "EventId": _responses.new_uuid(),
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "EventBusName": "default",
            "Time": _responses.now_iso(),
            "Resources": [],
            "Account": account(),
            "Region": region(),
        }
    )


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to. `throttled` means it was not run."""

    failed: bool
    throttled: bool
    result: dict[str, Any]


@dataclass(frozen=True)
class AsyncSettings:
    """A function's event-invoke configuration with AWS's defaults."""

    retries: int
    on_failure: str | None
    max_age_s: int


def function_exists(arn: str) -> bool:
    record, config, _ = _functions._get_func_record_for_ref(arn)
    return bool(record and config)


_ACTIONS = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish", "sqs": "sqs:SendMessage"}


def service_may(arn: str, service: str, source_arn: str, **more: str) -> bool:
    """Whether the function's, topic's or queue's own policy lets an AWS service use it for this source.

    `more` are further condition keys, with underscores for colons (aws_sourceowner). EventBridge does not tell a
    function whose account the rule is of (docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html).
    """
    kind = arn.split(":")[2]
    found = _evaluator._resource_policy(kind, arn)
    if found is None:
        return False
    silent = (kind, service) == ("lambda", "events.amazonaws.com")
    keys = {"aws:sourcearn": source_arn, **({} if silent else {"aws:sourceaccount": account()})}
    context = _evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=_ACTIONS[kind],
        resource_arn=arn,
        region=region(),
        service_context={**keys, **{key.replace("_", ":", 1): value for key, value in more.items()}},
    )
    return bool(_evaluator.evaluate_resource_policy(found[0], context, service=service).decision == "Allow")


def async_settings(arn: str) -> AsyncSettings | None:
    """None when there is no such function any more."""
    record, config, _ = _functions._get_func_record_for_ref(arn)
    if not record or not config:
        return None
    stored = record.get("event_invoke_config") or (record.get("event_invoke_configs") or {}).get("$LATEST") or {}
    retries, age = stored.get("MaximumRetryAttempts"), stored.get("MaximumEventAgeInSeconds")
    target = ((stored.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    target = target or (config.get("DeadLetterConfig") or {}).get("TargetArn")
    return AsyncSettings(2 if retries is None else int(retries), target or None, int(age or 21600))


def execute(arn: str, event: Any) -> Outcome:
    """Runs the function once, in this thread, and counts it in CloudWatch as AWS does."""
    record, config, name = _functions._get_func_record_for_ref(arn)
    started = time.monotonic()
    result = _functions._execute_function(_functions._execution_record_for_config(record, config), event)
    outcome = Outcome(bool(result.get("error")), bool(result.get("throttle")), result)
    if not outcome.throttled:
        duration_ms = (time.monotonic() - started) * 1000
        _functions._emit_lambda_metrics(name, duration_ms=duration_ms, error=outcome.failed, throttle=False)
    return outcome


def route_failure(arn: str, target: str, event: Any, result: dict[str, Any]) -> None:
    """Sends the failed event and its error to the on-failure destination."""
    _functions._route_async_failure(target, arn.rsplit(":", 1)[-1], event, result)


def reserved_concurrency() -> dict[str, int]:
    """Function name -> its reservation, for the functions that have one."""
    stored = {name: function.get("concurrency") for name, function in _functions._functions.items()}
    return {name: int(count) for name, count in stored.items() if count is not None}


def function_role(name: str) -> str | None:
    """The ARN of the function's execution role."""
    function = _functions._functions.get(name)
    return None if function is None else str(function["config"]["Role"])


def role_may(role_arn: str, action: str, resource: str) -> bool:
    """Whether the role's own policies allow the action, as they stand now."""
    name = role_arn.rsplit("/", 1)[-1]
    context = _evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account()}:assumed-role/{name}/lambda",
        principal_type="AssumedRole",
        principal_account=account(),
        action=action,
        resource_arn=resource,
        region=region(),
    )
    policies = _evaluator._gather_role_policies(name, account())
    return bool(_evaluator.evaluate(context, policies).decision == "Allow")


def trusts_lambda(role_arn: str) -> bool:
    """Whether the role's trust policy lets Lambda assume it for a function of this account."""
    role = _iam._roles.get(role_arn.rsplit("/", 1)[-1])
    context = _evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=region(),
        service_context={"aws:sourceaccount": account()},
    )
    trust = (role or {}).get("AssumeRolePolicyDocument")
    decided = _evaluator.evaluate_resource_policy(trust, context, service="lambda.amazonaws.com")
    return bool(decided.decision == "Allow")


def log_group_exists(name: str) -> bool:
    return name in import_module("ministack.services.cloudwatch_logs")._log_groups


def guard_function_logs(allowed: Callable[[str, str], bool]) -> None:
    """A function's output reaches its log group only when `allowed(role ARN, group)`."""
    original = _functions._emit_lambda_logs

    def emit(function: dict[str, Any], *values: Any, **named: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        if allowed(config["Role"], group):
            original(function, *values, **named)

    _functions._emit_lambda_logs = emit


def log_start_failures() -> None:
    """A function whose code cannot be imported says so in its log; the emulator tells only the caller."""
    original = _functions._execute_function_warm

    def execute(*values: Any, **named: Any) -> Any:
        result = original(*values, **named)
        if result.get("error") and not result.get("log"):
            body = result.get("body") or {}
            result["log"] = f"[ERROR] {body.get('errorType')}: {body.get('errorMessage')}"
        return result

    _functions._execute_function_warm = execute


def replace_async_invocation(start: Callable[[str, Any], None]) -> None:
    """Every asynchronous invocation (S3, EventBridge, Invoke with Event) goes to `start(function ARN, event)`.

    S3 notifications are sent within the call that caused them, so that an acknowledged write has its event on disk.
    """

    def invoke(function: dict[str, Any], event: Any) -> None:
        start((function.get("config") or function)["FunctionArn"], event)

    def rule(arn: str, payload: str) -> None:
        start(arn, json.loads(payload))

    def fire(bucket: str, key: str, name: str, size: int = 0, etag: str = "", **more: Any) -> None:
        if bucket in _s3._bucket_notifications:
            deletion, sequencer = more.pop("deletion_type", None), _s3._next_event_sequencer(name)
            _s3._fire_s3_event(bucket, key, name, size, etag, deletion, sequencer=sequencer, **more)

    _functions.invoke_async_with_retry = invoke
    _events._dispatch_to_lambda = rule
    _s3._fire_s3_event_async = fire


def guard_rule_targets(allowed: Callable[[str, str], bool]) -> None:
    """A rule's target is called only when `allowed(target ARN, rule ARN)`."""
    original = _events._invoke_target

    def invoke(target: dict[str, Any], event: Any, rule: dict[str, Any], view: Any = None) -> None:
        if allowed(target.get("Arn", ""), rule.get("Arn", "")):
            original(target, event, rule, view)

    _events._invoke_target = invoke


def guard_bucket_functions(allowed: Callable[[str, str], bool]) -> None:
    """A bucket's event reaches a function only when `allowed(function ARN, bucket ARN)`; queues, topics are guarded."""
    original = _s3._deliver_event_to_lambda

    def deliver(arn: str, event: dict[str, Any], bucket_region: str) -> None:
        if allowed(arn, event["Records"][0]["s3"]["bucket"]["arn"]):
            original(arn, event, bucket_region)

    _s3._deliver_event_to_lambda = deliver


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
