"""Ways in which somebody changes things by hand, each a function of the account. Used by tests/steps/hand_edits.py."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from tests.world import World

Spoil = Callable[[World], object]

ACCOUNT = "123456789012"
INPUT = f"cci-lite-input-{ACCOUNT}-eu-central-1-an"
RESULTS = f"cci-lite-results-{ACCOUNT}-eu-central-1-an"
KEY = "alias/cci-lite-master-key"
ROLE = "cci-lite-lambda-role"
FUNCTION = "cci-lite-processor"
RULE = "cci-lite-transcribe-state"
CATCH_UP = "cci-lite-catch-up"
ALARM = "cci-lite-processor-errors"
MODELS = "/cci-lite/config/models"
TLS, RIGHT_KEY = "CciLiteDenyInsecureTransport", "CciLiteDenyWrongKmsKey"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:cci-lite-alarms"
PUBLISH = "CciLitePublishAlarms"
NOTIFICATION = "on-new-call-demo-tenant"
PREFIX = "demo-tenant/calls/"
OTHER = {"Key": "Owner", "Value": "somebody"}
STRANGER = f"arn:aws:iam::{ACCOUNT}:user/operator"


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:eu-central-1:{ACCOUNT}:{name}"


def call(service: str, operation: str, **params: Any) -> Spoil:
    """One call of somebody else's."""
    return lambda w: getattr(w.rules.look(service), operation)(**params)


def edited(statement: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A statement with other parts; a part that becomes None is gone."""
    return {name: value for name, value in {**statement, **changes}.items() if value is not None}


def in_bucket(sid: str, **changes: Any) -> Spoil:
    """One statement of the input bucket's policy, edited."""

    def spoil(w: World) -> None:
        s3 = w.rules.look("s3")
        policy = json.loads(s3.get_bucket_policy(Bucket=INPUT)["Policy"])
        policy["Statement"] = [edited(each, changes) if each["Sid"] == sid else each for each in policy["Statement"]]
        s3.put_bucket_policy(Bucket=INPUT, Policy=json.dumps(policy))

    return spoil


def in_topic(sid: str, **changes: Any) -> Spoil:
    """One statement of the topic's policy, edited; without changes it is taken out."""

    def spoil(w: World) -> None:
        sns = w.rules.look("sns")
        policy = json.loads(sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["Policy"])
        kept = [each for each in policy["Statement"] if each["Sid"] != sid or changes]
        policy["Statement"] = [edited(each, changes) if each["Sid"] == sid else each for each in kept]
        sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(policy))

    return spoil


def dead_key_user(w: World) -> None:
    """A key user that was deleted stands in the policy as AWS leaves it: by its unique id."""
    kms = w.rules.look("kms")
    id_ = kms.describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=id_, PolicyName="default")["Policy"])
    for each in policy["Statement"]:
        if each["Sid"] == "Allow use of the key":
            each["Principal"] = {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/{ROLE}", "AROAEXAMPLEOFTHEDEAD1"]}
    kms.put_key_policy(KeyId=id_, PolicyName="default", Policy=json.dumps(policy))


def encryption(bucket_key: bool = True, key: str = KEY, blocked: str = "SSE-C") -> Spoil:
    """Another default encryption of the results; `key`: alias, or "" for a key of somebody else."""

    def spoil(w: World) -> None:
        kms = w.rules.look("kms")
        found = kms.describe_key(KeyId=key) if key else kms.create_key()
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": found["KeyMetadata"]["Arn"]}
        rule = {
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": bucket_key,
            "BlockedEncryptionTypes": {"EncryptionType": [blocked]},
        }
        w.cloud.client("s3").put_bucket_encryption(Bucket=RESULTS, ServerSideEncryptionConfiguration={"Rules": [rule]})

    return spoil


def bucket_tags(w: World) -> None:
    s3 = w.rules.look("s3")
    found = [each for each in s3.get_bucket_tagging(Bucket=RESULTS)["TagSet"] if each["Key"] != "Owner"]
    s3.put_bucket_tagging(Bucket=RESULTS, Tagging={"TagSet": [*found, OTHER]})


def lifecycle(name: str, **changes: Any) -> Spoil:
    """One lifecycle rule of the results, edited; without changes it is taken out."""

    def spoil(w: World) -> None:
        found = w.rules.lifecycles[RESULTS]
        kept = [each for each in found if each["ID"] != name or changes]
        w.rules.lifecycles[RESULTS] = [{**each, **changes} if each["ID"] == name else each for each in kept]

    return spoil


def notification(**changes: Any) -> Spoil:
    """The notification of the input bucket, edited."""

    def spoil(w: World) -> None:
        s3 = w.rules.look("s3")
        found = s3.get_bucket_notification_configuration(Bucket=INPUT)["LambdaFunctionConfigurations"]
        told = {"LambdaFunctionConfigurations": [{**found[0], **changes}]}
        s3.put_bucket_notification_configuration(Bucket=INPUT, NotificationConfiguration=told)

    return spoil


def starting(prefix: str, *further: dict[str, str]) -> dict[str, Any]:
    return {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}, *further]}}


def permission(**changes: str) -> Spoil:
    """The statement that lets the bucket invoke the function, taken out and put in again in other words."""
    told = {"Principal": "s3.amazonaws.com", "SourceArn": f"arn:aws:s3:::{INPUT}", "SourceAccount": ACCOUNT}
    return _permission("cci-lite-input-bucket", **{**told, **changes})


def permission_of_rule(**changes: str) -> Spoil:
    """The same of the statement that lets the rule invoke the function."""
    told = {"Principal": "events.amazonaws.com", "SourceArn": arn("events", f"rule/{RULE}")}
    return _permission("cci-lite-transcribe-state", **{**told, **changes})


def _permission(sid: str, **told: str) -> Spoil:
    def spoil(w: World) -> None:
        which = {"FunctionName": FUNCTION, "StatementId": sid}
        w.rules.look("lambda").remove_permission(**which)
        w.rules.look("lambda").add_permission(**which, **{"Action": "lambda:InvokeFunction", **told})

    return spoil


def function(**changes: Any) -> Spoil:
    return call("lambda", "update_function_configuration", FunctionName=FUNCTION, **changes)


def other_code(w: World) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("processor/handler.py", "def lambda_handler(event, context): pass")
    w.rules.look("lambda").update_function_code(FunctionName=FUNCTION, ZipFile=packed.getvalue())


def other_logs(w: World) -> None:
    """moto forgets where a function logs; the rules remember it."""
    w.rules.logging[FUNCTION] = {"LogFormat": "JSON", "LogGroup": "/aws/lambda/other"}


def invocation(**changes: Any) -> Spoil:
    """What happens to events that fail, as a whole: what is not named is AWS's default again."""

    def spoil(w: World) -> None:
        queue = {"OnFailure": {"Destination": arn("sqs", "cci-lite-processor-failures")}}
        told = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 21600, "DestinationConfig": queue, **changes}
        w.rules.look("lambda").delete_function_event_invoke_config(FunctionName=FUNCTION)
        w.rules.look("lambda").put_function_event_invoke_config(FunctionName=FUNCTION, **told)

    return spoil


def rule(name: str = RULE, **changes: Any) -> Spoil:
    """A rule, edited: the one of finished transcriptions where none is named."""

    def spoil(w: World) -> None:
        events = w.rules.look("events")
        found = events.describe_rule(Name=name)
        members = ("Name", "EventPattern", "ScheduleExpression", "State", "Description")
        events.put_rule(**{each: found[each] for each in members if found.get(each)} | changes)

    return spoil


def targeting(**changes: Any) -> Spoil:
    """The rule's own target, with another part of the event."""
    target = {"Id": "cci-lite", "Arn": arn("lambda", f"function:{FUNCTION}"), **changes}
    return call("events", "put_targets", Rule=RULE, Targets=[target])


def alarm(**changes: Any) -> Spoil:
    """The alarm, edited: PutMetricAlarm takes it as a whole."""

    def spoil(w: World) -> None:
        cloudwatch = w.rules.look("cloudwatch")
        found = cloudwatch.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"][0]
        kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "EvaluationPeriods")
        kept += ("ComparisonOperator", "Threshold", "TreatMissingData", "AlarmActions")
        cloudwatch.put_metric_alarm(**{**{name: found[name] for name in kept}, **changes})

    return spoil


def queue(operation: str, **params: Any) -> Spoil:
    def spoil(w: World) -> None:
        sqs = w.rules.look("sqs")
        getattr(sqs, operation)(QueueUrl=sqs.get_queue_url(QueueName=f"{FUNCTION}-failures")["QueueUrl"], **params)

    return spoil


def partition(found: dict[str, Any]) -> None:
    found["PartitionKeys"][0]["Type"] = "int"


def moved(found: dict[str, Any]) -> None:
    found["StorageDescriptor"]["Location"] = "s3://elsewhere/"


def other_format(found: dict[str, Any]) -> None:
    found["StorageDescriptor"]["SerdeInfo"]["Parameters"]["serialization.format"] = "9"
