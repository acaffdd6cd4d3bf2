"""Who is meant by a statement and whose Allow counts, at the edges. Source: aws-facts 1, 3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cci_lite.aws.policy import PolicyDocument, Statement, bucket_statements, tls_only, without_dead_principals
from cci_lite.aws.policy.evaluate import Decision, Request, decide

ACCOUNT, ABROAD = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/uploader"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
THING = "arn:aws:s3:::bucket/tenant-a/call.wav"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> PolicyDocument:
    return PolicyDocument.parse({"Version": version, "Statement": list(statements)})


def allow(sid: str = "A", **more: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": "*", "Resource": "*", **more}


def asking(who: str = USER, action: str = "s3:PutObject", thing: str = THING, **context: Any) -> Request:
    return Request(who, ACCOUNT, action, thing, context)


def test_whose_allow_it_was_is_told_with_its_sid() -> None:
    mine, theirs = policy(allow("Mine")), policy(allow("Theirs", Principal={"AWS": USER}))
    account = policy(allow("Account", Principal={"AWS": ACCOUNT}))
    assert decide(asking(), identity=[mine]) == Decision(True, "identity-allow", "Mine")
    assert decide(asking(), resource=[theirs]) == Decision(True, "resource-allow", "Theirs")
    assert decide(asking(), identity=[mine], resource=[theirs]) == Decision(True, "resource-allow", "Theirs")
    assert decide(asking(), identity=[mine], resource=[account]) == Decision(True, "identity-allow", "Mine")
    assert decide(asking()) == Decision(False, "no-allow", "")


def test_across_accounts_the_callers_side_is_told() -> None:
    stranger = asking(f"arn:aws:iam::{ABROAD}:user/x")
    mine, theirs = policy(allow("Mine")), policy(allow("Theirs", Principal={"AWS": ABROAD}))
    assert decide(stranger, identity=[mine], resource=[theirs]) == Decision(True, "both-allow", "Mine")
    by_name = policy(allow("Named", Principal={"AWS": stranger.principal_arn}))
    assert decide(stranger, identity=[mine], resource=[by_name]) == Decision(True, "both-allow", "Mine")
    assert decide(stranger, resource=[by_name]) == Decision(False, "no-allow")


def test_a_key_listens_to_its_own_policy_first() -> None:
    request, mine = asking(action="kms:Decrypt", thing=KEY), policy(allow("Mine"))
    account = policy(allow("Account", Principal={"AWS": ACCOUNT}))
    assert decide(request, identity=[mine], resource=[account]) == Decision(True, "both-allow", "Mine")
    assert decide(request, resource=[policy(allow("Named", Principal={"AWS": USER}))]).why == "resource-allow"
    assert decide(request, identity=[mine], resource=[policy(allow(Principal={"AWS": ROLE}))]).why == "no-allow"
    assert decide(request, identity=[mine]) == Decision(True, "identity-allow", "Mine")


def test_a_service_is_named_as_a_service_and_belongs_to_no_account() -> None:
    rule = asking(
        "events.amazonaws.com", "lambda:InvokeFunction", "arn:aws:lambda:eu-central-1:111122223333:function:f"
    )
    named = policy(allow(Principal={"Service": "events.amazonaws.com"}))
    assert rule.principal_account == "" and asking().principal_account == ACCOUNT
    assert decide(rule, resource=[named]).why == "resource-allow"
    assert not decide(rule, resource=[policy(allow(Principal={"Service": "s3.amazonaws.com"}))]).allowed
    assert not decide(rule, resource=[policy(allow(Principal={"Federated": "events.amazonaws.com"}))]).allowed


def test_an_allow_for_all_but_some_speaks_of_everybody_else() -> None:
    others = policy(allow("Others", NotPrincipal={"AWS": ROLE}))
    assert decide(asking(), resource=[others]) == Decision(True, "resource-allow", "Others")
    assert not decide(asking(ROLE), resource=[others]).allowed


@pytest.mark.parametrize(
    ("session", "named", "expected"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s", f"arn:aws:iam::{ACCOUNT}:role/worker", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s", f"arn:aws:iam::{ACCOUNT}:role/a/deep/path/worker", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s", f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s", f"arn:aws:iam::{ABROAD}:role/worker", False),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s", f"arn:aws:iam::{ACCOUNT}:user/worker", False),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s", "worker", False),
        (f"arn:aws:iam::{ACCOUNT}:role/worker", f"arn:aws:iam::{ACCOUNT}:role/path/worker", False),
    ],
)
def test_a_session_acts_as_its_role_and_as_nobody_else(session: str, named: str, expected: bool) -> None:
    assert decide(asking(session), resource=[policy(allow(Principal={"AWS": named}))]).allowed is expected


@pytest.mark.parametrize(("key", "value"), [("aws:PrincipalArn", USER), ("aws:PrincipalAccount", ACCOUNT)])
def test_aws_itself_says_who_calls(key: str, value: str) -> None:
    mine = policy(allow(Condition={"StringEquals": {key: value}}))
    assert decide(asking(), identity=[mine]).allowed
    assert not decide(asking(f"arn:aws:iam::{ABROAD}:user/x"), identity=[mine]).allowed
    assert not decide(asking("events.amazonaws.com"), identity=[mine]).allowed


def test_variables_count_only_in_the_new_version() -> None:
    text = "arn:aws:s3:::bucket/${aws:PrincipalTag/tenant}/*"
    request = asking(**{"aws:PrincipalTag/tenant": "tenant-a"})
    literal = asking(thing="arn:aws:s3:::bucket/${aws:PrincipalTag/tenant}/x")
    for version, filled_in in (("2012-10-17", True), ("2008-10-17", False)):
        mine = policy(allow(Resource=text), version=version)
        assert decide(request, identity=[mine]).allowed is filled_in
        assert decide(literal, identity=[mine]).allowed is not filled_in


def test_what_is_excluded_may_hold_variables_too() -> None:
    mine = policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::bucket/${aws:PrincipalTag/tenant}/*"})
    assert not decide(asking(**{"aws:PrincipalTag/tenant": "tenant-a"}), identity=[mine]).allowed
    assert decide(asking(**{"aws:PrincipalTag/tenant": "tenant-b"}), identity=[mine]).allowed


def test_a_statement_is_read_part_by_part() -> None:
    raw = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": [ACCOUNT, USER], "Service": "s3.amazonaws.com"},
        "NotAction": ["S3:GetObject"],
        "NotResource": THING,
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    assert Statement.parse(raw) == Statement(
        "",
        "Deny",
        frozenset(),
        frozenset({("AWS", f"arn:aws:iam::{ACCOUNT}:root"), ("AWS", USER), ("Service", "s3.amazonaws.com")}),
        frozenset(),
        frozenset({"s3:getobject"}),
        frozenset(),
        frozenset({THING}),
        frozenset({("Bool", "aws:securetransport", frozenset({"false"}))}),
    )


def test_a_principal_that_is_one_text_is_somebody_of_aws() -> None:
    assert Statement.parse(allow(Principal=USER)).principals == {("AWS", USER)}
    assert Statement.parse(allow(Principal="*")).principals == {("*", "*")}
    assert Statement.parse(allow(Principal={"Service": "*"})).principals == {("Service", "*")}


def test_a_document_keeps_what_is_not_a_statement() -> None:
    document = PolicyDocument.parse('{"Version": "2008-10-17", "Id": "x"}')
    assert document.empty and document.rest == {"Version": "2008-10-17", "Id": "x"}
    assert json.loads(document.to_json()) == {"Version": "2008-10-17", "Id": "x", "Statement": []}
    assert PolicyDocument(()).to_dict() == {"Version": "2012-10-17", "Statement": []}
    one = policy(allow())
    assert one.rest == {"Version": "2012-10-17"} and not one.empty


def test_documents_are_equal_by_what_they_say_and_so_are_their_hashes() -> None:
    one, other = policy(allow("A"), allow("B")), policy(allow("B"), allow("A"), version="2008-10-17")
    assert one == other and hash(one) == hash(other) and len({one, other}) == 1
    assert hash(one) != hash(policy(allow("C")))
    assert one != policy(allow("A")) and one != "text"


def test_dropping_the_dead_keeps_the_rest_of_the_document() -> None:
    dead = allow("Dead", Principal={"AWS": "AROAEXAMPLE1234567890"})
    mixed = allow("Mixed", Principal={"AWS": ["AIDAEXAMPLE123", USER], "Service": "s3.amazonaws.com"})
    document = PolicyDocument.parse({"Version": "2008-10-17", "Id": "x", "Statement": [dead, mixed, allow("Other")]})
    kept = allow("Mixed", Principal={"AWS": [USER], "Service": ["s3.amazonaws.com"]})
    assert without_dead_principals(document).to_dict() == {
        "Version": "2008-10-17",
        "Id": "x",
        "Statement": [kept, allow("Other")],
    }


SSE, KEY_ID = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
_UPLOAD = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": ["arn:aws:s3:::b/*"]}


def test_the_statements_are_written_word_for_word_as_reviewed() -> None:
    tls = {
        "Sid": "CciLiteDenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert dict(tls_only("arn:aws:s3:::b").raw) == tls
    other_sse, other_key = {"StringNotEquals": {SSE: "aws:kms"}}, {"StringNotEquals": {KEY_ID: KEY}}
    assert _conditions("strict") == {
        "CciLiteDenyInsecureTransport": tls["Condition"],
        "CciLiteDenyNotSseKms": other_sse,
        "CciLiteDenyWrongKmsKey": other_key,
    }
    assert _conditions("default-ok") == {
        "CciLiteDenyInsecureTransport": tls["Condition"],
        "CciLiteDenyNotSseKms": {"Null": {SSE: "false"}, **other_sse},
        "CciLiteDenyWrongKmsKey": {"StringEquals": {SSE: "aws:kms"}, **other_key},
        "CciLiteDenyKeyWithoutSse": {"Null": {KEY_ID: "false"}, **other_key},
    }


def _conditions(mode: Any) -> dict[str, Any]:
    """The conditions by Sid; all else of the statements about uploads is the same."""
    found = {sid: dict(each.raw) for sid, each in bucket_statements("arn:aws:s3:::b", KEY, mode).items()}
    for sid, raw in list(found.items())[1:]:
        assert {**raw, "Condition": None} == {"Sid": sid, **_UPLOAD, "Condition": None}
    return {sid: raw["Condition"] for sid, raw in found.items()}
