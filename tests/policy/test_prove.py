from __future__ import annotations

from typing import Any

import pytest

from cci_lite.aws.policy import PolicyDocument, bucket_statements, tls_only
from cci_lite.aws.policy.cells import cells
from cci_lite.aws.policy.conditions import UnsupportedCondition
from cci_lite.aws.policy.evaluate import Request, decide
from cci_lite.aws.policy.prove import (
    KEY,
    SSE,
    TLS,
    Mode,
    no_header_no_upload,
    no_wrong_header,
    nothing_but_our_key,
    nothing_but_tls,
    role_can_exactly,
    tenant_a_not_b,
)
from cci_lite.aws.policy.worlds import ADMINISTRATOR

ACCOUNT = "111122223333"
BUCKET = "arn:aws:s3:::cci-lite-input"
OURS = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
OTHER = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/99999999-8888-7777-6666-555555555555"
OWNER = f"arn:aws:iam::{ACCOUNT}:user/owner"
NOBODY: tuple[PolicyDocument, ...] = ()


def document(*statements: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument.parse({"Version": "2012-10-17", "Statement": list(statements)})


def ours(mode: Mode, *more: dict[str, Any]) -> PolicyDocument:
    return document(*(dict(each.raw) for each in bucket_statements(BUCKET, OURS, mode).values()), *more)


PLAN = document(
    {
        "Sid": "AllowTenantAndLambdaUploads",
        "Effect": "Allow",
        "Principal": {"AWS": [OWNER, f"arn:aws:iam::{ACCOUNT}:role/cci-lite-lambda-role"]},
        "Action": "s3:PutObject",
        "Resource": f"{BUCKET}/*",
        "Condition": {
            "Bool": {"aws:SecureTransport": "true"},
            "StringEquals": {SSE: "aws:kms"},
            "StringLikeIfExists": {KEY: OURS},
        },
    },
    {
        "Sid": "DenyUnEncryptedOrNonTLSUploads",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"{BUCKET}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringNotEqualsIfExists": {SSE: "aws:kms"}},
    },
)

#: aws-facts 1.1: headers -> plan for an administrator, plan for its named user, strict, default-ok.
HEADERS: list[tuple[dict[str, str], bool, bool, bool, bool]] = [
    ({}, True, False, False, True),
    ({SSE: "AES256"}, True, False, False, False),
    ({SSE: "aws:kms"}, True, True, False, False),
    ({SSE: "aws:kms", KEY: OURS}, True, True, True, True),
    ({SSE: "aws:kms", KEY: OTHER}, True, False, False, False),
]


def put(headers: dict[str, str], tls: str = "true") -> Request:
    return Request(OWNER, ACCOUNT, "s3:PutObject", f"{BUCKET}/demo-tenant/calls/a.wav", {TLS: tls, **headers})


@pytest.mark.parametrize("row", HEADERS)
def test_uploads_over_tls_are_decided_as_in_the_table(row: tuple[dict[str, str], bool, bool, bool, bool]) -> None:
    headers, *expected = row
    admin = (ADMINISTRATOR,)
    cases = [(PLAN, admin), (PLAN, NOBODY), (ours("strict"), admin), (ours("default-ok"), admin)]
    assert [decide(put(headers), identity=who, resource=[each]).allowed for each, who in cases] == expected


@pytest.mark.parametrize("mode", ["strict", "default-ok"])
def test_our_policies_keep_what_they_promise(mode: Mode) -> None:
    policy = ours(mode)
    claims = [nothing_but_tls(policy, BUCKET), nothing_but_our_key(policy, BUCKET, OURS, mode)]
    claims.append(no_wrong_header(policy, BUCKET, OURS))
    assert [each.verdict for each in claims] == ["PROVED"] * 3
    assert no_header_no_upload(policy, BUCKET).verdict == ("PROVED" if mode == "strict" else "REFUTED")


def test_the_plan_lets_kms_uploads_through_without_tls() -> None:
    claim = nothing_but_tls(PLAN, BUCKET)
    assert claim.verdict == "REFUTED"
    assert claim.counterexample is not None
    assert claim.counterexample.context[TLS] == "false"
    assert decide(put({SSE: "aws:kms"}, tls="false"), identity=[ADMINISTRATOR], resource=[PLAN]).allowed


@pytest.mark.parametrize("mode", ["strict", "default-ok"])
def test_the_plan_lets_uploads_end_under_other_keys(mode: Mode) -> None:
    claim = nothing_but_our_key(PLAN, BUCKET, OURS, mode)
    assert (claim.verdict, claim.counterexample is None) == ("REFUTED", False)


def test_the_plan_lets_uploads_without_headers_through() -> None:
    claim = no_header_no_upload(PLAN, BUCKET)
    assert claim.counterexample is not None
    assert SSE not in claim.counterexample.context or KEY not in claim.counterexample.context


def test_tls_alone_says_nothing_of_keys() -> None:
    policy = document(dict(tls_only(BUCKET).raw))
    assert nothing_but_tls(policy, BUCKET).verdict == "PROVED"
    assert nothing_but_our_key(policy, BUCKET, OURS, "strict").verdict == "REFUTED"


@pytest.mark.parametrize("sid", list(bucket_statements(BUCKET, OURS, "default-ok")))
@pytest.mark.parametrize("mode", ["strict", "default-ok"])
def test_no_statement_can_be_left_out(mode: Mode, sid: str) -> None:
    every = bucket_statements(BUCKET, OURS, mode)
    if sid not in every:
        assert (mode, sid) == ("strict", "CciLiteDenyKeyWithoutSse")
        return
    policy = document(*(dict(each.raw) for name, each in every.items() if name != sid))
    claims = [nothing_but_tls(policy, BUCKET), nothing_but_our_key(policy, BUCKET, OURS, mode)]
    assert "REFUTED" in [each.verdict for each in claims]


def test_an_exemption_by_condition_is_found() -> None:
    """The exempted caller is named only in a condition."""
    exempt = {"StringNotEquals": {"aws:PrincipalArn": OWNER}, "Bool": {"aws:SecureTransport": "false"}}
    weak = document({**tls_only(BUCKET).raw, "Condition": exempt})
    claim = nothing_but_tls(weak, BUCKET)
    assert claim.counterexample is not None
    assert claim.counterexample.context["aws:principalarn"] == OWNER


def test_no_proof_is_given_where_the_questions_are_not_finitely_many() -> None:
    inside = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    foreign = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    with pytest.raises(UnsupportedCondition, match="IpAddress"):
        nothing_but_tls(ours("strict", {**foreign, "Condition": inside}), BUCKET)


TENANT = "${aws:PrincipalTag/tenant}"


def tenants(prefix: str) -> PolicyDocument:
    listing = {"StringLike": {"s3:prefix": f"{TENANT}/*"}}
    return document(
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{BUCKET}/{prefix}"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": BUCKET, "Condition": listing},
    )


@pytest.mark.parametrize(("prefix", "verdict"), [(f"{TENANT}/*", "PROVED"), (f"{TENANT}*", "REFUTED")])
def test_a_tenant_stays_in_its_own_prefix(prefix: str, verdict: str) -> None:
    """Without the slash, tenant `acme` reaches `acme-two`."""
    assert tenant_a_not_b(tenants(prefix), BUCKET, "acme", "acme-two").verdict == verdict


def test_listing_the_whole_bucket_is_reaching_other_tenants() -> None:
    everything = document({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": BUCKET})
    claim = tenant_a_not_b(everything, BUCKET, "a", "b")
    assert claim.counterexample is not None
    assert claim.counterexample.action == "s3:ListBucket"


ROLE = f"arn:aws:iam::{ACCOUNT}:role/cci-lite-lambda-role"


def call(action: str, resource: str, **context: str) -> Request:
    return Request(ROLE, ACCOUNT, action, resource, context)


START = "transcribe:StartTranscriptionJob"
ROLE_POLICY = document(
    {"Sid": "ReadInput", "Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*/calls/*"},
    {"Sid": "Key", "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": OURS},
    {
        "Sid": "Start",
        "Effect": "Allow",
        "Action": START,
        "Resource": "*",
        "Condition": {"StringEquals": {"transcribe:OutputEncryptionKMSKeyId": OURS}},
    },
)
RECORDING = f"{BUCKET}/demo-tenant/calls/a.wav"
REQUIRED = [
    call("s3:GetObject", RECORDING),
    call("kms:GenerateDataKey", OURS),
    call(START, "*", **{"transcribe:OutputEncryptionKMSKeyId": OURS}),
]
FORBIDDEN = [
    call("s3:DeleteObject", RECORDING),
    call("s3:PutObject", RECORDING),
    call("s3:GetObject", "arn:aws:s3:::another-bucket/a/calls/b"),
    call("kms:ScheduleKeyDeletion", OURS),
    call("kms:Decrypt", OTHER),
    call("iam:CreateUser", "*"),
    call(START, "*"),
]


def test_the_role_can_do_its_work_and_nothing_else() -> None:
    assert role_can_exactly(ROLE_POLICY, REQUIRED, FORBIDDEN).verdict == "PROVED"


def test_a_missing_or_superfluous_right_is_shown() -> None:
    assert role_can_exactly(document(), REQUIRED, FORBIDDEN).counterexample == REQUIRED[0]
    assert role_can_exactly(ADMINISTRATOR, REQUIRED, FORBIDDEN).counterexample == FORBIDDEN[0]


def test_every_possible_overlap_of_patterns_has_a_witness() -> None:
    found = cells(["?b*", "a*", "*b"])
    assert set(found) == {(x, y, z) for x in (True, False) for y in (True, False) for z in (True, False)}
    assert set(cells(["a", "a*"])) == {(False, False), (True, True), (False, True)}
    assert "example" in cells(["a"], ["example"]).values()
