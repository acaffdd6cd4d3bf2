"""Who may call, and over what."""

from __future__ import annotations

import json
import ssl
import urllib.request
from typing import Any

import boto3

from tests.sandbox.conftest import Account, allow, refusal


def test_the_operator_is_an_iam_user_of_the_documentation_account(aws: Account) -> None:
    identity = aws.client("sts").get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::111122223333:user/operator"


def test_the_root_user_gets_no_answer(aws: Account) -> None:
    for key in ("test", "111122223333"):
        root = Account(aws.sandbox, boto3.Session(key, "test", region_name="eu-central-1"))
        assert refusal(root.client("iam").list_users)[0] == "InvalidClientTokenId"
        assert refusal(root.client("s3").list_buckets)[0] == "InvalidAccessKeyId"


def test_a_wrong_secret_is_refused(aws: Account) -> None:
    session = boto3.Session(aws.sandbox.access_key_id, "wrong", region_name="eu-central-1")
    assert refusal(Account(aws.sandbox, session).client("iam").list_users)[0] == "SignatureDoesNotMatch"


def test_a_role_may_do_what_its_policy_says_and_nothing_else(role, bucket: str) -> None:
    session = role(allow("s3:ListBucket", on=f"arn:aws:s3:::{bucket}"))
    assert session.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert refusal(session.client("s3").put_object, Bucket=bucket, Key="a", Body=b"x")[0] == "AccessDenied"


def test_plain_http_is_served_and_seen_as_not_secure(aws: Account, bucket: str) -> None:
    statement = {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    aws.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x")
    plain = aws.client("s3", tls=False)
    assert refusal(plain.put_object, Bucket=bucket, Key="a", Body=b"x")[0] == "AccessDenied"
    assert refusal(plain.get_object, Bucket=bucket, Key="a")[0] == "AccessDenied"
    lying = aws.session.client("s3", endpoint_url=aws.sandbox.http_endpoint)
    lying.meta.events.register("before-send.s3", pretend)
    assert refusal(lying.get_object, Bucket=bucket, Key="a")[0] == "AccessDenied"


def pretend(request: Any, **_: Any) -> None:
    """A client that claims to come through a proxy, over TLS."""
    request.headers["X-Forwarded-Proto"] = "https"


def test_the_certificate_is_valid_for_localhost_and_127_0_0_1_under_strict_checks(aws: Account) -> None:
    context = ssl.create_default_context(cafile=str(aws.sandbox.ca_bundle))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    port = aws.sandbox.endpoint.rsplit(":", 1)[1]
    for host in ("localhost", "127.0.0.1"):
        with urllib.request.urlopen(f"https://{host}:{port}/_sandbox/health", context=context) as reply:
            assert json.load(reply) == {"pid": aws.sandbox.pid}


def test_an_operation_nobody_knows_is_an_error_not_a_success(aws: Account) -> None:
    assert refusal(aws.client("comprehend").list_entity_recognizers)[0] == "UnknownOperationException"
    assert refusal(aws.client("transcribe").list_call_analytics_jobs)[0] == "UnknownOperationException"
    assert refusal(aws.client("bedrock").list_guardrails)[0] == "UnknownOperationException"
