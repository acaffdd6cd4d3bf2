"""A policy may only name principals that exist and have been seen everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import Account, make_role, refusal, until, zipped

MISSING = "arn:aws:iam::111122223333:role/missing"


def document(principal: Any, action: str, resource: str | list[str] | None = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{**statement, **({"Resource": resource} if resource else {})}]}
    )


def of(account: str) -> dict[str, Any]:
    return {"StringEquals": {"aws:SourceAccount": account}}


def accepted_after_a_while(code: str, call: Callable[[], Any]) -> None:
    """Refused with `code` at first, then accepted."""

    def done() -> bool:
        try:
            call()
        except ClientError as error:
            assert error.response["Error"]["Code"] == code
            return False
        return True

    assert not done()
    until(done)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": MISSING},
        {"AWS": ["111122223333", MISSING]},
        {"AWS": "AROAEXAMPLE12345"},
        {"Service": "no.amazonaws.com"},
    ],
)
def test_a_bucket_policy_naming_a_missing_role_is_malformed(aws: Account, bucket: str, principal: Any) -> None:
    policy = document(principal, "s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    code, message = refusal(aws.client("s3").put_bucket_policy, Bucket=bucket, Policy=policy)
    assert (code, message) == ("MalformedPolicy", "Invalid principal in policy")


@pytest.mark.parametrize("resource", ["arn:aws:s3:::another/*", "arn:aws:s3:::another", "arn:aws:s3:::{}x/*", "*"])
def test_a_bucket_policy_about_another_bucket_is_malformed(aws: Account, bucket: str, resource: str) -> None:
    put, own = aws.client("s3").put_bucket_policy, f"arn:aws:s3:::{bucket}/*"
    policy = document({"AWS": "111122223333"}, "s3:GetObject", [own, resource.format(bucket)])
    assert refusal(put, Bucket=bucket, Policy=policy) == ("MalformedPolicy", "Policy has invalid resource")
    policy = document({"AWS": "111122223333"}, "s3:*", [own, f"arn:aws:s3:::{bucket}"])
    put(Bucket=bucket, Policy=policy)


def test_a_key_policy_naming_a_missing_role_is_malformed(aws: Account, key: str) -> None:
    kms, policy = aws.client("kms"), document({"AWS": MISSING}, "kms:*")
    expected = (
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    )
    assert refusal(kms.put_key_policy, KeyId=key, Policy=policy) == expected
    assert refusal(kms.create_key, Policy=policy) == expected


def test_a_trust_policy_naming_a_missing_user_is_malformed(aws: Account, name: str) -> None:
    policy = document({"AWS": "arn:aws:iam::111122223333:user/missing"}, "sts:AssumeRole", None)
    code, message = refusal(aws.client("iam").create_role, RoleName=name, AssumeRolePolicyDocument=policy)
    assert code == "MalformedPolicyDocument"
    assert message == 'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/missing"'
    policy = document({"Service": "lamda.amazonaws.com"}, "sts:AssumeRole", None)
    _, message = refusal(aws.client("iam").create_role, RoleName=name, AssumeRolePolicyDocument=policy)
    assert message == 'Invalid principal in policy: "SERVICE":"lamda.amazonaws.com"'


def test_services_the_account_and_everybody_need_not_exist(aws: Account, bucket: str, key: str) -> None:
    root = {"AWS": ["arn:aws:iam::111122223333:root", "111122223333"], "Service": "logs.eu-central-1.amazonaws.com"}
    aws.client("kms").put_key_policy(KeyId=key, Policy=document(root, "kms:*"))
    deny = document("*", "s3:PutObject", f"arn:aws:s3:::{bucket}/*").replace("Allow", "Deny")
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=deny)


def test_a_role_can_be_named_only_some_time_after_it_was_made(aws: Account, bucket: str, key: str, name: str) -> None:
    arn = make_role(aws, name)
    policy = document({"AWS": arn}, "s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    put = aws.client("s3").put_bucket_policy
    accepted_after_a_while("MalformedPolicy", lambda: put(Bucket=bucket, Policy=policy))
    aws.client("kms").put_key_policy(KeyId=key, Policy=document({"AWS": [arn, "111122223333"]}, "kms:*"))


LAMBDA = {"Service": "lambda.amazonaws.com"}
DENIED = {"Effect": "Deny", "Principal": LAMBDA, "Action": "sts:*"}
UNTRUSTING = {
    "another service": document({"Service": "glue.amazonaws.com"}, "sts:AssumeRole", None),
    "denied": document(LAMBDA, "sts:AssumeRole", None).replace("[{", f"[{json.dumps(DENIED)}, {{"),
    "another account": document(LAMBDA, "sts:AssumeRole", None, Condition=of("444455556666")),
    "another action": document(LAMBDA, "sts:TagSession", None),
}


def test_a_function_cannot_be_made_with_a_role_that_is_new_or_does_not_trust_lambda(aws: Account, name: str) -> None:
    def role(number: int, trust: str) -> str:
        made = aws.client("iam").create_role(RoleName=f"{name}-{number}", AssumeRolePolicyDocument=trust)
        return str(made["Role"]["Arn"])

    untrusting = [role(number, trust) for number, trust in enumerate(UNTRUSTING.values())]
    create = aws.client("lambda").create_function
    function = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Code": {"ZipFile": zipped("def handler(event, context): return 1")},
    }
    new = role(99, document(LAMBDA, "sts:AssumeRole", None, Condition=of("111122223333")))
    code = "InvalidParameterValueException"
    text = "The role defined for the function cannot be assumed by Lambda."
    assert refusal(create, **function, Role=new) == (code, text)
    accepted_after_a_while(code, lambda: create(**function, Role=new))
    for arn in untrusting:
        assert refusal(create, **{**function, "FunctionName": f"{name}-2"}, Role=arn) == (code, text)
