"""One principal in a key's policy, as administrator or as user: the console's "Key administrators" and "Key users".

Source: aws-facts 3.1 to 3.4. Everything else in the policy stays. Principals that were deleted are left in a policy
as unique ids, and KMS refuses to take such a policy again, so that they are dropped whenever it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.policy import (
    PolicyDocument,
    Statement,
    dead_principals,
    with_statement,
    without,
    without_dead_principals,
)
from cci_lite.aws.propagation import KMS_PRINCIPAL, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.engine.values import holds_unknown
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

_ADMINISTER = (
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
)
_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
_GRANT = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")
_FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}

#: The console's own statements, so that its pages show what was done here: Sid -> (actions, condition).
ADMINISTRATORS: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "Allow access for Key Administrators": (_ADMINISTER, {})
}
USERS: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "Allow use of the key": (_USE, {}),
    "Allow attachment of persistent resources": (_GRANT, _FOR_AWS),
}


class KmsKeyAdministratorSettings(Settings):
    """principal: `user/NAME` or `role/NAME` of the account; unset, whoever runs first, and nobody after them."""

    key: Annotated[str, Refers(("kms_key",), facts=True)]
    principal: Annotated[str, Field(pattern="^(user|role)/.+$")] | None = None


class KmsKeyUserSettings(Settings):
    """role: the step of the role that may encrypt and decrypt."""

    key: Annotated[str, Refers(("kms_key",), facts=True)]
    role: Annotated[str, Refers(("iam_role",), facts=True)]


@dataclass(frozen=True)
class KmsKeyMemberSpec:
    """key: whose policy (never differs); statements: Sid -> who is named there for our sake; deleted: ids, in these
    statements, of principals that no longer exist."""

    key: str
    statements: Mapping[str, str]
    deleted: frozenset[str]


@dataclass(frozen=True)
class KmsKeyMember:
    meta: Meta
    cloud: Cloud
    key: str
    key_name: str
    sids: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]]
    role: str = ""
    principal: str = ""

    @property
    def traits(self) -> Traits:
        guards = "" if self.role else self.key
        return Traits(document=f"key policy {self.key_name}", shared=True, settle_reads=2, settle_s=600, guards=guards)

    def desired(self, known: Known) -> KmsKeyMemberSpec:
        key = known.fact(self.key, "arn")
        return KmsKeyMemberSpec(key, dict.fromkeys(self.sids, self._principal(known)), frozenset())

    def observe(self, known: Known) -> Observed | None:
        """With no principal named in the runbook, any living one will do: a second operator changes nothing."""
        key = known.fact(self.key, "arn")
        policy = None if holds_unknown(key) else self._policy(key)
        if policy is None:
            return None
        wanted, dead = self._principal(known), dead_principals(policy)
        named = {sid: self._named(policy, sid, wanted) for sid in self.sids}
        deleted = frozenset(dead & {each for sid in self.sids for each in _members(policy, sid)})
        if not any(named.values()) and not deleted:
            return None
        return Observed(KmsKeyMemberSpec(key, {sid: wanted if named[sid] else "" for sid in self.sids}, deleted))

    def apply(self, want: KmsKeyMemberSpec, have: Observed | None, changes: Changes) -> None:
        self.apply_jointly([(self, want)])

    def apply_jointly(self, due: Sequence[tuple[Any, KmsKeyMemberSpec]]) -> None:
        """Administrators and users in one write: of two, the second could read the policy without the first."""

        def change(policy: PolicyDocument) -> PolicyDocument:
            for step, want in due:
                policy = step.joined(policy, want.statements)
            return policy

        self._rewrite(due[0][1].key, change)

    def joined(self, policy: PolicyDocument, statements: Mapping[str, str]) -> PolicyDocument:
        """`policy` with each principal in its statement, whoever else is in it."""
        for sid, principal in statements.items():
            if not self._named(policy, sid, principal):
                policy = with_statement(policy, self._statement(sid, _members(policy, sid) | {principal}))
        return policy

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: "Key users". An ARN, not the id of something deleted, in each of the console's statements."""
        policy = self._policy(known.fact(self.key, "arn")) or EMPTY
        for sid in self.sids:
            names = ", ".join(sorted(_members(policy, sid))) or "nobody"
            named = self._named(policy, sid, self._principal(known))
            yield check(self, sid.replace(" ", "-").lower(), named, f"{sid}: {names}")

    def remove(self, have: Observed, known: Known) -> None:
        wanted = self._principal(known)
        self._rewrite(have.spec.key, lambda policy: self._without(policy, wanted))

    def _principal(self, known: Known) -> str:
        if self.role:
            return known.fact(self.role, "arn")
        return self.cloud.site.principal_arn(self.principal or "caller")

    def _named(self, policy: PolicyDocument, sid: str, wanted: str) -> bool:
        living = _members(policy, sid) - dead_principals(policy)
        anybody = not self.principal and not self.role
        return wanted in living or (anybody and bool(living))

    def _without(self, policy: PolicyDocument, principal: str) -> PolicyDocument:
        for sid in self.sids:
            left = _members(policy, sid) - {principal}
            policy = with_statement(policy, self._statement(sid, left)) if left else without(policy, sid)
        return policy

    def _statement(self, sid: str, members: set[str]) -> Statement:
        actions, condition = self.sids[sid]
        written: dict[str, Any] = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": sorted(members)},
            "Action": list(actions),
            "Resource": "*",
        }
        return Statement.parse({**written, **({"Condition": dict(condition)} if condition else {})})

    def _policy(self, key: str) -> PolicyDocument | None:
        found = self.cloud.find("kms", "get_key_policy", KeyId=key, PolicyName="default")
        return PolicyDocument.parse(found["Policy"]) if found else None

    def _rewrite(self, key: str, change: Callable[[PolicyDocument], PolicyDocument]) -> None:
        """Read right before it is written. The account's own statement is never touched, or the key is locked."""
        policy = change(without_dead_principals(self._policy(key) or EMPTY))

        def put() -> None:
            self.cloud.write("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=policy.to_json())

        propagated(self.cloud, put, KMS_PRINCIPAL)


EMPTY = PolicyDocument.parse({"Version": "2012-10-17", "Statement": []})


def _members(policy: PolicyDocument, sid: str) -> set[str]:
    """AWS principals of one statement; none when the statement is absent."""
    statement = policy.statement(sid)
    return {value for kind, value in statement.principals if kind == "AWS"} if statement else set()


def administrator(meta: Meta, settings: KmsKeyAdministratorSettings, context: Context) -> KmsKeyMember:
    alias = context.settings[settings.key].alias
    principal = settings.principal or ""
    return KmsKeyMember(meta, context.cloud, settings.key, alias, ADMINISTRATORS, principal=principal)


def user(meta: Meta, settings: KmsKeyUserSettings, context: Context) -> KmsKeyMember:
    alias = context.settings[settings.key].alias
    return KmsKeyMember(meta, context.cloud, settings.key, alias, USERS, role=settings.role)
