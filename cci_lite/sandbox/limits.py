"""Requests that AWS refuses for their content alone: SSM, CloudWatch, expected bucket owner. Hooks."""

from __future__ import annotations

from cci_lite.sandbox import ministack
from cci_lite.sandbox.authorization import parameter_arn
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply

_STANDARD_BYTES = 4096


async def bucket_owner(call: Call, forward: Forward) -> Reply:
    """ExpectedBucketOwner of another account: S3 answers 403 (aws-facts §15)."""
    for name in ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"):
        if call.headers.get(name, ministack.account()) != ministack.account():
            raise Refusal("AccessDenied", "Access Denied", 403)
    return await forward(call)


async def put_parameter(call: Call, forward: Forward) -> Reply:
    """The value of a standard parameter is at most 4 KB (aws-facts §9)."""
    request = call.json()
    value = str(request.get("Value", ""))
    if request.get("Tier", "Standard") == "Standard" and len(value.encode()) > _STANDARD_BYTES:
        text = (
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger "
            "parameter value, upgrade the parameter to use the advanced-parameter tier."
        )
        raise Refusal("ValidationException", text)
    return await forward(call)


async def get_parameters(call: Call, forward: Forward) -> Reply:
    """Every named parameter is authorised; the policy check before has seen the first."""
    for name in call.json().get("Names", [])[1:]:
        arn = parameter_arn(name, ministack.region(), ministack.account())
        if (who := ministack.denied(call, "ssm:GetParameters", arn)) is not None:
            text = f"User: {who} is not authorized to perform: ssm:GetParameters on resource: {arn}"
            raise Refusal("AccessDeniedException", text)
    return await forward(call)


async def put_metric_alarm(call: Call, forward: Forward) -> Reply:
    """A metric alarm has exactly one of Statistic and ExtendedStatistic (aws-facts §10)."""
    request = ministack.cloudwatch_request(call)
    if request.get("MetricName"):
        given = [name for name in ("Statistic", "ExtendedStatistic") if request.get(name)]
        if len(given) != 1:
            text = "Exactly one of Statistic and ExtendedStatistic must be specified"
            code = "InvalidParameterCombination" if given else "MissingParameter"
            raise Refusal(code, text)
    return await forward(call)
