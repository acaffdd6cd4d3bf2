"""Whether AWS would allow a request, from the policies alone. Imports only its neighbours document and conditions.

Source: IAM policy evaluation logic; aws-facts 1.1 to 1.3, 3. Boundaries, session policies and organisations' policies
can only take away, and are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cci_lite.aws.policy.conditions import Context, Scope, holds, matches
from cci_lite.aws.policy.document import ANYBODY, PolicyDocument, Statement

_SESSION = re.compile(r"^arn:[^:]+:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")


@dataclass(frozen=True)
class Request:
    """One call. principal_arn: IAM ARN, STS session ARN, or a service's name (`events.amazonaws.com`);
    account: who owns the resource; context: condition key -> value or values. A key left out is absent.
    """

    principal_arn: str
    account: str
    action: str
    resource: str
    context: Context = field(default_factory=dict)

    @property
    def principal_account(self) -> str:
        """Twelve digits; "" for a service."""
        parts = self.principal_arn.split(":")
        return parts[4] if len(parts) > 5 else ""

    def scope(self, policy: PolicyDocument) -> Scope:
        """The context, with the keys that AWS itself fills in from the caller."""
        caller: Mapping[str, str] = {}
        if self.principal_account:
            caller = {"aws:PrincipalArn": self.principal_arn, "aws:PrincipalAccount": self.principal_account}
        variables = policy.rest.get("Version") == "2012-10-17"
        return Scope.of({**caller, **self.context}, variables=variables)


@dataclass(frozen=True)
class Decision:
    """why: explicit-deny, identity-allow, resource-allow, both-allow or no-allow; statement: Sid, "" without one."""

    allowed: bool
    why: str
    statement: str = ""


def decide(
    request: Request, *, identity: Sequence[PolicyDocument] = (), resource: Sequence[PolicyDocument] = ()
) -> Decision:
    """AWS's decision. identity: the caller's policies; resource: those of the thing itself (bucket, key, topic).

    A Deny anywhere wins. In one account either side's Allow is enough; across accounts both must allow. A key policy
    that is given must allow too, by name or by naming the account; without one it is taken to name the account.
    Raises UnsupportedCondition where a statement's condition is not known.
    """
    ours = list(_applying(request, identity))
    theirs = list(_applying(request, resource, _named))
    for each in (*ours, *theirs):
        if each.effect == "Deny":
            return Decision(False, "explicit-deny", each.sid)
    granted = [each for each in theirs if _granted(each, request)]
    return _allowed(request, ours, granted, theirs, keyed=bool(resource) and request.action.startswith("kms:"))


def _allowed(
    request: Request, ours: list[Statement], granted: list[Statement], theirs: list[Statement], *, keyed: bool
) -> Decision:
    """theirs: Allow statements that name the caller or their account; granted: those that name the caller."""
    at_home = request.principal_account in ("", request.account)
    if granted and at_home:
        return Decision(True, "resource-allow", granted[0].sid)
    if ours and at_home and not keyed:
        return Decision(True, "identity-allow", ours[0].sid)
    if ours and theirs:
        return Decision(True, "both-allow", ours[0].sid)
    return Decision(False, "no-allow")


def _anyone(_each: Statement, _request: Request) -> bool:
    return True


def _applying(
    request: Request, policies: Iterable[PolicyDocument], speaks_of: Callable[[Statement, Request], bool] = _anyone
) -> Iterable[Statement]:
    for policy in policies:
        scope = request.scope(policy)
        yield from (each for each in policy.statements if speaks_of(each, request) and applies(each, request, scope))


def applies(each: Statement, request: Request, scope: Scope) -> bool:
    """Whether action, resource and all conditions of a statement fit; who calls is not looked at."""
    if not (_action(each, request.action.lower()) and _resource(each, request.resource, scope)):
        return False
    # Every one is asked, so that an unknown operator is an error whichever of them comes first.
    answers = [holds(condition, scope) for condition in each.conditions]
    return all(answers)


def _action(each: Statement, action: str) -> bool:
    if each.not_actions:
        return not any(matches(pattern, action) for pattern in each.not_actions)
    return any(matches(pattern, action) for pattern in each.actions)


def _resource(each: Statement, arn: str, scope: Scope) -> bool:
    """A trust policy has no Resource: it speaks of the role that it belongs to."""
    if each.not_resources:
        return not any(matches(pattern, arn, scope) for pattern in each.not_resources)
    return not each.resources or any(matches(pattern, arn, scope) for pattern in each.resources)


def _named(each: Statement, request: Request) -> bool:
    """By name, as anybody, or by naming the caller's account."""
    if each.not_principals:
        return not _among(each.not_principals, request)
    return _granted(each, request) or ("AWS", _root(request)) in each.principals


def _granted(each: Statement, request: Request) -> bool:
    """By name or as anybody. Naming the account alone only leaves the decision to its identity policies."""
    if each.not_principals:
        return not _among(each.not_principals, request)
    return _among(each.principals, request)


def _among(principals: frozenset[tuple[str, str]], request: Request) -> bool:
    return ANYBODY in principals or any(
        kind in ("AWS", "Service") and _same(value, request.principal_arn) for kind, value in principals
    )


def _same(named: str, caller: str) -> bool:
    """A statement names a role; calls come from sessions of it."""
    session = _SESSION.match(caller)
    if named == caller or session is None:
        return named == caller
    parts = named.split(":")
    role = len(parts) == 6 and parts[5].startswith("role/") and parts[5].rsplit("/", 1)[-1]
    return role == session["role"] and parts[4] == session["account"]


def _root(request: Request) -> str:
    """The ARN that stands for the caller's whole account; for a service, one that nothing names."""
    partition = request.principal_arn.partition(":")[2].partition(":")[0]
    return f"arn:{partition}:iam::{request.principal_account}:root"
