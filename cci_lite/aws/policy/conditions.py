"""Condition operators of IAM policies, with AWS's answers for absent keys. Imports the standard library and document.

Source: aws-facts 1.1, 1.2 (IAM: condition operators, single- and multi-valued keys, policy variables). An operator
that is not in the table is an error: one that were ignored could turn a Deny into nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from cci_lite.aws.policy.document import Condition

Context = Mapping[str, frozenset[str] | str]
Test = Callable[[str, str, "Scope"], bool]

_VARIABLE = re.compile(r"\$\{([^},]+)(?:,\s*'([^']*)')?\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}
_OPERATOR = re.compile(r"^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$")


class UnsupportedCondition(ValueError):
    """A condition whose meaning is not known here; the message names the operator and key."""


@dataclass(frozen=True)
class Scope:
    """Where a policy's texts are read: keys of the request in lower case; variables: off in Version 2008-10-17."""

    values: Mapping[str, frozenset[str]]
    variables: bool = True

    @classmethod
    def of(cls, context: Context, *, variables: bool = True) -> Scope:
        return cls({key.lower(): _several(value) for key, value in context.items()}, variables)

    def variable(self, name: str, default: str | None) -> str | None:
        """Its value; the default for an absent one. Raises UnsupportedCondition for a key of several values."""
        if name in _LITERALS:
            return _LITERALS[name]
        found = self.values.get(name.strip().lower())
        if found is None:
            return default
        if len(found) != 1:
            raise UnsupportedCondition(f"policy variable {name} has {len(found)} values")
        return next(iter(found))


def matches(pattern: str, value: str, scope: Scope | None = None, *, wild: bool = True, fold: bool = False) -> bool:
    """Whether a policy's text matches, its variables filled in; a text with an absent variable matches nothing.

    wild: `*` and `?` are wildcards (those that come out of a variable are not); fold: case makes no difference.
    """
    expression = _expression(pattern, scope, wild)
    return expression is not None and _compiled(expression, fold).fullmatch(value) is not None


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether one (operator, key, values) is true. Raises UnsupportedCondition for what is not known here."""
    operator, key, wanted = condition
    qualifier, name, if_exists = _parts(operator, key)
    given = scope.values.get(key)
    if name == "Null":
        return any((given is None) == (each.lower() == "true") for each in wanted)
    negated = name in NEGATED
    if given is None:
        return bool(if_exists) or qualifier == "ForAllValues" or (negated and not qualifier)
    answers = [_answer(name, value, wanted, scope) for value in given]
    if qualifier == "ForAllValues":
        return all(answers)
    if not qualifier and len(answers) != 1:
        raise UnsupportedCondition(f"{operator} on {key}: {len(answers)} values need a set operator")
    return any(answers)


def _parts(operator: str, key: str) -> tuple[str, str, str]:
    found = _OPERATOR.match(operator)
    qualifier, name, if_exists = (found.groups(default="")) if found else ("", operator, "")
    if name != "Null" and name not in TESTS and name not in NEGATED:
        raise UnsupportedCondition(f"operator {operator} on {key}")
    if name == "Null" and (qualifier or if_exists):
        raise UnsupportedCondition(f"operator {operator} on {key}")
    return qualifier, name, if_exists


def _answer(name: str, value: str, wanted: frozenset[str], scope: Scope) -> bool:
    """Values of a policy are ORed; behind a negated operator, NORed."""
    test = TESTS[NEGATED.get(name, name)]
    found = any(test(value, each, scope) for each in wanted)
    return found != (name in NEGATED)


def _several(value: frozenset[str] | str) -> frozenset[str]:
    return frozenset({value}) if isinstance(value, str) else value


def filled(pattern: str, scope: Scope) -> str:
    """The text with its variables replaced. Raises UnsupportedCondition for absent ones, and values with wildcards."""

    def value(found: re.Match[str]) -> str:
        text = scope.variable(found[1], found[2])
        if text is None or "*" in text or "?" in text:
            raise UnsupportedCondition(f"{found[0]} in {pattern} is {text}")
        return text

    return _VARIABLE.sub(value, pattern) if scope.variables else pattern


def _expression(pattern: str, scope: Scope | None, wild: bool) -> str | None:
    if scope is None or not scope.variables or "$" not in pattern:
        return _escaped(pattern, wild)
    out, end = "", 0
    for found in _VARIABLE.finditer(pattern):
        value = scope.variable(found[1], found[2])
        if value is None:
            return None
        out += _escaped(pattern[end : found.start()], wild) + re.escape(value)
        end = found.end()
    return out + _escaped(pattern[end:], wild)


@lru_cache(maxsize=4096)
def _escaped(text: str, wild: bool) -> str:
    if not wild:
        return re.escape(text)
    return "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in text)


@lru_cache(maxsize=4096)
def _compiled(expression: str, fold: bool) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if fold else re.NOFLAG))


def _equal(value: str, wanted: str, scope: Scope) -> bool:
    return matches(wanted, value, scope, wild=False)


def _equal_folded(value: str, wanted: str, scope: Scope) -> bool:
    return matches(wanted, value, scope, wild=False, fold=True)


def _like(value: str, wanted: str, scope: Scope) -> bool:
    return matches(wanted, value, scope)


def _arn(value: str, wanted: str, scope: Scope) -> bool:
    """Each of the six parts by itself: a wildcard does not reach over a colon before the resource."""
    pairs = list(zip(value.split(":", 5), _arn_parts(wanted), strict=False))
    return len(pairs) == 6 and all(matches(pattern, part, scope) for part, pattern in pairs)


def _arn_parts(wanted: str) -> list[str]:
    """Colons inside `${...}` belong to the variable's name."""
    hidden = _VARIABLE.sub(lambda found: found[0].replace(":", "\0"), wanted)
    return [part.replace("\0", ":") for part in hidden.split(":", 5)]


def _bool(value: str, wanted: str, _scope: Scope) -> bool:
    return value.lower() == wanted.lower()


def _compared(read: Callable[[str], Decimal | None], accept: frozenset[int]) -> Test:
    """accept: of -1, 0, 1, how the request's value may stand to the policy's. What is no number never matches."""

    def test(value: str, wanted: str, _scope: Scope) -> bool:
        left, right = read(value), read(wanted)
        return left is not None and right is not None and (left > right) - (left < right) in accept

    return test


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _moment(text: str) -> Decimal | None:
    """Seconds since 1970 of an ISO 8601 date (UTC unless it says otherwise) or of the seconds themselves."""
    if _number(text) is not None:
        return _number(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Decimal(str((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


_ORDERS = {
    "Equals": frozenset({0}),
    "LessThan": frozenset({-1}),
    "LessThanEquals": frozenset({-1, 0}),
    "GreaterThan": frozenset({1}),
    "GreaterThanEquals": frozenset({0, 1}),
}

#: Operator -> whether a value of the request meets a value of the policy.
TESTS: Mapping[str, Test] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_folded,
    "StringLike": _like,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": _bool,
    **{f"Numeric{name}": _compared(_number, accept) for name, accept in _ORDERS.items()},
    **{f"Date{name}": _compared(_moment, accept) for name, accept in _ORDERS.items()},
}

#: Negated operator -> the operator whose contrary it is.
NEGATED: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
