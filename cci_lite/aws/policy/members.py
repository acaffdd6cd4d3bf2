"""Who has a right in a policy that others write as well: joining and leaving its statement. Pure values.

A statement of the expected Sid that says something else is somebody's own. It stays as it is, and ours stands beside it
under a Sid of our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cci_lite.aws.policy.document import PolicyDocument, Statement, listed, with_statement, without


@dataclass(frozen=True)
class Right:
    """sid: the statement's usual name; own_sid: ours, where that one is taken. Resource is always the policy's own."""

    sid: str
    own_sid: str
    actions: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=dict)

    def members(self, policy: PolicyDocument) -> frozenset[str]:
        """AWS principals that have the right, whole and under its own condition only."""
        return frozenset(each for home in self._statements(policy) if self._grants(home) for each in _named(home))

    def mentioned(self, policy: PolicyDocument) -> frozenset[str]:
        """AWS principals of statements with these Sids, whatever they say."""
        return frozenset(each for home in self._statements(policy) for each in _named(home))

    def joined(self, policy: PolicyDocument, principal: str) -> PolicyDocument:
        """`policy` in which `principal` has the right as well."""
        if principal in self.members(policy):
            return policy
        there = policy.statement(self.sid)
        if there is None or self._grants(there):
            return with_statement(policy, _with(there, principal) if there else self._written(self.sid, principal))
        beside = policy.statement(self.own_sid)
        keeps = beside is not None and self._grants(beside)
        ours = _with(beside, principal) if beside and keeps else self._written(self.own_sid, principal)
        return with_statement(policy, ours)

    def left(self, policy: PolicyDocument, principal: str) -> PolicyDocument:
        """`policy` without `principal` in these statements; one that names nobody any more goes too."""
        for each in self._statements(policy):
            if principal in _named(each):
                rest = _without(each, principal)
                policy = with_statement(policy, rest) if rest else without(policy, each.sid)
        return policy

    @cached_property
    def _terms(self) -> Statement:
        return _terms(self._written("", "arn:aws:iam::111122223333:root"))

    def _grants(self, statement: Statement) -> bool:
        return isinstance(statement.raw.get("Principal"), Mapping) and _terms(statement) == self._terms

    def _statements(self, policy: PolicyDocument) -> list[Statement]:
        return [each for sid in (self.sid, self.own_sid) if (each := policy.statement(sid))]

    def _written(self, sid: str, principal: str) -> Statement:
        written: dict[str, Any] = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": [principal]},
            "Action": list(self.actions),
            "Resource": "*",
        }
        return Statement.parse({**written, **({"Condition": dict(self.condition)} if self.condition else {})})


def _terms(statement: Statement) -> Statement:
    """What a statement says, whoever is named in it."""
    return replace(statement, sid="", principals=frozenset())


def _named(statement: Statement) -> frozenset[str]:
    return frozenset(value for kind, value in statement.principals if kind == "AWS")


def _with(statement: Statement, principal: str) -> Statement:
    given = statement.raw["Principal"]
    return Statement.parse({**statement.raw, "Principal": {**given, "AWS": [*listed(given.get("AWS")), principal]}})


def _without(statement: Statement, principal: str) -> Statement | None:
    given: Mapping[str, Any] = statement.raw["Principal"]  # who is named as AWS is named in a mapping
    aws = [each for each in listed(given.get("AWS")) if each != principal]
    rest = {**{kind: values for kind, values in given.items() if kind != "AWS"}, **({"AWS": aws} if aws else {})}
    return Statement.parse({**statement.raw, "Principal": rest}) if rest else None
