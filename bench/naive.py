"""The first run of Phases 1 and 2 as a plain script: one call after the other, no reads, no checks, no waiting.

May import boto3 and bench.state only. What `provision` is measured against.
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from bench import state


class Clients:
    """One client a service, made when it is first used."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        self._session: Any = boto3

    def __getitem__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._session.client(service, region_name=state.REGION)
        return self._made[service]


def main() -> None:
    aws = Clients()
    key = _key(aws)
    _bucket(aws, state.INPUT, key, 1)
    _bucket(aws, state.RESULTS, key, 30)
    results = ((state.RESULTS, "tmp/"), (state.RESULTS, "demo-tenant/"))
    for bucket, folder in ((state.INPUT, "demo-tenant/calls/"), *results):
        _put(aws, bucket, folder, b"", key)
    role = _role(aws, key)
    for name in ("models", "tenants/demo-tenant"):
        value, tags = "{}", state.TAG_LIST
        aws["ssm"].put_parameter(Name=f"/cci-lite/config/{name}", Value=value, Type="String", Tags=tags)
    queue = _queue_and_logs(aws)
    _function(aws, role, queue)
    _triggers(aws)
    _put(aws, state.INPUT, "demo-tenant/calls/sample.wav", b"RIFF", key)
    _alarms(aws)


def _key(aws: Clients) -> str:
    tags = [{"TagKey": name, "TagValue": value} for name, value in state.TAGS.items()]
    made = aws["kms"].create_key(Description="CCI Lite", Tags=tags)["KeyMetadata"]
    aws["kms"].create_alias(AliasName=state.ALIAS, TargetKeyId=made["KeyId"])
    aws["kms"].enable_key_rotation(KeyId=made["KeyId"])
    return str(made["Arn"])


def _bucket(aws: Clients, name: str, key: str, days: int) -> None:
    s3 = aws["s3"]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": state.REGION})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": state.TAG_LIST})
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=state.BLOCKED)
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    expire = {"ID": f"retention-{days}d", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}}
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [expire]})
    s3.put_bucket_policy(Bucket=name, Policy=state.tls_only(name))


def _put(aws: Clients, bucket: str, key: str, body: bytes, kms: str) -> None:
    aws["s3"].put_object(Bucket=bucket, Key=key, Body=body, ServerSideEncryption="aws:kms", SSEKMSKeyId=kms)


def _role(aws: Clients, key: str) -> str:
    iam, kms = aws["iam"], aws["kms"]
    made = iam.create_role(RoleName=state.ROLE, AssumeRolePolicyDocument=state.TRUST, Tags=state.TAG_LIST)["Role"]
    right = {"Effect": "Allow", "Action": ["s3:GetObject", "sqs:SendMessage"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [right]})
    iam.put_role_policy(RoleName=state.ROLE, PolicyName="cci-lite-processor", PolicyDocument=document)
    root = {"AWS": f"arn:aws:iam::{state.ACCOUNT}:root"}
    owner = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    user = {"Effect": "Allow", "Principal": {"AWS": made["Arn"]}, "Action": "kms:Decrypt", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [owner, user]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    return str(made["Arn"])


def _queue_and_logs(aws: Clients) -> str:
    aws["logs"].create_log_group(logGroupName=state.LOGS, tags=state.TAGS)
    aws["logs"].put_retention_policy(logGroupName=state.LOGS, retentionInDays=30)
    aws["sqs"].create_queue(QueueName=state.QUEUE, tags=state.TAGS)
    return f"arn:aws:sqs:{state.REGION}:{state.ACCOUNT}:{state.QUEUE}"


def _function(aws: Clients, role: str, queue: str) -> None:
    function = aws["lambda"]
    function.create_function(
        FunctionName=state.FUNCTION,
        Runtime="python3.13",
        Handler="handler.lambda_handler",
        Role=role,
        Code={"ZipFile": state.code()},
        Timeout=900,
        MemorySize=1024,
        Tags=state.TAGS,
    )
    destination = {"OnFailure": {"Destination": queue}}
    function.put_function_event_invoke_config(FunctionName=state.FUNCTION, DestinationConfig=destination)
    rules = (("events", state.RULE_ARN), ("events", state.CATCH_UP_ARN))
    for service, source in (("s3", f"arn:aws:s3:::{state.INPUT}"), *rules):
        function.add_permission(
            FunctionName=state.FUNCTION,
            StatementId=source.replace(":", "-").replace("/", "-"),
            Action="lambda:InvokeFunction",
            Principal=f"{service}.amazonaws.com",
            SourceArn=source,
        )


def _triggers(aws: Clients) -> None:
    rules = [{"Name": "prefix", "Value": "demo-tenant/calls/"}]
    target = {"LambdaFunctionArn": state.FUNCTION_ARN, "Events": ["s3:ObjectCreated:*"]}
    wish = {"LambdaFunctionConfigurations": [{**target, "Filter": {"Key": {"FilterRules": rules}}}]}
    aws["s3"].put_bucket_notification_configuration(Bucket=state.INPUT, NotificationConfiguration=wish)
    pattern = json.dumps({"source": ["aws.transcribe"], "detail-type": ["Transcribe Job State Change"]})
    aws["events"].put_rule(Name=state.RULE, EventPattern=pattern, Tags=state.TAG_LIST)
    aws["events"].put_rule(Name=state.CATCH_UP, ScheduleExpression="rate(1 hour)", Tags=state.TAG_LIST)
    for rule in (state.RULE, state.CATCH_UP):
        aws["events"].put_targets(Rule=rule, Targets=[{"Id": "processor", "Arn": state.FUNCTION_ARN}])


def _alarms(aws: Clients) -> None:
    topic = aws["sns"].create_topic(Name=state.TOPIC, Tags=state.TAG_LIST)["TopicArn"]
    aws["sns"].set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=state.publishers(topic))
    aws["sns"].subscribe(TopicArn=topic, Protocol="email", Endpoint="alarms@example.com")
    aws["cloudwatch"].put_metric_alarm(
        AlarmName=state.ALARM,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": state.FUNCTION}],
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
        Tags=state.TAG_LIST,
    )


if __name__ == "__main__":
    main()
