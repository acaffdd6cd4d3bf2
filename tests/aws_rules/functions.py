"""What Lambda and CloudWatch refuse and moto lets through. Source: aws-facts 4, 10, 13."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide
from tests.aws_rules.answers import Answer, answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules


def failure_destination_is_reachable(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    if (service, operation) != ("lambda", "PutFunctionEventInvokeConfig"):
        return None
    queue = params.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if not queue:
        return None
    role = rules.look("lambda").get_function(FunctionName=params["FunctionName"])["Configuration"]["Role"]
    name, iam = role.rsplit("/", 1)[-1], rules.look("iam")
    policies = [
        PolicyDocument.parse(iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"])
        for each in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    if decide(Request(role, rules.account, "sqs:SendMessage", queue, {}), identity=policies).allowed:
        return None
    text = "The provided execution role does not have permissions to call SendMessage on SQS"
    return refusal("InvalidParameterValueException", text)


def alarm_has_one_statistic(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    if (service, operation) == ("cloudwatch", "PutMetricAlarm") and ("Statistic" in params) == (
        "ExtendedStatistic" in params
    ):
        return refusal("ValidationError", "Exactly one of Statistic and ExtendedStatistic must be specified")
    return None


def dry_run_needs_no_container(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """moto runs functions in Docker; a dry run only asks whether it would be allowed."""
    if (service, operation) == ("lambda", "Invoke") and params.get("InvocationType") == "DryRun":
        return answer(StatusCode=204)
    return None


def note(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """moto forgets where a function logs."""
    if service == "lambda" and "LoggingConfig" in params:
        rules.logging[params["FunctionName"]] = params["LoggingConfig"]
    if (service, operation) == ("lambda", "GetFunction") and params["FunctionName"] in rules.logging:
        parsed["Configuration"]["LoggingConfig"] = rules.logging[params["FunctionName"]]
