"""CloudWatch alarms on a function's errors, and the mails SNS sends."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.conftest import Account, make_function, refusal, until


def alarm(name: str, function: str, **changed: Any) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": function}],
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        **changed,
    }


def mails(aws: Account, to: str) -> list[dict[str, Any]]:
    found = [json.loads(file.read_text()) for file in sorted((aws.sandbox.state / "mailbox").glob("*.json"))]
    return [mail for mail in found if mail["to"] == to]


def state(aws: Account, name: str) -> str:
    return str(aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


def test_an_email_subscription_waits_until_its_owner_confirms_with_the_mailed_token(aws: Account, name: str) -> None:
    sns, to = aws.client("sns"), f"{name}@example.com"
    topic = sns.create_topic(Name=name)["TopicArn"]
    request = {"TopicArn": topic, "Protocol": "email", "Endpoint": to}
    assert sns.subscribe(**request)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**request, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "true"
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [s["SubscriptionArn"] for s in listed] == ["PendingConfirmation"]
    sns.publish(TopicArn=topic, Message="nobody hears this")
    (mail,) = mails(aws, to)
    assert mail["topic_arn"] == topic
    assert refusal(sns.confirm_subscription, TopicArn=topic, Token="wrong")[0].startswith("InvalidParameter")
    assert sns.confirm_subscription(TopicArn=topic, Token=mail["token"])["SubscriptionArn"] == arn
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
    sns.publish(TopicArn=topic, Subject="news", Message="hear this")
    assert [(m["subject"], m["message"]) for m in mails(aws, to)[1:]] == [("news", "hear this")]


def test_an_address_confirms_each_form_of_mail_by_itself(aws: Account, name: str) -> None:
    sns, to = aws.client("sns"), f"{name}@example.com"
    topic = sns.create_topic(Name=name)["TopicArn"]
    for protocol in ("email", "email-json"):
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=to)
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [each["SubscriptionArn"] for each in listed] == ["PendingConfirmation"] * 2
    assert len({mail["token"] for mail in mails(aws, to)}) == 2


def test_an_error_of_the_function_raises_its_alarm_and_mails_the_topic(aws: Account, name: str) -> None:
    sns, to = aws.client("sns"), f"{name}@example.com"
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
    sns.confirm_subscription(TopicArn=topic, Token=mails(aws, to)[0]["token"])
    make_function(aws, name, "def handler(event, context): raise RuntimeError('no')")
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm(name, name, AlarmActions=[topic]))
    cloudwatch.put_metric_alarm(**alarm(f"{name}-other", "another-function"))
    aws.client("lambda").invoke(FunctionName=name)
    until(lambda: state(aws, name) == "ALARM")
    until(lambda: state(aws, f"{name}-other") == "OK")
    assert f'"AlarmName": "{name}"' in until(lambda: mails(aws, to)[1:])[0]["message"]
    actions = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")["AlarmHistoryItems"]
    assert actions[0]["HistorySummary"] == f"Successfully executed action {topic}"


def test_without_data_an_alarm_is_in_the_state_its_setting_says(aws: Account, name: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(**alarm(f"{name}-ok", "idle"))
    cloudwatch.put_metric_alarm(**alarm(f"{name}-none", "idle", TreatMissingData="missing"))
    until(lambda: state(aws, f"{name}-ok") == "OK")
    assert state(aws, f"{name}-none") == "INSUFFICIENT_DATA"


def test_an_alarm_has_exactly_one_kind_of_statistic(aws: Account, name: str) -> None:
    put = aws.client("cloudwatch").put_metric_alarm
    assert refusal(put, **alarm(name, "f", ExtendedStatistic="p95"))[0] == "InvalidParameterCombination"
    without = {k: v for k, v in alarm(name, "f").items() if k != "Statistic"}
    assert refusal(put, **without)[0] == "MissingParameter"
    put(**without, ExtendedStatistic="p95")


def test_an_alarm_cannot_publish_to_a_topic_whose_policy_leaves_cloudwatch_out(aws: Account, name: str) -> None:
    sns, cloudwatch = aws.client("sns"), aws.client("cloudwatch")
    topic = sns.create_topic(Name=name)["TopicArn"]
    principal = {"Service": "events.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    cloudwatch.put_metric_alarm(**alarm(name, "idle", AlarmActions=[topic]))
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    actions = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")["AlarmHistoryItems"]
    assert actions[0]["HistorySummary"] == f"Failed to execute action {topic}"


def test_a_rule_publishes_only_to_a_topic_that_admits_events(aws: Account, name: str) -> None:
    sns, events, to = aws.client("sns"), aws.client("events"), f"{name}@example.com"
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=to)
    sns.confirm_subscription(TopicArn=topic, Token=mails(aws, to)[0]["token"])
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": topic}])
    entry = {"Source": name, "DetailType": "test", "Detail": json.dumps({"n": 1})}
    events.put_events(Entries=[entry])
    condition = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": condition,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    events.put_events(Entries=[{**entry, "Detail": json.dumps({"n": 2})}])
    assert [json.loads(m["message"])["detail"] for m in until(lambda: mails(aws, to)[1:])] == [{"n": 2}]
