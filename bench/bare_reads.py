"""Reads what a plan without changes needs, with boto3 and 8 threads, and compares nothing.

May import boto3 and bench.state only. What `plan` is measured against; the account must have been made by naive.py.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from bench import state

_SERVICES = ["sts", "kms", "s3", "iam", "ssm", "logs", "sqs", "lambda", "events", "sns", "cloudwatch", "bedrock"]
Read = Callable[[], Any]


def main() -> None:
    session: Any = boto3.Session(region_name=state.REGION)
    config = Config(max_pool_connections=16)
    aws = {each: session.client(each, config=config) for each in _SERVICES}
    key = aws["kms"].describe_key(KeyId=state.ALIAS)["KeyMetadata"]["KeyId"]
    queue = aws["sqs"].get_queue_url(QueueName=state.QUEUE)["QueueUrl"]
    reads = [*_foundation(aws, key), *_buckets(aws), *_pipeline(aws, queue), *_alarms(aws)]
    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(read) for read in reads]:
            each.result()


def _foundation(aws: dict[str, Any], key: str) -> list[Read]:
    kms, iam, ssm, bedrock = aws["kms"], aws["iam"], aws["ssm"], aws["bedrock"]
    return [
        lambda: aws["sts"].get_caller_identity(),
        lambda: kms.get_key_policy(KeyId=key, PolicyName="default"),
        lambda: kms.get_key_rotation_status(KeyId=key),
        lambda: kms.list_resource_tags(KeyId=key),
        lambda: iam.get_role(RoleName=state.ROLE),
        lambda: iam.get_role_policy(RoleName=state.ROLE, PolicyName="cci-lite-processor"),
        lambda: ssm.get_parameters_by_path(Path="/cci-lite/config", Recursive=True),
        lambda: bedrock.get_inference_profile(inferenceProfileIdentifier=state.MODEL),
    ]


def _buckets(aws: dict[str, Any]) -> list[Read]:
    s3 = aws["s3"]
    operations = (
        s3.get_bucket_tagging,
        s3.get_public_access_block,
        s3.get_bucket_encryption,
        s3.get_bucket_lifecycle_configuration,
        s3.get_bucket_policy,
    )
    each = [(read, bucket) for bucket in (state.INPUT, state.RESULTS) for read in operations]
    return [partial(read, Bucket=bucket) for read, bucket in each]


def _pipeline(aws: dict[str, Any], queue: str) -> list[Read]:
    function, events = aws["lambda"], aws["events"]
    return [
        lambda: aws["logs"].describe_log_groups(logGroupNamePrefix=state.LOGS),
        lambda: aws["sqs"].get_queue_attributes(QueueUrl=queue, AttributeNames=["All"]),
        lambda: function.get_function(FunctionName=state.FUNCTION),
        lambda: function.get_policy(FunctionName=state.FUNCTION),
        lambda: aws["s3"].get_bucket_notification_configuration(Bucket=state.INPUT),
        *(partial(events.describe_rule, Name=rule) for rule in (state.RULE, state.CATCH_UP)),
        *(partial(events.list_targets_by_rule, Rule=rule) for rule in (state.RULE, state.CATCH_UP)),
    ]


def _alarms(aws: dict[str, Any]) -> list[Read]:
    return [
        lambda: aws["sns"].list_subscriptions_by_topic(TopicArn=state.TOPIC_ARN),
        lambda: aws["cloudwatch"].describe_alarms(AlarmNames=[state.ALARM]),
    ]


if __name__ == "__main__":
    main()
