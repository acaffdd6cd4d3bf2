"""All requests that a set of policies can tell apart. Imports only its neighbours; no AWS.

A decision asks a request finitely many questions: does its action, resource or context value match this text of a
policy, and is this key there? `World` yields a request for every combination of answers that is possible (see cells).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from cci_lite.aws.policy.cells import witnesses
from cci_lite.aws.policy.conditions import Context, Scope, UnsupportedCondition, filled
from cci_lite.aws.policy.document import PolicyDocument, Statement
from cci_lite.aws.policy.evaluate import Decision, Request, decide

#: Never absent: S3 sends the first with every direct request (aws-facts 1.5), IAM the others. The latter take every
#: value with every caller: more requests than there can be, so that nothing is overlooked.
ALWAYS = frozenset({"aws:securetransport", "aws:principalarn", "aws:principalaccount"})
_TRUTH = frozenset({"aws:securetransport"})
ADMINISTRATOR = PolicyDocument.parse(
    {"Version": "2012-10-17", "Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}
)
_FINITE = frozenset({"StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "Bool", "Null"})
_OTHER_ACCOUNT = "444455556666"


@dataclass(frozen=True)
class Actor:
    """Somebody who calls, and what their own policies say."""

    arn: str
    identity: tuple[PolicyDocument, ...] = ()


@dataclass(frozen=True)
class World:
    """policy: whose texts are told apart; texts of the claim come in as `actions`, `resources` and `keys` (patterns);
    examples: readable texts to use where they fit; fixed: context that is the same for all requests.
    """

    policy: PolicyDocument
    account: str
    actors: tuple[Actor, ...]
    actions: frozenset[str]
    resources: frozenset[str]
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    fixed: Context = field(default_factory=dict)
    attached: bool = True

    def requests(self) -> Iterator[tuple[Actor, Request]]:
        """Every distinguishable request. Raises UnsupportedCondition where the questions are not finitely many."""
        keys = {key: self._values(key) for key in sorted(self._keys())}
        for actor, action, resource, values in product(
            self.actors, self._actions(), self._resources(), product(*keys.values())
        ):
            given = {key: value for key, value in zip(keys, values, strict=True) if value is not None}
            yield actor, Request(actor.arn, self.account, action, resource, {**self.fixed, **given})

    def decide(self, actor: Actor, request: Request) -> Decision:
        """attached: the policy is the resource's own; otherwise it is the caller's."""
        if self.attached:
            return decide(request, identity=actor.identity, resource=(self.policy,))
        return decide(request, identity=(*actor.identity, self.policy))

    @property
    def _scope(self) -> Scope:
        return Scope.of(self.fixed, variables=self.policy.rest.get("Version") == "2012-10-17")

    def _actions(self) -> tuple[str, ...]:
        patterns = {each.lower() for each in self.actions}
        for each in self.policy.statements:
            patterns |= each.actions | each.not_actions
        written = {each.lower(): each for each in self.examples}
        return tuple(written.get(each, each) for each in witnesses(patterns, tuple(written)))

    def _resources(self) -> tuple[str, ...]:
        patterns = set(self.resources)
        for each in self.policy.statements:
            patterns |= {filled(text, self._scope) for text in each.resources | each.not_resources}
        return witnesses(patterns, self.examples)

    def _keys(self) -> frozenset[str]:
        asked = {key for each in self.policy.statements for _, key, _ in each.conditions}
        return frozenset(asked | set(self.keys)) - {key.lower() for key in self.fixed}

    def _values(self, key: str) -> tuple[str | None, ...]:
        """Absent, and one value for every way to match the policy's texts."""
        conditions = [
            (operator, values)
            for each in self.policy.statements
            for operator, asked, values in each.conditions
            if asked == key
        ]
        patterns = set(self.keys.get(key, frozenset()))
        for operator, values in conditions:
            patterns |= self._patterns(operator, key, values)
        names = {operator.removesuffix("IfExists") for operator, _ in conditions} - {"Null"}
        truth = key in _TRUTH or names == {"Bool"}
        present = ("false", "true") if truth else witnesses(patterns, self.examples)
        return present if key in ALWAYS else (None, *present)

    def _patterns(self, operator: str, key: str, values: frozenset[str]) -> frozenset[str]:
        name = operator.removesuffix("IfExists")
        if name not in _FINITE:
            raise UnsupportedCondition(f"no proof over {operator} on {key}")
        texts = frozenset() if name == "Null" else frozenset(filled(each, self._scope) for each in values)
        if name in ("StringEquals", "StringNotEquals") and any(set(each) & {"*", "?"} for each in texts):
            raise UnsupportedCondition(f"no proof over {operator} on {key} with a literal wildcard")
        return texts


def actors(policy: PolicyDocument, account: str) -> tuple[Actor, ...]:
    """An administrator, somebody without rights and a stranger of another account; everybody named, with and
    without rights of their own."""
    people = {f"arn:aws:iam::{account}:user/somebody", f"arn:aws:iam::{_OTHER_ACCOUNT}:user/stranger"}
    services = set()
    for each in policy.statements:
        people |= {value for kind, value in _named(each) if kind == "AWS"}
        services |= {value for kind, value in _named(each) if kind == "Service"}
    rights: tuple[tuple[PolicyDocument, ...], ...] = ((ADMINISTRATOR,), ())
    callers = [Actor(arn, each) for each in rights for arn in sorted(people)]
    return (*callers, *(Actor(name) for name in sorted(services)))


def _named(each: Statement) -> Collection[tuple[str, str]]:
    return each.principals | each.not_principals
