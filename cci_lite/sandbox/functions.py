"""Lambda where the emulator is more lenient than AWS: concurrency, on-failure targets, logs. Hooks; knows no server."""

from __future__ import annotations

import json
from typing import Any

from cci_lite.sandbox import ministack
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply

CONCURRENCY = 1000
UNRESERVED = 100
# Service of an on-failure target -> the action AWS asks of the execution role, and how its error calls it.
_SENDS = {"sqs": ("sqs:SendMessage", "SendMessage on SQS"), "sns": ("sns:Publish", "Publish on SNS")}


async def put_concurrency(call: Call, forward: Forward) -> Reply:
    """A reservation must leave 100 of the account's 1,000 executions unreserved."""
    if call.method == "PUT" and call.path.rstrip("/").endswith("/concurrency"):
        wanted: Any = json.loads(call.body or b"{}").get("ReservedConcurrentExecutions", 0)
        name = _function(call)
        others = sum(n for other, n in ministack.reserved_concurrency().items() if other != name)
        if CONCURRENCY - others - int(wanted) < UNRESERVED:
            text = (
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}]."
            )
            raise Refusal("InvalidParameterValueException", text, Type="User")
    return await forward(call)


async def put_event_invoke_config(call: Call, forward: Forward) -> Reply:
    """The execution role must be able to reach the on-failure target (aws-facts §4)."""
    if call.method in ("PUT", "POST") and call.path.rstrip("/").endswith("/event-invoke-config"):
        target = ((call.json().get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination") or ""
        role = ministack.function_role(_function(call))
        action, said = _SENDS.get(target.split(":")[2] if target.count(":") > 2 else "", (None, ""))
        if role is not None and action is not None and not ministack.role_may(role, action, target):
            text = f"The provided execution role does not have permissions to call {said}"
            raise Refusal("InvalidParameterValueException", text, Type="User")
    return await forward(call)


def may_log(role: str, group: str) -> bool:
    """Lambda writes logs with the execution role: without permission there are none, and no group comes back."""
    arn = f"arn:aws:logs:{ministack.region()}:{ministack.account()}:log-group:{group}"
    if not ministack.log_group_exists(group) and not ministack.role_may(role, "logs:CreateLogGroup", f"{arn}:*"):
        return False
    stream = f"{arn}:log-stream:any"
    return all(ministack.role_may(role, f"logs:{action}", stream) for action in ("CreateLogStream", "PutLogEvents"))


def _function(call: Call) -> str:
    return call.path.split("/functions/", 1)[-1].split("/", 1)[0].rsplit(":", 1)[-1]
