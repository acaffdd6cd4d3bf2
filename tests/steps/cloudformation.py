"""Requests as the properties of CloudFormation's resource types, so that AWS's resource schemas can judge them.

cfn-lint ships the schemas. They hold patterns, ranges and combinations that botocore's models do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.steps.properties import (
    Params,
    Properties,
    both,
    bucket,
    document,
    encryption,
    fixed,
    lifecycle,
    notifications,
    only,
    ownership,
    queue,
    tag_map,
    tags,
    targets,
    workgroup,
)

REGION = "eu-central-1"


@dataclass(frozen=True)
class As:
    """A request as a resource's properties. whole: the request makes the resource, so that it has to be complete."""

    type: str
    properties: Properties
    whole: bool = True


def problems(written: As, params: Params) -> Iterator[str]:
    """Everything that the resource's schema does not allow, each with its dotted path."""
    # Here, because it takes as long to import as a third of all tests to collect, in each of pytest's processes.
    from cfnlint.jsonschema import StandardValidator
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, written.type).schema
    if not written.whole:  # required, and cfn-lint's own requiredOr and requiredXor
        schema = {name: value for name, value in schema.items() if not name.startswith("required")}
    for error in StandardValidator(schema).iter_errors(written.properties(params)):
        yield f"{written.type}.{'.'.join(str(each) for each in error.path)}: {error.message}"


def _whole(type_: str, *properties: Properties) -> As:
    return As(type_, both(*properties))


def _part(type_: str, *properties: Properties) -> As:
    return As(type_, both(*properties), whole=False)


_FUNCTION = only(
    *("FunctionName", "Runtime", "Handler", "Role", "MemorySize", "Timeout", "Environment", "LoggingConfig"),
)
_ALARM = only(
    *("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "Threshold"),
    *("EvaluationPeriods", "ComparisonOperator", "TreatMissingData", "AlarmActions", "AlarmDescription"),
)
_CODE = fixed(Code={"ZipFile": "the package"})
_CATALOG = fixed(CatalogId="123456789012")

#: Every write that makes or changes something CloudFormation knows a type of.
AS: Mapping[str, As] = {
    "athena:CreateWorkGroup": _whole(
        "AWS::Athena::WorkGroup",
        only("Name", "Description"),
        tags("Tags"),
        workgroup("Configuration", "ResultConfiguration"),
    ),
    "athena:TagResource": _part("AWS::Athena::WorkGroup", tags("Tags")),
    "athena:UpdateWorkGroup": _part(
        "AWS::Athena::WorkGroup",
        only("State", "Description", Name="WorkGroup"),
        workgroup("ConfigurationUpdates", "ResultConfigurationUpdates"),
    ),
    "cloudwatch:PutMetricAlarm": _whole("AWS::CloudWatch::Alarm", _ALARM, tags("Tags")),
    "cloudwatch:TagResource": _part("AWS::CloudWatch::Alarm", tags("Tags")),
    "events:PutRule": _whole(
        "AWS::Events::Rule",
        only("Name", "State", "Description", "ScheduleExpression"),
        document("EventPattern", "EventPattern"),
        tags("Tags"),
    ),
    "events:PutTargets": _part("AWS::Events::Rule", targets),
    "events:TagResource": _part("AWS::Events::Rule", tags("Tags")),
    "glue:CreateDatabase": _whole("AWS::Glue::Database", only("DatabaseInput"), _CATALOG),
    "glue:CreateTable": _whole("AWS::Glue::Table", only("DatabaseName", "TableInput"), _CATALOG),
    "glue:UpdateTable": _whole("AWS::Glue::Table", only("DatabaseName", "TableInput"), _CATALOG),
    "iam:CreateRole": _whole(
        "AWS::IAM::Role",
        only("RoleName", "Description"),
        document("AssumeRolePolicyDocument", "AssumeRolePolicyDocument"),
        tags("Tags"),
    ),
    "iam:PutRolePolicy": _whole(
        "AWS::IAM::RolePolicy", only("RoleName", "PolicyName"), document("PolicyDocument", "PolicyDocument")
    ),
    "iam:TagRole": _part("AWS::IAM::Role", tags("Tags")),
    "iam:UpdateAssumeRolePolicy": _part("AWS::IAM::Role", document("AssumeRolePolicyDocument", "PolicyDocument")),
    "iam:UpdateRole": _part("AWS::IAM::Role", only("Description", "MaxSessionDuration")),
    "iam:UpdateRoleDescription": _part("AWS::IAM::Role", only("Description")),
    "kms:CreateAlias": _whole("AWS::KMS::Alias", only("AliasName", "TargetKeyId")),
    "kms:CreateKey": _whole(
        "AWS::KMS::Key", only("Description", "KeySpec", "KeyUsage"), tags("Tags", "TagKey", "TagValue")
    ),
    "kms:EnableKeyRotation": _part("AWS::KMS::Key", fixed(EnableKeyRotation=True)),
    "kms:PutKeyPolicy": _part("AWS::KMS::Key", document("KeyPolicy", "Policy")),
    "kms:ScheduleKeyDeletion": _part("AWS::KMS::Key", only("PendingWindowInDays")),
    "kms:TagResource": _part("AWS::KMS::Key", tags("Tags", "TagKey", "TagValue")),
    "kms:UpdateKeyDescription": _part("AWS::KMS::Key", only("Description")),
    "lambda:AddPermission": _whole(
        "AWS::Lambda::Permission", only("FunctionName", "Action", "Principal", "SourceArn", "SourceAccount")
    ),
    "lambda:CreateFunction": _whole("AWS::Lambda::Function", _FUNCTION, _CODE, tags("Tags")),
    "lambda:PutFunctionEventInvokeConfig": _whole(
        "AWS::Lambda::EventInvokeConfig",
        only("FunctionName", "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"),
        fixed(Qualifier="$LATEST"),
    ),
    "lambda:TagResource": _part("AWS::Lambda::Function", tags("Tags")),
    "lambda:UpdateFunctionConfiguration": _part("AWS::Lambda::Function", _FUNCTION),
    "logs:CreateLogGroup": _whole("AWS::Logs::LogGroup", only(LogGroupName="logGroupName"), tags("tags")),
    "logs:PutRetentionPolicy": _part(
        "AWS::Logs::LogGroup", only(LogGroupName="logGroupName", RetentionInDays="retentionInDays")
    ),
    "logs:TagResource": _part("AWS::Logs::LogGroup", tags("tags")),
    "s3:CreateBucket": _whole("AWS::S3::Bucket", bucket),
    "s3:PutBucketEncryption": _part("AWS::S3::Bucket", encryption),
    "s3:PutBucketLifecycleConfiguration": _part("AWS::S3::Bucket", lifecycle),
    "s3:PutBucketNotificationConfiguration": _part("AWS::S3::Bucket", notifications),
    "s3:PutBucketOwnershipControls": _part("AWS::S3::Bucket", ownership),
    "s3:PutBucketPolicy": _whole("AWS::S3::BucketPolicy", only("Bucket"), document("PolicyDocument", "Policy")),
    "s3:PutBucketTagging": _part("AWS::S3::Bucket", lambda params: {"Tags": params["Tagging"]["TagSet"]}),
    "s3:PutPublicAccessBlock": _part("AWS::S3::Bucket", only("PublicAccessBlockConfiguration")),
    "sns:CreateTopic": _whole("AWS::SNS::Topic", only(TopicName="Name"), tags("Tags")),
    "sns:SetTopicAttributes": _whole(
        "AWS::SNS::TopicPolicy",
        document("PolicyDocument", "AttributeValue"),
        lambda params: {"Topics": [params["TopicArn"]]},
    ),
    "sns:Subscribe": _whole("AWS::SNS::Subscription", only("TopicArn", "Protocol", "Endpoint")),
    "sns:TagResource": _part("AWS::SNS::Topic", tags("Tags")),
    "sqs:CreateQueue": _whole("AWS::SQS::Queue", only("QueueName"), queue, tags("tags")),
    "sqs:SetQueueAttributes": _part("AWS::SQS::Queue", queue),
    "sqs:TagQueue": _part("AWS::SQS::Queue", tags("Tags")),
    "ssm:PutParameter": _whole(
        "AWS::SSM::Parameter", only("Name", "Value", "Type", "Tier", "Description"), tag_map("Tags")
    ),
    "ssm:AddTagsToResource": _part("AWS::SSM::Parameter", tag_map("Tags")),
}

#: Every other write, and why no schema speaks of it.
WITHOUT: Mapping[str, str] = {
    "athena:StartQueryExecution": "asks, and makes nothing",
    "bedrock-runtime:Converse": "asks, and makes nothing",
    "glue:TagResource": "CloudFormation cannot tag a database",
    "kms:DisableKeyRotation": "takes a key and nothing else",
    "lambda:UpdateFunctionCode": "the package's bytes, which CloudFormation takes from S3",
    "s3:DeleteBucketLifecycle": "takes away",
    "s3:PutObject": "CloudFormation knows no objects",
}
#: Writes that only name what they take away.
TAKES_AWAY = ("Delete", "Remove", "Detach", "Unsubscribe", "Untag")


def uncovered(operations: Iterable[str]) -> set[str]:
    """Writes that are neither judged by a schema nor excused."""
    left = set(operations) - AS.keys() - WITHOUT.keys()
    return {each for each in left if not each.split(":")[1].startswith(TAKES_AWAY)}
