"""What sessions are made of here is lighter than boto3's own; what they send must be the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, UnknownServiceError

from cci_lite import __version__
from cci_lite.aws.core import new_session

Call = tuple[str, str, dict[str, Any]]
_ROLE = "arn:aws:iam::111122223333:role/cci"

#: One at least of each of AWS's protocols, and what botocore's own handlers have a hand in: sums, keys, buckets in
#: hosts, encoded names, names that services once had.
CALLS: tuple[Call, ...] = (
    ("s3", "put_object", {"Bucket": "a-bucket", "Key": "acme/calls/a b+ü.wav", "Body": b"sound"}),
    ("s3", "put_object", {"Bucket": "a-bucket", "Key": "k", "Body": b"x", "SSECustomerKey": "k" * 32}),
    ("s3", "head_bucket", {"Bucket": "a-bucket", "ExpectedBucketOwner": "111122223333"}),
    ("s3", "create_bucket", {"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ("s3", "delete_objects", {"Bucket": "a-bucket", "Delete": {"Objects": [{"Key": "a"}]}}),
    ("s3", "list_objects_v2", {"Bucket": "a-bucket", "Prefix": "a b/"}),
    ("s3", "copy_object", {"Bucket": "a-bucket", "Key": "k", "CopySource": {"Bucket": "c", "Key": "ü"}}),
    ("kms", "create_key", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    ("iam", "create_role", {"RoleName": "cci", "AssumeRolePolicyDocument": "{}"}),
    ("lambda", "create_function", {"FunctionName": "f", "Role": _ROLE, "Code": {"ZipFile": b"zip"}}),
    ("lambda", "add_permission", {"FunctionName": "f", "StatementId": "s", "Action": "a", "Principal": "p"}),
    ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"KmsMasterKeyId": "k"}}),
    ("sns", "subscribe", {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:t", "Protocol": "email"}),
    ("logs", "create_log_group", {"logGroupName": "/aws/lambda/f"}),
    ("events", "put_rule", {"Name": "r", "ScheduleExpression": "rate(1 hour)"}),
    ("cloudwatch", "describe_alarms", {"AlarmNames": ["a"]}),
    ("ssm", "put_parameter", {"Name": "/p", "Value": "v", "Type": "String"}),
    ("glue", "get_table", {"DatabaseName": "d", "Name": "t"}),
    ("athena", "start_query_execution", {"QueryString": "SELECT 1", "ClientRequestToken": "t" * 32}),
    ("bedrock", "get_inference_profile", {"inferenceProfileIdentifier": "eu.amazon.nova-lite-v1:0"}),
    ("bedrock-runtime", "converse", {"modelId": "eu.amazon.nova-lite-v1:0"}),
    ("transcribe", "list_vocabularies", {}),
    ("quicksight", "describe_data_set", {"AwsAccountId": "111122223333", "DataSetId": "d"}),
    ("sts", "get_caller_identity", {}),
)
_KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "eu-west-1"}
#: What differs from one call to the next, and who asks.
_OTHERWISE = {"User-Agent", "Authorization", "X-Amz-Date", "amz-sdk-invocation-id"}


def sent(session: boto3.Session, call: Call, **config: Any) -> AWSRequest:
    """The request that would go to AWS."""
    service, operation, params = call
    seen: list[AWSRequest] = []

    def keep(request: AWSRequest, **_: Any) -> None:
        seen.append(request)
        raise EndpointConnectionError(endpoint_url=request.url)

    client = session.client(service, config=Config(retries={"total_max_attempts": 1}, **config))  # type: ignore[call-overload]
    client.meta.events.register("before-send", keep)
    with pytest.raises(EndpointConnectionError):
        getattr(client, operation)(**params)
    return seen[0]


def body(request: AWSRequest) -> object:
    return request.body.read() if hasattr(request.body, "read") else request.body


def headers(request: AWSRequest) -> dict[str, object]:
    return {name: value for name, value in request.headers.items() if name not in _OTHERWISE}


@pytest.fixture(scope="module")
def sessions() -> tuple[boto3.Session, boto3.Session]:
    """Ours and boto3's. Made once: each reads AWS's models."""
    return new_session(**_KEYS), boto3.Session(**_KEYS)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]}:{call[1]}")
def test_the_same_is_sent_as_by_a_session_of_boto3(sessions: tuple[boto3.Session, boto3.Session], call: Call) -> None:
    ours, theirs = (sent(each, call) for each in sessions)
    assert (ours.method, ours.url, body(ours)) == (theirs.method, theirs.url, body(theirs))
    assert headers(ours) == headers(theirs)


def test_everybody_who_listens_to_a_session_hears_of_all_its_clients() -> None:
    heard: list[str] = []
    session = new_session(**_KEYS)
    session.events.register("before-call", lambda model, **_: heard.append(model.name))
    for call in CALLS[:2]:
        sent(session, call)
    assert heard == ["PutObject", "PutObject"]


@pytest.mark.parametrize("make", [new_session, boto3.Session])
def test_services_that_do_not_exist_are_refused(make: Callable[..., boto3.Session]) -> None:
    with pytest.raises(UnknownServiceError, match="s4"):
        make(**_KEYS).client("s4")  # type: ignore[call-overload]


def test_models_of_the_operators_own_folder_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "s4" / "2026-01-01").mkdir(parents=True)
    (tmp_path / "s4" / "2026-01-01" / "service-2.json").write_text('{"metadata": {}}')
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    loader = new_session(**_KEYS)._session.get_component("data_loader")
    assert loader.load_service_model("s4", "service-2") == {"metadata": {}}


def test_cloudtrail_is_told_who_called() -> None:
    from cci_lite.aws.clients import Clients

    client = Clients(new_session(**_KEYS), None, None).get("kms", "eu-west-1", retry=True)
    assert client.meta.config.user_agent.startswith(f"cci-lite/{__version__} botocore/")
