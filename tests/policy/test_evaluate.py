from __future__ import annotations

from typing import Any

import pytest

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.conditions import UnsupportedCondition
from cci_lite.aws.policy.evaluate import Request, decide

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/uploader"
THING = "arn:aws:s3:::bucket/tenant-a/call.wav"


def policy(*statements: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument.parse({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**more: Any) -> dict[str, Any]:
    return {"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*", **more}


def deny(**more: Any) -> dict[str, Any]:
    return allow(Sid="D", Effect="Deny", **more)


def asking(who: str = USER, action: str = "s3:PutObject", **context: Any) -> Request:
    return Request(who, ACCOUNT, action, THING, context)


def test_what_nobody_allows_is_denied_and_a_deny_anywhere_wins() -> None:
    assert decide(asking()).why == "no-allow"
    assert decide(asking(), identity=[policy(allow())]).why == "identity-allow"
    assert decide(asking(), resource=[policy(allow(Principal={"AWS": USER}))]).why == "resource-allow"
    refused = decide(asking(), identity=[policy(allow())], resource=[policy(deny(Principal="*"))])
    assert (refused.allowed, refused.why, refused.statement) == (False, "explicit-deny", "D")


def test_statements_of_a_resource_speak_only_of_those_they_name() -> None:
    named = policy(deny(Principal={"AWS": "arn:aws:iam::111122223333:role/other"}))
    others = policy(deny(NotPrincipal={"AWS": USER}))
    assert decide(asking(), identity=[policy(allow())], resource=[named]).allowed
    assert decide(asking(), identity=[policy(allow())], resource=[others]).allowed


def test_naming_the_account_leaves_the_decision_to_identity_policies() -> None:
    account = policy(allow(Principal={"AWS": ACCOUNT}))
    assert not decide(asking(), resource=[account]).allowed


def test_across_accounts_both_sides_have_to_allow() -> None:
    stranger = asking("arn:aws:iam::444455556666:user/x")
    theirs, ours = policy(allow()), policy(allow(Principal={"AWS": "444455556666"}))
    assert not decide(stranger, identity=[theirs]).allowed
    assert not decide(stranger, resource=[ours]).allowed
    assert decide(stranger, identity=[theirs], resource=[ours]).allowed


def test_a_key_policy_has_to_allow_as_well() -> None:
    request, mine = asking(action="kms:Decrypt"), policy(allow(Action="kms:*"))
    silent = policy(allow(Action="kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/other"}))
    assert not decide(request, identity=[mine], resource=[silent]).allowed
    assert decide(
        request, identity=[mine], resource=[policy(allow(Action="kms:*", Principal={"AWS": ACCOUNT}))]
    ).allowed


def test_a_session_is_its_role() -> None:
    session = asking(f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session")
    for role, expected in (("role/path/worker", True), ("role/other", False)):
        document = policy(allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:{role}"}))
        assert decide(session, resource=[document]).allowed is expected


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "holds"),
    [
        ("StringEquals", "x", "x", True),
        ("StringEquals", "x", None, False),
        ("StringEqualsIfExists", "x", None, True),
        ("StringNotEquals", "x", None, True),
        ("StringNotEqualsIfExists", "x", None, True),
        ("StringNotEquals", ["x", "y"], "y", False),
        ("StringLike", "a*b?", "a-b-", True),
        ("StringNotLike", "a*", "b", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEqualsIgnoreCase", "AB", "ab", True),
        ("Bool", "true", "True", True),
        ("Bool", "false", None, False),
        ("BoolIfExists", "false", None, True),
        ("Null", "true", None, True),
        ("Null", "false", None, False),
        ("Null", "false", "x", True),
        ("ArnLike", "arn:aws:s3:*:*:b*", "arn:aws:s3:::bucket", True),
        ("ArnLike", "arn:aws:*:b", "arn:aws:s3:::b", False),
        ("ArnNotEquals", "arn:aws:s3:::b", None, True),
        ("NumericLessThan", "10", "9.5", True),
        ("NumericEquals", "10", "ten", False),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-02", True),
        ("ForAnyValue:StringEquals", ["x"], frozenset({"x", "y"}), True),
        ("ForAllValues:StringEquals", ["x"], frozenset({"x", "y"}), False),
        ("ForAllValues:StringEquals", ["x"], None, True),
        ("ForAnyValue:StringNotEquals", ["x"], None, False),
    ],
)
def test_operators_and_absent_keys(operator: str, wanted: Any, given: Any, holds: bool) -> None:
    document = policy(allow(Condition={operator: {"Some:Key": wanted}}))
    context = {} if given is None else {"some:key": given}
    assert decide(asking(**context), identity=[document]).allowed is holds


@pytest.mark.parametrize("operator", ["IpAddress", "StringSimilar", "NullIfExists"])
def test_an_unknown_operator_is_an_error_whatever_else_the_condition_says(operator: str) -> None:
    document = policy(deny(Condition={"Bool": {"k": "true"}, operator: {"k": "x"}}))
    with pytest.raises(UnsupportedCondition, match=operator):
        decide(asking(k="false"), identity=[document])


def test_several_values_need_a_set_operator() -> None:
    with pytest.raises(UnsupportedCondition, match="set operator"):
        decide(asking(k=frozenset({"a", "b"})), identity=[policy(allow(Condition={"StringEquals": {"k": "a"}}))])


def test_policy_variables_are_filled_in_and_bring_no_wildcards() -> None:
    document = policy(allow(Resource="arn:aws:s3:::bucket/${aws:PrincipalTag/tenant}/*"))
    answers = {
        tenant: decide(asking(**{"aws:PrincipalTag/tenant": tenant}), identity=[document]).allowed
        for tenant in ("tenant-a", "tenant-b", "*")
    }
    assert answers == {"tenant-a": True, "tenant-b": False, "*": False}
    assert not decide(asking(), identity=[document]).allowed


def test_not_action_and_not_resource_exclude() -> None:
    others = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"}
    assert decide(asking(), identity=[policy(others)]).allowed
    assert not decide(asking(action="iam:CreateUser"), identity=[policy(others)]).allowed
