"""Operators, variables and comparisons of conditions, at their edges. Source: aws-facts 1.1, 1.2."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cci_lite.aws.policy.conditions import Scope, UnsupportedCondition, filled, holds, matches

TENANT = "${aws:PrincipalTag/tenant}"


def scope(*, variables: bool = True, **values: Any) -> Scope:
    return Scope.of({"aws:PrincipalTag/tenant": "acme", **values}, variables=variables)


def asked(operator: str, wanted: str, given: str | frozenset[str] | None, **more: Any) -> bool:
    known = scope(**({} if given is None else {"Some:Key": given}), **more)
    return holds((operator, "some:key", frozenset({wanted})), known)


@pytest.mark.parametrize(
    ("operator", "wanted", "given"),
    [
        ("StringEquals", TENANT, "acme"),
        ("StringEquals", f"{TENANT}-x", "acme-x"),
        ("StringEquals", f"a-{TENANT}-b-{TENANT}-c", "a-acme-b-acme-c"),
        ("StringEqualsIgnoreCase", f"{TENANT}-X", "ACME-x"),
        ("StringLike", f"*{TENANT}/*", "x/acme/y"),
        ("ArnLike", f"arn:aws:s3:::b/{TENANT}/*", "arn:aws:s3:::b/acme/x"),
        ("ArnEquals", "arn:aws:sns:*:111122223333:a:b", "arn:aws:sns:eu-central-1:111122223333:a:b"),
        ("ArnLike", "arn:aws:sns:*:*:topic:*:end", "arn:aws:sns:eu-central-1:111122223333:topic:1:2:end"),
    ],
)
def test_a_value_that_matches_once_the_variables_are_filled_in(operator: str, wanted: str, given: str) -> None:
    assert asked(operator, wanted, given)


@pytest.mark.parametrize(
    ("operator", "wanted", "given"),
    [
        ("StringEquals", TENANT, TENANT),
        ("StringEquals", f"x-{TENANT}", "acme"),
        ("StringEqualsIgnoreCase", "a*", "ab"),
        ("StringEqualsIgnoreCase", f"{TENANT}*", "acme-x"),
        ("StringLike", f"{TENANT}/*", "other/x"),
        ("ArnLike", "arn:aws:*", "arn:aws:s3:::b"),
        ("ArnLike", "arn:aws:s3:::b", "arn:aws"),
        ("ArnLike", "arn:aws:s3:::b", "arn:aws:s3:::c"),
        ("ArnLike", f"arn:aws:s3:::{TENANT}", "arn:aws:s3:::other"),
        ("ArnLike", "arn:aws:s3:::b", "urn:aws:s3:::b"),
    ],
)
def test_a_value_that_does_not_match_even_so(operator: str, wanted: str, given: str) -> None:
    assert not asked(operator, wanted, given)


def test_variables_are_plain_text_in_the_old_version() -> None:
    old = scope(variables=False, **{"Some:Key": TENANT})
    assert holds(("StringEquals", "some:key", frozenset({TENANT})), old)
    assert not holds(("StringEquals", "some:key", frozenset({TENANT})), scope(**{"Some:Key": TENANT}))


def test_wildcards_count_between_variables_and_only_where_they_mean_something() -> None:
    assert matches(f"a*{TENANT}?", "a-x-acme!", scope())
    assert not matches(f"a*{TENANT}?", "a-x-acme!", scope(), wild=False)
    assert matches(f"a*{TENANT}?", "a*acme?", scope(), wild=False)
    assert not matches(f"*{TENANT}", "Xacme", Scope.of({"aws:PrincipalTag/tenant": "*"}))
    assert not matches("abc", "ABC") and matches("abc", "ABC", fold=True)


def test_a_variable_that_is_absent_matches_nothing_unless_it_has_a_default() -> None:
    absent = Scope.of({})
    assert not matches(f"*{TENANT}*", "x", absent)
    with_default = "${aws:PrincipalTag/tenant, 'nobody'}"
    assert matches(f"home/{with_default}", "home/nobody", absent)
    assert matches(f"home/{with_default}", "home/acme", scope())
    assert filled(f"home/{with_default}", absent) == "home/nobody"


def test_the_three_signs_can_be_written_as_variables() -> None:
    assert matches("${*}-${?}-${$}", "*-?-$", Scope.of({}))
    assert not matches("${*}", "x", Scope.of({}))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a*", r"\$\{aws:PrincipalTag/tenant\} in home/\$\{aws:PrincipalTag/tenant\} is a\*"),
        ("a?", r"is a\?"),
        (None, "is None"),
    ],
)
def test_a_text_cannot_be_filled_in_with_what_is_absent_or_holds_wildcards(value: str | None, message: str) -> None:
    known = Scope.of({} if value is None else {"aws:PrincipalTag/tenant": value})
    with pytest.raises(UnsupportedCondition, match=message):
        filled(f"home/{TENANT}", known)


def test_a_text_is_filled_in_only_where_variables_count() -> None:
    assert filled(f"home/{TENANT}/*", scope()) == "home/acme/*"
    assert filled(f"home/{TENANT}/*", scope(variables=False)) == f"home/{TENANT}/*"


def test_a_variable_of_several_values_is_an_error_that_counts_them() -> None:
    several = Scope.of({"aws:PrincipalTag/tenant": frozenset({"a", "b", "c"})})
    with pytest.raises(UnsupportedCondition, match=r"^policy variable aws:PrincipalTag/tenant has 3 values$"):
        several.variable("aws:PrincipalTag/tenant", None)


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        ("IpAddress", "operator IpAddress on some:key"),
        ("ForAnyValue:Null", "operator ForAnyValue:Null on some:key"),
        ("NullIfExists", "operator NullIfExists on some:key"),
        ("not an operator", "operator not an operator on some:key"),
    ],
)
def test_an_operator_that_is_not_known_names_itself_and_the_key(operator: str, message: str) -> None:
    with pytest.raises(UnsupportedCondition) as caught:
        asked(operator, "x", "x")
    assert str(caught.value) == message


def test_several_values_without_a_set_operator_are_counted() -> None:
    with pytest.raises(UnsupportedCondition) as caught:
        asked("StringEquals", "x", frozenset({"x", "y"}))
    assert str(caught.value) == "StringEquals on some:key: 2 values need a set operator"


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("Equals", False, True, False),
        ("NotEquals", True, False, True),
        ("LessThan", True, False, False),
        ("LessThanEquals", True, True, False),
        ("GreaterThan", False, False, True),
        ("GreaterThanEquals", False, True, True),
    ],
)
def test_numbers_and_dates_are_compared_by_size(operator: str, below: bool, same: bool, above: bool) -> None:
    numbers = [asked(f"Numeric{operator}", "10", each) for each in ("9.5", "10.0", "10.5")]
    days = ("2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z", "2026-01-02T00:00:01+00:00")
    dates = [asked(f"Date{operator}", "2026-01-02", each) for each in days]
    assert numbers == dates == [below, same, above]


@pytest.mark.parametrize(("wanted", "given"), [("10", "ten"), ("ten", "10"), ("ten", "ten")])
def test_what_is_no_number_and_no_date_meets_nothing(wanted: str, given: str) -> None:
    for operator in ("NumericEquals", "NumericLessThan", "NumericGreaterThanEquals", "DateEquals", "DateLessThan"):
        assert not asked(operator, wanted, given)


def test_a_date_may_be_seconds_and_may_name_its_zone() -> None:
    assert asked("DateEquals", "1767312000", "2026-01-02T00:00:00Z")
    assert asked("DateEquals", "2026-01-02T01:00:00+01:00", "2026-01-02T00:00:00Z")
    assert asked("DateEquals", "2026-01-02T00:00:00", "2026-01-02T00:00:00Z")


def test_a_date_without_a_zone_is_utc_wherever_the_proof_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert asked("DateEquals", "2026-01-02T00:00:00", "2026-01-02T00:00:00Z")
    time.tzset()


@pytest.mark.parametrize(
    ("operator", "given", "expected"),
    [
        ("ForAllValues:StringLike", frozenset({"xa", "xb"}), True),
        ("ForAllValues:StringLike", frozenset({"xa", "b"}), False),
        ("ForAnyValue:StringLike", frozenset({"xa", "b"}), True),
        ("ForAnyValue:StringLike", frozenset({"a", "b"}), False),
        ("ForAnyValue:StringLike", None, False),
        ("ForAnyValue:StringLikeIfExists", None, True),
        ("ForAllValues:StringNotLike", frozenset({"a", "b"}), True),
        ("ForAllValues:StringNotLike", frozenset({"xa", "b"}), False),
    ],
)
def test_set_operators(operator: str, given: frozenset[str] | None, expected: bool) -> None:
    assert asked(operator, "x*", given) is expected
