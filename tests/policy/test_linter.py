"""Every policy the project writes is one that IAM understands as it is meant: no unknown action, key or operator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cci_lite.aws.policy import bucket_statements
from tests.policy.linter import Finding, findings
from tests.world import World, account, reasons

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BUCKET = "arn:aws:s3:::cci-lite-input-111122223333-eu-central-1-an"
_CONSOLE = "the console's own Sid in a key policy, where KMS takes spaces"
_THE_KEY = "in a key's policy * is the key itself"
_EXACT = "an ARN compared as text is compared exactly, as it should"
_ANY_OF = "IAM takes each of the kinds of resource alone; parliament wants all of them in one statement"
_OF_LAMBDA = "AddPermission takes hyphens in a statement's id"
_AWS_OWN = "AWS's own first statement of a topic, put back as it was read"
_KEY_SIDS = (
    "Enable IAM User Permissions",
    "Allow access for Key Administrators",
    "Allow use of the key",
    "Allow attachment of persistent resources",
)
#: (document, parliament's issue, Sid) -> why it stays.
WAIVED: dict[tuple[str, str, str], str] = {
    ("bucket", "MISMATCHED_TYPE_BUT_USABLE", "CciLiteDenyWrongKmsKey"): _EXACT,
    ("bucket", "MISMATCHED_TYPE_BUT_USABLE", "CciLiteDenyKeyWithoutSse"): _EXACT,
    **{("key", "INVALID_SID", sid): _CONSOLE for sid in _KEY_SIDS},
    **{("key", "RESOURCE_STAR", sid): _THE_KEY for sid in _KEY_SIDS},
    ("trust", "MALFORMED", ""): "a trust policy has no resource; it is linted a second time with one",
    ("trust", "RESOURCE_STAR", ""): "the one that the linter was given",
    ("role", "RESOURCE_MISMATCH", "BedrockProfile"): _ANY_OF,
    ("role", "RESOURCE_MISMATCH", "BedrockModels"): _ANY_OF,
    ("role", "MISMATCHED_TYPE_BUT_USABLE", "BedrockModels"): _EXACT,
    ("function", "INVALID_SID", "cci-lite-input-bucket"): _OF_LAMBDA,
    ("function", "INVALID_SID", "cci-lite-transcribe-state"): _OF_LAMBDA,
    ("function", "INVALID_SID", "cci-lite-catch-up"): _OF_LAMBDA,
    ("topic", "OLD_VERSION", ""): _AWS_OWN,
    ("topic", "INVALID_SID", "__default_statement_ID"): _AWS_OWN,
    ("topic", "UNKNOWN_CONDITION_FOR_ACTION", "__default_statement_ID"): _AWS_OWN,
}
_SENT = {
    "s3:PutBucketPolicy": ("bucket", "Policy"),
    "kms:PutKeyPolicy": ("key", "Policy"),
    "iam:CreateRole": ("trust", "AssumeRolePolicyDocument"),
    "iam:PutRolePolicy": ("role", "PolicyDocument"),
    "sns:SetTopicAttributes": ("topic", "AttributeValue"),
}


@pytest.fixture(scope="module")
def written() -> list[tuple[str, str]]:
    """Every policy that provision sends, and the function's, which Lambda writes from our requests."""
    with account() as world:
        assert reasons(world.provision()) == {}
        return [*_documents(world), *_default_ok()]


def _documents(world: World) -> Iterator[tuple[str, str]]:
    for call in world.rules.calls:
        if call.name in _SENT:
            name, parameter = _SENT[call.name]
            yield name, call.params[parameter]
    yield "function", world.rules.look("lambda").get_policy(FunctionName="cci-lite-processor")["Policy"]


def _default_ok() -> Iterator[tuple[str, str]]:
    """The statements of the mode that the shipped runbook does not choose."""
    made = bucket_statements(BUCKET, KEY, "default-ok")
    yield "bucket", json.dumps({"Version": "2012-10-17", "Statement": [dict(each.raw) for each in made.values()]})


def test_every_finding_is_waived_and_every_waiver_is_needed(written: list[tuple[str, str]]) -> None:
    found = {(name, each.issue, each.sid): each.detail for name, policy in written for each in findings(policy)}
    assert {which: detail for which, detail in found.items() if which not in WAIVED} == {}
    assert WAIVED.keys() - found.keys() == set()


def test_all_kinds_of_policies_are_linted(written: list[tuple[str, str]]) -> None:
    assert {name for name, _ in written} == {"bucket", "key", "trust", "role", "topic", "function"}


def statement(**changes: Any) -> dict[str, Any]:
    whole = {"Sid": "A", "Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{BUCKET}/*", **changes}
    return {"Version": "2012-10-17", "Statement": [{key: value for key, value in whole.items() if value is not None}]}


_SSE_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"


@pytest.mark.parametrize(
    ("changes", "issue", "detail"),
    [
        ({"Action": "s3:PutObjekt"}, "UNKNOWN_ACTION", "Unknown action s3:PutObjekt"),
        ({"Action": "s4:PutObject"}, "UNKNOWN_PREFIX", "Unknown prefix s4"),
        ({"Action": "comprehend:DetectFeelings"}, "UNKNOWN_ACTION", "Unknown action comprehend:DetectFeelings"),
        ({"Resource": BUCKET}, "RESOURCE_MISMATCH", "s3:PutObject"),
        (
            {"Condition": {"StringNotEquals": {f"{_SSE_KEY}s": KEY}}},
            "UNKNOWN_CONDITION_FOR_ACTION",
            f"Unknown condition {_SSE_KEY}s for action s3:PutObject",
        ),
        (
            {"Condition": {"Bool": {"aws:SecureTransprt": "false"}}},
            "UNKNOWN_CONDITION_FOR_ACTION",
            "Unknown condition aws:SecureTransprt for action s3:PutObject",
        ),
        ({"Condition": {"StringNotEqual": {"aws:userid": "x"}}}, "UNKNOWN_OPERATOR", "StringNotEqual"),
        (
            {"Condition": {"DateLessThan": {"aws:CurrentTime": "noon"}}},
            "MISMATCHED_TYPE",
            "Type mismatch: aws:CurrentTime",
        ),
        ({"Effect": None}, "MALFORMED", "Statement does not contain an Effect element"),
        ({"Action": None}, "MALFORMED", "Statement contains neither Action nor NotAction"),
    ],
)
def test_a_mistake_is_found(changes: dict[str, Any], issue: str, detail: str) -> None:
    found = [each for each in findings(statement(**changes)) if each.issue == issue]
    assert [each.detail for each in found if each.detail.startswith(detail)] != [], findings(statement(**changes))


def test_a_statement_is_read_to_its_end_whatever_its_sid_is() -> None:
    found = findings(statement(Sid="Allow use", Action="s3:PutObjekt"))
    assert found == {
        Finding("INVALID_SID", "Allow use", ""),
        Finding("UNKNOWN_ACTION", "Allow use", "Unknown action s3:PutObjekt"),
    }


def test_the_plans_own_condition_on_a_statement_is_found_to_mix_types() -> None:
    """The plan compared the key's ARN with StringLikeIfExists."""
    condition = {
        "Bool": {"aws:SecureTransport": "true"},
        "StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
        "StringLikeIfExists": {_SSE_KEY: KEY},
    }
    assert findings(statement(Condition=condition)) == {
        Finding(
            "MISMATCHED_TYPE_BUT_USABLE",
            "A",
            "Type mismatch: StringLikeIfExists requires a value of type String but given Arn",
        )
    }
