"""S3 notifications: what a configuration needs, and that an event reaches its function."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cci_lite.sandbox import control
from tests.sandbox.conftest import Account, allow, make_function, operator, refusal, until

# Writes what it was called with beside the call, in the bucket "<prefix>-out".
ECHO = """
import json, os, boto3
def handler(event, context):
    record = event["Records"][0]
    if "fail" in record["s3"]["object"]["key"]:
        raise RuntimeError("told to fail")
    body = json.dumps({"event": event, "who": boto3.client("sts").get_caller_identity()["Arn"],
                       "region": os.environ["AWS_REGION"], "path": [v for v in os.environ if "PYTHONPATH" in v]})
    boto3.client("s3").put_object(Bucket=os.environ["OUT"], Key="seen/" + record["s3"]["object"]["key"], Body=body)
"""


@pytest.fixture(scope="module")
def echo(aws: Account) -> dict[str, str]:
    return install(aws, f"echo{uuid.uuid4().hex[:6]}")


def install(aws: Account, name: str) -> dict[str, str]:
    """A function that S3 may call for the bucket <name>-in and that writes to <name>-out."""
    s3 = aws.client("s3")
    for bucket in (f"{name}-in", f"{name}-out"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    write = allow("s3:PutObject", on=f"arn:aws:s3:::{name}-out/*")
    send = allow("sqs:SendMessage", on="arn:aws:sqs:eu-central-1:111122223333:*-failures")
    arn = make_function(aws, name, ECHO, write, send, Environment={"Variables": {"OUT": f"{name}-out"}})
    permit(aws, name)
    return {"name": name, "arn": arn, "in": f"{name}-in", "out": f"{name}-out"}


def permit(aws: Account, name: str) -> None:
    aws.client("lambda").add_permission(
        FunctionName=name,
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{name}-in",
        SourceAccount="111122223333",
    )


def rule(arn: str, name: str = "one", prefix: str = "t/calls/", event: str = "s3:ObjectCreated:*") -> dict[str, Any]:
    filters = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
    return {"Id": name, "LambdaFunctionArn": arn, "Events": [event], "Filter": filters}


def configure(aws: Account, bucket: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"Bucket": bucket, "NotificationConfiguration": {"LambdaFunctionConfigurations": list(rules)}}


INVALID = "Unable to validate the following destination configurations"


def test_a_target_that_is_missing_is_refused(aws: Account, bucket: str) -> None:
    put = aws.client("s3").put_bucket_notification_configuration
    missing = "arn:aws:lambda:eu-central-1:111122223333:function:missing"
    assert refusal(put, **configure(aws, bucket, rule(missing))) == ("InvalidArgument", INVALID)


def test_a_target_that_does_not_admit_s3_for_this_bucket_is_refused(
    aws: Account, echo: dict[str, str], bucket: str
) -> None:
    put = aws.client("s3").put_bucket_notification_configuration
    assert refusal(put, **configure(aws, bucket, rule(echo["arn"]))) == ("InvalidArgument", INVALID)


def test_overlapping_rules_with_a_common_event_are_refused_and_others_kept(aws: Account, echo: dict[str, str]) -> None:
    s3 = aws.client("s3")
    put = s3.put_bucket_notification_configuration
    text = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
    overlapping = rule(echo["arn"], "two", "t/calls/sub/", "s3:ObjectCreated:Put")
    assert refusal(put, **configure(aws, echo["in"], rule(echo["arn"]), overlapping)) == ("InvalidArgument", text)
    beside = rule(echo["arn"], "two", "u/calls/")
    removed = rule(echo["arn"], "three", "t/calls/", "s3:ObjectRemoved:*")
    put(**configure(aws, echo["in"], rule(echo["arn"]), beside, removed))
    stored = s3.get_bucket_notification_configuration(Bucket=echo["in"])["LambdaFunctionConfigurations"]
    assert {r["Id"] for r in stored} == {"one", "two", "three"}


def seen(aws: Account, out: str, key: str) -> Any:
    """What the function saw, None before it ran."""
    s3 = aws.client("s3")
    try:
        return json.load(s3.get_object(Bucket=out, Key=f"seen/{key}")["Body"])
    except s3.exceptions.NoSuchKey:
        return None


def test_an_upload_under_the_prefix_runs_the_function_in_its_role_with_nothing_of_this_machine(
    aws: Account, echo: dict[str, str]
) -> None:
    s3 = aws.client("s3")
    s3.put_bucket_notification_configuration(**configure(aws, echo["in"], rule(echo["arn"])))
    s3.put_object(Bucket=echo["in"], Key="elsewhere/a.wav", Body=b"x")
    s3.put_object(Bucket=echo["in"], Key="t/calls/a b.wav", Body=b"x")
    found = until(lambda: seen(aws, echo["out"], "t/calls/a+b.wav"))
    assert found["event"]["Records"][0]["s3"]["bucket"]["name"] == echo["in"]
    assert f":assumed-role/{echo['name']}-role/{echo['name']}" in found["who"]
    assert found["region"] == "eu-central-1"
    assert found["path"] == []
    assert seen(aws, echo["out"], "elsewhere/a.wav") is None


def test_a_function_whose_permission_is_gone_gets_no_events(aws: Account) -> None:
    echo = install(aws, f"gone{uuid.uuid4().hex[:6]}")
    s3, functions = aws.client("s3"), aws.client("lambda")
    s3.put_bucket_notification_configuration(**configure(aws, echo["in"], rule(echo["arn"])))
    functions.remove_permission(FunctionName=echo["name"], StatementId="s3")
    s3.put_object(Bucket=echo["in"], Key="t/calls/lost.wav", Body=b"x")
    permit(aws, echo["name"])
    s3.put_object(Bucket=echo["in"], Key="t/calls/heard.wav", Body=b"x")
    until(lambda: seen(aws, echo["out"], "t/calls/heard.wav"))
    assert seen(aws, echo["out"], "t/calls/lost.wav") is None


def queue(aws: Account, name: str) -> tuple[str, str]:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def test_a_failing_event_is_tried_as_often_as_configured_and_goes_to_the_failure_queue(
    aws: Account, echo: dict[str, str], name: str
) -> None:
    url, arn = queue(aws, f"{name}-failures")
    functions = aws.client("lambda")
    _, unreachable = queue(aws, f"{name}-other")
    refused = {"FunctionName": echo["name"], "DestinationConfig": {"OnFailure": {"Destination": unreachable}}}
    assert refusal(functions.put_function_event_invoke_config, **refused) == (
        "InvalidParameterValueException",
        "The provided execution role does not have permissions to call SendMessage on SQS",
    )
    functions.put_function_event_invoke_config(
        FunctionName=echo["name"], MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    aws.client("s3").put_bucket_notification_configuration(**configure(aws, echo["in"], rule(echo["arn"])))
    aws.client("s3").put_object(Bucket=echo["in"], Key=f"t/calls/fail-{name}", Body=b"x")
    message = until(lambda: aws.client("sqs").receive_message(QueueUrl=url).get("Messages"))[0]
    failed = json.loads(message["Body"])
    assert failed["requestPayload"]["Records"][0]["s3"]["object"]["key"] == f"t/calls/fail-{name}"
    assert "told to fail" in json.dumps(failed["responsePayload"])
    logs = aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{echo['name']}")["events"]
    assert sum("told to fail" in e["message"] for e in logs) >= 2


def test_a_throttled_event_waits_without_being_written_again(aws: Account, name: str) -> None:
    make_function(aws, name, "def handler(event, context): print('got', event['n'])")
    functions, logs = aws.client("lambda"), aws.client("logs")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"n": name}))
    events = aws.sandbox.state / "layer/invocations"
    (record,) = (path for path in events.glob("*.json") if json.loads(path.read_text())["event"] == {"n": name})
    before = record.stat()

    def throttled() -> float:
        now = time.time()
        found = aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Throttles",
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=now - 600,
            EndTime=now + 60,
            Period=3600,
            Statistics=["Sum"],
        )
        return sum(float(each["Sum"]) for each in found["Datapoints"])

    until(lambda: throttled() >= 2)
    assert (record.stat().st_ino, record.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    functions.delete_function_concurrency(FunctionName=name)
    until(lambda: not record.exists())
    assert f"got {name}" in str(logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"])


def test_a_rule_invokes_only_a_function_that_permits_it(aws: Account, name: str) -> None:
    arn = make_function(aws, name, "def handler(event, context): print('got', event['detail']['key'])")
    events, logs = aws.client("events"), aws.client("logs")
    rule_arn = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "f", "Arn": arn}])

    def send(key: str) -> None:
        events.put_events(Entries=[{"Source": name, "DetailType": "test", "Detail": json.dumps({"key": key})}])

    def got() -> list[str]:
        try:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="got")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [line for e in found for line in e["message"].splitlines() if line.startswith("got")]

    def permit(sid: str, **more: str) -> None:
        told = {"FunctionName": name, "StatementId": sid, "Action": "lambda:InvokeFunction", "SourceArn": rule_arn}
        aws.client("lambda").add_permission(**told, Principal="events.amazonaws.com", **more)

    send("refused")
    permit("account", SourceAccount="111122223333")  # which EventBridge does not tell
    send("refused too")
    permit("rule")
    send("permitted")
    assert until(got) == ["got permitted"]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sandbox of its own, that somebody started in whose home a profile lies."""
    home = tmp_path_factory.mktemp("other")
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text("[default]\nignore_configured_endpoint_urls = true\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(home))
        control.up(home / "state")
    yield home / "state"
    control.down(home / "state")


def test_a_function_knows_neither_the_operators_home_nor_their_profiles(other: Path) -> None:
    aws = operator(control.up(other))
    source = """
import os, boto3
def handler(event, context):
    return [boto3.client("sts").meta.endpoint_url, os.path.expanduser("~")]
"""
    make_function(aws, "home", source)
    endpoint, home = json.load(aws.client("lambda").invoke(FunctionName="home")["Payload"])
    assert (endpoint, home) == (aws.sandbox.endpoint, str(other / "scratch"))


def test_an_event_accepted_before_a_kill_is_handled_after_the_restart(other: Path) -> None:
    killed = control.up(other)
    aws = operator(killed)
    echo = install(aws, "killed")
    aws.client("s3").put_bucket_notification_configuration(**configure(aws, echo["in"], rule(echo["arn"])))
    aws.client("s3").put_object(Bucket=echo["in"], Key="t/calls/a.wav", Body=b"x")
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: control.running(other) is None)
    back = operator(control.up(other))
    assert until(lambda: seen(back, echo["out"], "t/calls/a.wav"))
