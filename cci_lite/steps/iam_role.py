"""A role that one AWS service may assume. What it may do is another step's business. Source: aws-facts 3.3, 4, 5."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.propagation import IAM_BUSY, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.inline_policy import Inline
from cci_lite.steps.kind import Context, Settings


class IamRoleSettings(Settings):
    """service: the only principal that may assume the role; never_attached: AWS policies that are taken off it;
    of_others: names of policies that may hang on it beside those of the runbook."""

    name: Annotated[str, forms.name("_+=,.@-", 64)]
    service: Annotated[str, forms.form(r"[a-z-]+\.amazonaws\.com", "be a service such as lambda.amazonaws.com")]
    never_attached: tuple[str, ...] = ()
    of_others: tuple[str, ...] = ()


@dataclass(frozen=True)
class IamRoleSpec:
    """too_much: which of the forbidden policies hang on the role."""

    trust: PolicyDocument
    too_much: frozenset[str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class IamRole:
    """expected: names of the policies that may be on the role."""

    meta: Meta
    cloud: Cloud
    settings: IamRoleSettings
    tags: Mapping[str, str]
    expected: frozenset[str]

    @property
    def traits(self) -> Traits:
        return Traits(settle_reads=2)

    def desired(self, known: Known) -> IamRoleSpec:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": self.settings.service},
            "Action": "sts:AssumeRole",
        }
        trust = PolicyDocument.parse({"Version": "2012-10-17", "Statement": [statement]})
        return IamRoleSpec(trust, frozenset(), self.tags)

    def observe(self, known: Known) -> Observed | None:
        which = {"RoleName": self.settings.name}
        found, hanging = self.cloud.whole(
            lambda: self.cloud.find("iam", "get_role", **which),
            lambda: self.cloud.find("iam", "list_attached_role_policies", **which),
        )
        if found is None:
            return None
        role = found["Role"]
        marks = tags.as_map(role.get("Tags", []))
        attached = {each["PolicyName"] for each in (hanging or {}).get("AttachedPolicies", [])}
        spec = IamRoleSpec(
            PolicyDocument.parse(role["AssumeRolePolicyDocument"]),
            frozenset(attached & set(self.settings.never_attached)),
            tags.among(marks, self.tags),
        )
        facts = {"arn": role["Arn"], "name": self.settings.name, "id": role["RoleId"]}
        return Observed(spec, facts, tags.owned(marks))

    def apply(self, want: IamRoleSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._create(want)
            return
        if changes.touch("trust"):
            self._write("update_assume_role_policy", PolicyDocument=want.trust.to_json())
        if changes.touch("too_much"):
            self._detach(have.spec.too_much)
        if changes.touch("tags"):
            self._write("tag_role", Tags=tags.as_list(want.tags))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec: IamRoleSpec = have.spec
        service = self.settings.service
        yield check(self, "trust", spec.trust == self.desired(known).trust, f"only {service} may assume it")
        attached, inline = self.cloud.together(self._attached_names, self._inline)
        more = ", ".join(sorted({*attached, *inline} - self.expected)) or "none"
        hint = "take them off the role, or name them in `of_others` of this step"
        yield check(self, "nothing-more", more == "none", f"policies that the runbook does not name: {more}", hint)

    def remove(self, have: Observed, known: Known) -> None:
        """IAM deletes a role only when nothing hangs on it any more."""
        if not have.owned:
            return
        self._detach(set(self._attached_names()))
        for name in self._inline():
            self._write("delete_role_policy", PolicyName=name)
        propagated(self.cloud, lambda: self._write("delete_role"), IAM_BUSY)

    def _attached(self) -> list[dict[str, Any]]:
        answer = self.cloud.find("iam", "list_attached_role_policies", RoleName=self.settings.name) or {}
        return list(answer.get("AttachedPolicies", []))

    def _attached_names(self) -> list[str]:
        return [str(each["PolicyName"]) for each in self._attached()]

    def _inline(self) -> list[str]:
        answer = self.cloud.find("iam", "list_role_policies", RoleName=self.settings.name) or {}
        return list(answer.get("PolicyNames", []))

    def _detach(self, names: frozenset[str] | set[str]) -> None:
        for each in self._attached():
            if each["PolicyName"] in names:
                self._write("detach_role_policy", PolicyArn=each["PolicyArn"])

    def _create(self, want: IamRoleSpec) -> None:
        try:
            self._write(
                "create_role",
                AssumeRolePolicyDocument=want.trust.to_json(),
                Description=self.meta.title,
                Tags=tags.as_list(tags.ours(self.meta.id, want.tags)),
            )
        except ClientError as error:
            if code(error) not in ALREADY:
                raise

    def _write(self, operation: str, **params: Any) -> None:
        self.cloud.write("iam", operation, RoleName=self.settings.name, **params)


def build(meta: Meta, settings: IamRoleSettings, context: Context) -> IamRole:
    inline = {each.name for each in context.settings.values() if isinstance(each, Inline) and each.role == meta.id}
    return IamRole(meta, context.cloud, settings, context.tags, frozenset(inline | set(settings.of_others)))
