"""The emulator's Lambda and EventBridge as the layer uses them. See the package's docstring."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from cci_lite.sandbox.ministack.core import account, region

_evaluator: Any = import_module("ministack.core.iam_evaluator")
_events: Any = import_module("ministack.services.eventbridge")
_functions: Any = import_module("ministack.services.lambda_svc")
_iam: Any = import_module("ministack.services.iam")
_responses: Any = import_module("ministack.core.responses")
_s3: Any = import_module("ministack.services.s3")


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
