"""One principal in a key's policy, as administrator or as user: the console's "Key administrators" and "Key users".

Source: aws-facts 3.1 to 3.4. Everything else in the policy stays, also statements of the console's names that say
something else. Principals that were deleted are left in a policy as unique ids, and KMS refuses to take such a policy
again, so that they are dropped whenever it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.policy import EMPTY, PolicyDocument, Right, dead_principals, without_dead_principals
from cci_lite.aws.propagation import KMS_PRINCIPAL, KMS_UNSEEN, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.engine.values import holds_unknown
from cci_lite.steps import forms
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

#: The console's own statements, so that its pages show what was done here.
ADMINISTRATORS = (Right("Allow access for Key Administrators", "CciLite key administrators", _ADMINISTER),)
USERS = (
    Right("Allow use of the key", "CciLite use of the key", _USE),
    Right("Allow attachment of persistent resources", "CciLite persistent resources", _GRANT, _FOR_AWS),
)
_STAY = "administrators stay with the key: whether somebody had made them so before is not known"


class KmsKeyAdministratorSettings(Settings):
    """principal: `user/NAME` or `role/NAME` of the account; unset, whoever runs first, and nobody after them."""

    key: Annotated[str, Refers(("kms_key",), facts=True, whole=True)]
    principal: Annotated[str, forms.form(r"(user|role)/.+", "be user/NAME or role/NAME")] | None = None


class KmsKeyUserSettings(Settings):
    """role: the step of the role that may encrypt and decrypt."""

    key: Annotated[str, Refers(("kms_key",), facts=True, whole=True)]
    role: Annotated[str, Refers(("iam_role",), facts=True)]


@dataclass(frozen=True)
class KmsKeyMemberSpec:
    """key: whose policy (never differs); statements: Sid -> who has that right for our sake; deleted: ids, in these
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
    rights: tuple[Right, ...]
    role: str = ""
    principal: str = ""

    @property
    def traits(self) -> Traits:
        guards = "" if self.role else self.key
        return Traits(document=f"key policy {self.key_name}", shared=True, settle_reads=2, settle_s=600, guards=guards)

    def desired(self, known: Known) -> KmsKeyMemberSpec:
        wanted = self._principal(known)
        return KmsKeyMemberSpec(known.fact(self.key, "arn"), {each.sid: wanted for each in self.rights}, frozenset())

    def observe(self, known: Known) -> Observed | None:
        """With no principal named in the runbook, any living one will do: a second operator changes nothing."""
        key = known.fact(self.key, "arn")
        policy = None if holds_unknown(key) else self._policy(key)
        if policy is None:
            return None
        wanted, dead = self._principal(known), dead_principals(policy)
        named = {each.sid: wanted if self._has(policy, each, wanted) else "" for each in self.rights}
        deleted = frozenset(dead & {name for each in self.rights for name in each.mentioned(policy)})
        if not any(named.values()) and not deleted:
            return None
        return Observed(KmsKeyMemberSpec(key, named, deleted), stays="" if self.role else _STAY)

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
        """`policy` with each principal having its right, whoever else has it."""
        for each in self.rights:
            if not self._has(policy, each, statements[each.sid]):
                policy = each.joined(policy, statements[each.sid])
        return policy

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: "Key users". An ARN, not the id of something deleted, with the whole of the console's rights."""
        policy = self._policy(known.fact(self.key, "arn")) or EMPTY
        for each in self.rights:
            names = ", ".join(sorted(each.members(policy))) or "nobody"
            good = self._has(policy, each, self._principal(known))
            yield check(self, each.sid.replace(" ", "-").lower(), good, f"{each.sid}: {names}")

    def remove(self, have: Observed, known: Known) -> None:
        """The role goes from the key's users, and is gone itself soon; administrators stay."""
        if not self.role:
            return

        def change(policy: PolicyDocument) -> PolicyDocument:
            for each in self.rights:
                policy = each.left(policy, self._principal(known))
            return policy

        self._rewrite(have.spec.key, change)

    def _principal(self, known: Known) -> str:
        if self.role:
            return known.fact(self.role, "arn")
        return self.cloud.site.principal_arn(self.principal or "caller")

    def _has(self, policy: PolicyDocument, right: Right, wanted: str) -> bool:
        living = right.members(policy) - dead_principals(policy)
        anybody = not self.principal and not self.role
        return wanted in living or (anybody and bool(living))

    def _policy(self, key: str) -> PolicyDocument | None:
        found = self.cloud.find("kms", "get_key_policy", KeyId=key, PolicyName="default")
        return PolicyDocument.parse(found["Policy"]) if found else None

    def _rewrite(self, key: str, change: Callable[[PolicyDocument], PolicyDocument]) -> None:
        """The account's own statement is never touched, or the key is locked."""

        def put() -> None:
            """Read anew for every try: others may have joined in the meantime. No policy is never an empty one."""
            found = self.cloud.read("kms", "get_key_policy", KeyId=key, PolicyName="default")
            policy = change(without_dead_principals(PolicyDocument.parse(found["Policy"])))
            self.cloud.write("kms", "put_key_policy", KeyId=key, PolicyName="default", Policy=policy.to_json())

        propagated(self.cloud, put, KMS_PRINCIPAL, KMS_UNSEEN)


def administrator(meta: Meta, settings: KmsKeyAdministratorSettings, context: Context) -> KmsKeyMember:
    alias = context.settings[settings.key].alias
    principal = settings.principal or ""
    return KmsKeyMember(meta, context.cloud, settings.key, alias, ADMINISTRATORS, principal=principal)


def user(meta: Meta, settings: KmsKeyUserSettings, context: Context) -> KmsKeyMember:
    alias = context.settings[settings.key].alias
    return KmsKeyMember(meta, context.cloud, settings.key, alias, USERS, role=settings.role)
