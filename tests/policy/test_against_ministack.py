"""Our evaluator against ministack's, on generated policies and requests.

Left out by name, because there ministack differs from AWS: policy variables (it compares `${...}` as text), Arn*
operators with wildcards over a colon (it does not match part by part), operators it does not know (it takes them for
false, so that a Deny is lost), NotPrincipal (it never matches), statements without Action (it matches all).
"""

from __future__ import annotations

from random import Random
from typing import Any

from ministack.core.iam_evaluator import (
    EvalContext,
    combine_resource_policy,
    evaluate,
    parse_policy_document,
)

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide

ACCOUNT, ELSEWHERE = "111122223333", "444455556666"
CALLERS = [
    f"arn:aws:iam::{ACCOUNT}:user/a",
    f"arn:aws:iam::{ACCOUNT}:role/b",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/b/session",
    f"arn:aws:iam::{ELSEWHERE}:user/a",
]
NAMES = [*CALLERS[:2], ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ELSEWHERE, CALLERS[3]]
TEXTS = ["aws:kms", "AES256", "a", "ab", "A", "7", "10", "true", "false", "2026-01-01T00:00:00Z", ""]
PATTERNS = ["*", "a*", "?", "*:kms", "a?", *TEXTS[:8]]
ACTIONS = ["s3:PutObject", "s3:GetObject", "s3:*", "S3:put*", "*", "kms:Decrypt"]
RESOURCES = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*", "*", "arn:aws:s3:::bucket/a?", "arn:aws:s3:::other/*"]
THINGS = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/ab", "arn:aws:s3:::bucket/x/y", "arn:aws:s3:::other/x"]
KEYS = ["s3:x-amz-server-side-encryption", "aws:SourceVpce", "s3:prefix"]
PLAIN = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "Bool",
    "NumericEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "DateLessThanEquals",
    "DateGreaterThan",
]


def some(draw: Random, values: list[str], most: int = 2) -> list[str]:
    return draw.sample([*dict.fromkeys(values)], draw.randint(1, most))


def condition(draw: Random) -> dict[str, Any]:
    """One operator on one key."""
    kind, key = draw.randrange(3), draw.choice(KEYS)
    if kind == 0:
        return {"Null": {key: draw.choice(["true", "false"])}}
    if kind == 1:
        return {"Bool": {"aws:SecureTransport": draw.choice(["true", "false"])}}
    qualifier, suffix = draw.choice(["", "", "ForAnyValue:", "ForAllValues:"]), draw.choice(["", "IfExists"])
    return {f"{qualifier}{draw.choice(PLAIN)}{suffix}": {key: some(draw, PATTERNS)}}


def statement(draw: Random, named: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Effect": draw.choice(["Allow", "Allow", "Deny"]),
        draw.choice(["Action", "Action", "Action", "NotAction"]): some(draw, ["*", "s3:*", *ACTIONS]),
        draw.choice(["Resource", "Resource", "Resource", "NotResource"]): some(draw, RESOURCES),
        "Condition": {name: tests for _ in range(draw.randint(0, 2)) for name, tests in condition(draw).items()},
    }
    who = {"Principal": draw.choice(["*", {"AWS": some(draw, NAMES)}])} if named else {}
    return {**made, **who}


def document(draw: Random, named: bool) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement(draw, named) for _ in range(draw.randint(1, 3))]}


def request(draw: Random) -> Request:
    values = {key: draw.choice(TEXTS) for key in draw.sample(KEYS, draw.randint(0, 2))}
    return Request(
        draw.choice(CALLERS),
        ACCOUNT,
        draw.choice(["s3:PutObject", "s3:GetObject"]),
        draw.choice(THINGS),
        {**values, "aws:SecureTransport": draw.choice(["true", "false"])},
    )


def theirs(request: Request, identity: dict[str, Any], resource: dict[str, Any]) -> bool:
    keys = {key.lower(): value for key, value in request.context.items()}
    context = EvalContext(
        principal_arn=request.principal_arn,
        principal_type="User",
        principal_account=request.principal_account,
        action=request.action,
        resource_arn=request.resource,
        region="eu-central-1",
        source_ip="192.0.2.1",
        secure_transport=keys.pop("aws:securetransport") == "true",
        service_context=keys,
    )
    by_identity = evaluate(context, [parse_policy_document(identity)])
    return str(combine_resource_policy(by_identity, context, resource, ACCOUNT).decision) == "Allow"


ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
NOTHING: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
PLAINLY = Request(CALLERS[0], ACCOUNT, "s3:PutObject", THINGS[0], {"aws:SecureTransport": "true"})


def test_both_decide_alike() -> None:
    """Of a property-based test most of the time went into drawing; nothing of it was ever drawn anew."""
    draw = Random(7)
    cases = [(PLAINLY, NOTHING, NOTHING)]
    for _ in range(3_000):
        identity = draw.choice([ALL, NOTHING, document(draw, False), document(draw, False)])
        cases.append((request(draw), identity, document(draw, True)))
    allowed = 0
    for asked, identity, resource in cases:
        ours = decide(asked, identity=[PolicyDocument.parse(identity)], resource=[PolicyDocument.parse(resource)])
        assert ours.allowed == theirs(asked, identity, resource), (ours, asked, identity, resource)
        allowed += ours.allowed
    assert 500 < allowed < 2_500
