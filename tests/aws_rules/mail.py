"""SNS: addresses confirm themselves, topics do not change their tags by a second create. Source: aws-facts 10.

What was unsubscribed is listed on for a while, with "Deleted" for its ARN (ansible/ansible#20086).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules


def topic_keeps_its_tags(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    if (service, operation) != ("sns", "CreateTopic") or "Tags" not in params:
        return None
    sns = rules.look("sns")
    arn = f"arn:aws:sns:{rules.region}:{rules.account}:{params['Name']}"
    if arn not in [each["TopicArn"] for each in sns.list_topics()["Topics"]]:
        return None
    have = {each["Key"]: each["Value"] for each in sns.list_tags_for_resource(ResourceArn=arn)["Tags"]}
    if have == {each["Key"]: each["Value"] for each in params["Tags"]}:
        return None
    text = "Invalid parameter: Tags Reason: Topic already exists with different tags"
    return refusal("InvalidParameter", text)


def subscriptions_have_arns(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    if (service, operation) not in (("sns", "Unsubscribe"), ("sns", "GetSubscriptionAttributes")):
        return None
    arn = params["SubscriptionArn"]
    if not arn.startswith("arn:"):
        text = "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements"
        return refusal("InvalidParameter", text)
    if operation == "Unsubscribe":
        there = rules.look("sns").list_subscriptions()["Subscriptions"]
        rules.unsubscribed |= {(e["TopicArn"], e["Endpoint"]) for e in there if e["SubscriptionArn"] == arn}
    return None


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """An address is pending until its owner clicked (`Rules.confirm`); lists then show no ARN."""
    if service != "sns":
        return
    asked = operation == "Subscribe" and params["Protocol"] == "email" and not params.get("ReturnSubscriptionArn")
    if asked and params["Endpoint"] not in rules.confirmed:
        parsed["SubscriptionArn"] = "pending confirmation"
    if operation == "GetSubscriptionAttributes" and parsed["Attributes"]["Protocol"] == "email":
        confirmed = parsed["Attributes"]["Endpoint"] in rules.confirmed
        parsed["Attributes"]["PendingConfirmation"] = "false" if confirmed else "true"
    if operation == "Subscribe":
        rules.unsubscribed.discard((params["TopicArn"], params["Endpoint"]))
    if operation in ("ListSubscriptions", "ListSubscriptionsByTopic"):
        for each in parsed.get("Subscriptions", []):
            if each["Protocol"] == "email" and each["Endpoint"] not in rules.confirmed:
                each["SubscriptionArn"] = "PendingConfirmation"
        gone = [each for each in sorted(rules.unsubscribed) if each[0] == params.get("TopicArn", each[0])]
        left = [{"SubscriptionArn": "Deleted", "Protocol": "email", "TopicArn": t, "Endpoint": e} for t, e in gone]
        parsed["Subscriptions"] = left + parsed.get("Subscriptions", [])
