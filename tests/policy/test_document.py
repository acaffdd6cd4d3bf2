from __future__ import annotations

import json

import pytest

from cci_lite.aws.policy import (
    PolicyDocument,
    Statement,
    dead_principals,
    with_statement,
    without,
    without_dead_principals,
)

ROOT = "arn:aws:iam::111122223333:root"


def said(**changes: object) -> dict[str, object]:
    return {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **changes}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": "s3:GetObject"}, {"Action": ["S3:getobject"]}),
        ({"Action": ["a:B", "a:C"]}, {"Action": ["a:C", "a:B"]}),
        ({"Principal": {"AWS": "111122223333"}}, {"Principal": {"AWS": [ROOT]}}),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}),
        ({"Condition": {"Bool": {"k": True}}}, {"Condition": {"Bool": {"K": ["true"]}}}),
    ],
)
def test_statements_are_equal_when_they_mean_the_same(one: dict[str, object], other: dict[str, object]) -> None:
    assert Statement.parse(said(**one)) == Statement.parse(said(**other))


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Deny"},
        {"Resource": "arn:aws:s3:::B"},
        {"Condition": {"Bool": {"k": "false"}}},
        {"Action": "s3:PutObject"},
        {"Principal": {"AWS": ROOT}},
        {"Sid": "Other"},
    ],
)
def test_statements_differ_when_any_part_does(change: dict[str, object]) -> None:
    assert Statement.parse(said()) != Statement.parse(said(**change))


def test_the_order_of_statements_means_nothing() -> None:
    forth, back = [said(), said(Sid="B")], [said(Sid="B"), said()]
    assert PolicyDocument.parse({"Statement": forth}) == PolicyDocument.parse(json.dumps({"Statement": back}))
    assert PolicyDocument.parse({"Statement": said()}) == PolicyDocument.parse({"Statement": [said()]})


def test_foreign_statements_are_written_back_as_they_came() -> None:
    foreign = said(Sid="Theirs", Action=["S3:GetObject"], Principal={"AWS": "111122223333"})
    anonymous = {"Effect": "Deny", "Action": "s3:*", "Resource": ["*"], "Principal": "*"}
    policy = PolicyDocument.parse({"Version": "2008-10-17", "Id": "x", "Statement": [foreign, anonymous]})
    ours = Statement.parse(said(Sid="Ours"))
    changed = with_statement(with_statement(policy, ours), Statement.parse(said(Sid="Ours", Effect="Deny")))
    assert changed.to_dict() == {
        "Version": "2008-10-17",
        "Id": "x",
        "Statement": [foreign, anonymous, said(Sid="Ours", Effect="Deny")],
    }
    assert without(changed, "Ours").to_dict() == policy.to_dict()
    assert changed.statement("Ours") is not None
    assert policy.statement("Ours") is None


def test_ids_of_deleted_principals_are_found_and_dropped() -> None:
    role = "arn:aws:iam::111122223333:role/living"
    dead = {"AWS": ["AROAEXAMPLE1234567890", role]}
    policy = PolicyDocument.parse(
        {"Statement": [said(Principal=dead), said(Sid="Gone", Principal={"AWS": "AIDAEXAMPLE123"})]}
    )
    assert dead_principals(policy) == {"AROAEXAMPLE1234567890", "AIDAEXAMPLE123"}
    assert without_dead_principals(policy) == PolicyDocument.parse({"Statement": said(Principal={"AWS": role})})
