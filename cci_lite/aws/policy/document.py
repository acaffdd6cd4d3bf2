"""IAM policies as values that compare by meaning. May import the standard library only.

AWS gives policies back in other words than it took them: reordered, single-element lists as strings, an account's
number as its root ARN (aws-facts 3.3). Statements keep the text they were read from, so that what is not ours is
written back as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_DEAD = re.compile(r"^(AIDA|AROA)[A-Z0-9]+$")
_ACCOUNT = re.compile(r"^\d{12}$")
#: Everybody, however it is written.
ANYBODY = ("*", "*")

Condition = tuple[str, str, frozenset[str]]


@dataclass(frozen=True)
class Statement:
    """One statement, in canonical form. `raw` is the text it came from and takes no part in comparisons.

    principals: (type, value) pairs; actions in lower case; conditions: (operator, key in lower case, values).
    """

    sid: str
    effect: str
    principals: frozenset[tuple[str, str]]
    not_principals: frozenset[tuple[str, str]]
    actions: frozenset[str]
    not_actions: frozenset[str]
    resources: frozenset[str]
    not_resources: frozenset[str]
    conditions: frozenset[Condition]
    raw: Mapping[str, Any] = field(compare=False, repr=False, default_factory=dict)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Statement:
        """From AWS's JSON form. Raises KeyError when Effect is missing."""
        return cls(
            str(raw.get("Sid", "")),
            str(raw["Effect"]),
            _principals(raw.get("Principal")),
            _principals(raw.get("NotPrincipal")),
            frozenset(each.lower() for each in listed(raw.get("Action"))),
            frozenset(each.lower() for each in listed(raw.get("NotAction"))),
            frozenset(listed(raw.get("Resource"))),
            frozenset(listed(raw.get("NotResource"))),
            _conditions(raw.get("Condition", {})),
            raw,
        )


@dataclass(frozen=True, eq=False)
class PolicyDocument:
    """A whole policy. Two are equal when they say the same, in whatever order. rest: Version, Id."""

    statements: tuple[Statement, ...]
    rest: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, policy: str | Mapping[str, Any]) -> PolicyDocument:
        """From JSON text or its parsed form."""
        raw: Mapping[str, Any] = json.loads(policy) if isinstance(policy, str) else policy
        given = raw.get("Statement", [])
        statements = [given] if isinstance(given, Mapping) else given
        rest = {key: value for key, value in raw.items() if key != "Statement"}
        return cls(tuple(Statement.parse(each) for each in statements), rest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicyDocument) and frozenset(self.statements) == frozenset(other.statements)

    def __hash__(self) -> int:
        return hash(frozenset(self.statements))

    @property
    def empty(self) -> bool:
        return not self.statements

    def statement(self, sid: str) -> Statement | None:
        return next((each for each in self.statements if each.sid == sid), None)

    def to_dict(self) -> dict[str, Any]:
        """AWS's form, statements in the order they came."""
        return {"Version": "2012-10-17", **self.rest, "Statement": [dict(each.raw) for each in self.statements]}

    def to_json(self) -> str:
        return json.dumps(self.to_dict())


EMPTY = PolicyDocument(())


def with_statement(policy: PolicyDocument, wanted: Statement) -> PolicyDocument:
    """`wanted` in the place of the statement with its Sid, or at the end; all others untouched."""
    if policy.statement(wanted.sid) is None:
        return PolicyDocument((*policy.statements, wanted), policy.rest)
    swapped = tuple(wanted if each.sid == wanted.sid else each for each in policy.statements)
    return PolicyDocument(swapped, policy.rest)


def without(policy: PolicyDocument, sid: str) -> PolicyDocument:
    """All statements but that one."""
    return PolicyDocument(tuple(each for each in policy.statements if each.sid != sid), policy.rest)


def dead_principals(policy: PolicyDocument) -> frozenset[str]:
    """Unique ids that AWS left where a deleted user or role was named (aws-facts 3.3)."""
    named = (value for each in policy.statements for _, value in each.principals | each.not_principals)
    return frozenset(value for value in named if _DEAD.match(value))


def without_dead_principals(policy: PolicyDocument) -> PolicyDocument:
    """The same policy without them; a statement that named nobody else allowed nobody, and goes too."""
    living = (_living(each) for each in policy.statements)
    return PolicyDocument(tuple(each for each in living if each is not None), policy.rest)


def _living(each: Statement) -> Statement | None:
    if not any(_DEAD.match(value) for _, value in each.principals):
        return each
    principal = {
        kind: [value for value in listed(values) if not _DEAD.match(value)]
        for kind, values in each.raw["Principal"].items()
    }
    left = {kind: values for kind, values in principal.items() if values}
    return Statement.parse({**each.raw, "Principal": left}) if left else None


def listed(value: Any) -> list[str]:
    """One value or several, as several."""
    if value is None:
        return []
    values: Iterable[Any] = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [_text(each) for each in values]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _principals(given: Any) -> frozenset[tuple[str, str]]:
    if given is None:
        return frozenset()
    if isinstance(given, str):
        return frozenset({ANYBODY if given == "*" else ("AWS", given)})
    return frozenset(_principal(kind, value) for kind, values in given.items() for value in listed(values))


def _principal(kind: str, value: str) -> tuple[str, str]:
    if kind == "AWS" and value == "*":
        return ANYBODY
    if kind == "AWS" and _ACCOUNT.match(value):
        return ("AWS", f"arn:aws:iam::{value}:root")
    return (kind, value)


def _conditions(given: Mapping[str, Mapping[str, Any]]) -> frozenset[Condition]:
    return frozenset(
        (operator, key.lower(), frozenset(listed(values)))
        for operator, tests in given.items()
        for key, values in tests.items()
    )
