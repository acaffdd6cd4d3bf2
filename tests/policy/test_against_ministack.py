"""Our evaluator against ministack's, on generated policies and requests.

Left out by name, because there ministack differs from AWS: policy variables (it compares `${...}` as text), Arn*
operators with wildcards over a colon (it does not match part by part), operators it does not know (it takes them for
false, so that a Deny is lost), NotPrincipal (it never matches), statements without Action (it matches all).
"""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
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


def some(values: list[str], most: int = 2) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


qualified = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "ForAnyValue:", "ForAllValues:"]),
    st.sampled_from(PLAIN),
    st.sampled_from(["", "IfExists"]),
)
null = st.builds(lambda key, value: {"Null": {key: value}}, st.sampled_from(KEYS), st.sampled_from(["true", "false"]))
compared = st.builds(
    lambda operator, key, values: {operator: {key: values}}, qualified, st.sampled_from(KEYS), some(PATTERNS)
)
transport = st.sampled_from([{"Bool": {"aws:SecureTransport": each}} for each in ("true", "false")])
conditions = st.lists(st.one_of(null, compared, transport), max_size=2).map(
    lambda parts: {operator: tests for part in parts for operator, tests in part.items()}
)
who = st.one_of(st.just("*"), some(NAMES).map(lambda names: {"AWS": names}))


rare = st.sampled_from([False, False, False, True])
effects = st.sampled_from(["Allow", "Allow", "Deny"])
actions = some(["*", "s3:*", *ACTIONS])
resources = some(["*", *RESOURCES[1:], RESOURCES[0]])


@st.composite
def statements(draw: st.DrawFn, named: bool) -> dict[str, Any]:
    """Its parts are made above, once: of a strategy made at each draw Hypothesis works out everything again."""
    made: dict[str, Any] = {
        "Effect": draw(effects),
        "NotAction" if draw(rare) else "Action": draw(actions),
        "NotResource" if draw(rare) else "Resource": draw(resources),
        "Condition": draw(conditions),
    }
    return {**made, "Principal": draw(who)} if named else made


def documents(named: bool) -> st.SearchStrategy[dict[str, Any]]:
    written = st.lists(statements(named), min_size=1, max_size=3)
    return written.map(lambda each: {"Version": "2012-10-17", "Statement": each})


requests = st.builds(
    lambda caller, action, thing, values, tls: Request(
        caller, ACCOUNT, action, thing, {**values, "aws:SecureTransport": tls}
    ),
    st.sampled_from(CALLERS),
    st.sampled_from(["s3:PutObject", "s3:GetObject"]),
    st.sampled_from(THINGS),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(TEXTS), max_size=2),
    st.sampled_from(["true", "false"]),
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


@settings(derandomize=True, max_examples=1500, deadline=None, database=None)
@example(Request(CALLERS[0], ACCOUNT, "s3:PutObject", THINGS[0], {"aws:SecureTransport": "true"}), NOTHING, NOTHING)
@given(requests, st.sampled_from([ALL, NOTHING]) | documents(named=False), documents(named=True))
def test_both_decide_alike(request: Request, identity: dict[str, Any], resource: dict[str, Any]) -> None:
    ours = decide(request, identity=[PolicyDocument.parse(identity)], resource=[PolicyDocument.parse(resource)])
    assert ours.allowed == theirs(request, identity, resource), ours
