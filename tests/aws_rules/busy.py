"""Lambda while it is still busy: Pending after a create, InProgress after an update. Source: aws-facts 4, 13, 18."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_UPDATES = ("UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishVersion")


def function_is_busy(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """Every look at the function, and every refusal, brings it one step nearer to ready."""
    if service != "lambda" or operation not in (*_UPDATES, "Invoke"):
        return None
    state = _step(rules, _name(params))
    if state == "" or (operation == "Invoke" and state == "InProgress"):
        return None
    if state == "Pending":
        text = "The operation cannot be performed at this time. The function is currently in the following state: "
        return refusal("ResourceConflictException", text + "Pending", 409)
    arn = f"arn:aws:lambda:{rules.region}:{rules.account}:function:{_name(params)}"
    text = f"The operation cannot be performed at this time. An update is in progress for resource: {arn}"
    return refusal("ResourceConflictException", text, 409)


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """The states as GetFunction shows them."""
    if service != "lambda":
        return
    if operation == "DeleteFunction":
        rules.busy.pop(_name(params), None)
    if operation in ("CreateFunction", *_UPDATES[:2]) and rules.pending_reads:
        rules.busy[_name(params)] = ("Pending" if operation == "CreateFunction" else "InProgress", rules.pending_reads)
        _mark(parsed, rules.busy[_name(params)][0])
    if operation in ("GetFunction", "GetFunctionConfiguration"):
        _mark(parsed.get("Configuration", parsed), _step(rules, _name(params)))


def concurrency_has_a_floor(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """An account keeps some concurrency for all its other functions; moto knows neither limit nor settings."""
    limit = rules.concurrency
    if (service, operation) == ("lambda", "GetAccountSettings"):
        left = limit - sum(rules.reserved.values())
        return answer(AccountLimit={"ConcurrentExecutions": limit, "UnreservedConcurrentExecutions": left})
    if (service, operation) != ("lambda", "PutFunctionConcurrency"):
        return None
    floor = 100 if limit > 100 else 10
    others = sum(wish for name, wish in rules.reserved.items() if name != _name(params))
    wish = int(params["ReservedConcurrentExecutions"])
    if limit - others - wish < floor:
        text = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
        return refusal("InvalidParameterValueException", f"{text} below its minimum value of [{floor}].")
    rules.reserved[_name(params)] = wish
    return None


def _step(rules: Rules, name: str) -> str:
    with rules.lock:
        state, left = rules.busy.get(name, ("", 0))
        if left <= 0:
            return ""
        rules.busy[name] = (state, left - 1)
        return state


def _mark(configuration: dict[str, Any], state: str) -> None:
    configuration["State"] = "Pending" if state == "Pending" else "Active"
    configuration["LastUpdateStatus"] = "InProgress" if state == "InProgress" else "Successful"


def _name(params: Mapping[str, Any]) -> str:
    return str(params["FunctionName"]).rsplit("function:", 1)[-1].split(":")[0]
