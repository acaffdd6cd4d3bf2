"""Values that AWS refuses and moto takes. Source: aws-facts 9, 10; the service models' own texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_RETENTION = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}


def retention_is_one_of_a_list(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    if (service, operation) != ("logs", "PutRetentionPolicy") or params["retentionInDays"] in _RETENTION:
        return None
    text = f"1 validation error detected: Value '{params['retentionInDays']}' at 'retentionInDays' failed to satisfy"
    return refusal("InvalidParameterException", f"{text} constraint: Member must satisfy enum value set")


def standard_parameters_hold_4_kb(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    if (service, operation) != ("ssm", "PutParameter") or params.get("Tier", "Standard") != "Standard":
        return None
    if len(params["Value"].encode()) <= 4096:
        return None
    text = "Standard tier parameters support a maximum parameter value of 4096 characters."
    return refusal("ValidationException", text)


def inline_policies_hold_10240_characters(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    """All of a role's together; whitespace is not counted."""
    if (service, operation) != ("iam", "PutRolePolicy"):
        return None
    role, iam = params["RoleName"], rules.look("iam")
    try:
        names = set(iam.list_role_policies(RoleName=role)["PolicyNames"])
    except iam.exceptions.NoSuchEntityException:
        return None
    others = names - {params["PolicyName"]}
    kept = [json.dumps(iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"]) for each in others]
    if sum(len("".join(text.split())) for text in (*kept, params["PolicyDocument"])) <= 10_240:
        return None
    return refusal("LimitExceeded", f"Maximum policy size of 10240 bytes exceeded for role {role}", 409)


def statement_ids_are_unique(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """moto adds a second statement under the same id."""
    if (service, operation) != ("lambda", "AddPermission"):
        return None
    function = rules.look("lambda")
    try:
        policy = function.get_policy(FunctionName=params["FunctionName"])["Policy"]
    except function.exceptions.ResourceNotFoundException:
        return None
    if f'"Sid": "{params["StatementId"]}"' not in policy:
        return None
    text = f"The statement id ({params['StatementId']}) provided already exists. Please provide a new statement id, "
    return refusal("ResourceConflictException", text + "or remove the existing statement.", 409)


def event_settings_are_overwritten(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    """moto keeps every configuration and shows the first; AWS keeps the last, without what it does not name."""
    if (service, operation) != ("lambda", "PutFunctionEventInvokeConfig"):
        return None
    function = rules.look("lambda")
    try:
        function.delete_function_event_invoke_config(FunctionName=params["FunctionName"])
    except function.exceptions.ResourceNotFoundException:
        return None
    return None
