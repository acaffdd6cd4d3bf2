"""A policy inside a role: one document, compared by meaning and written whole. The base of each role's own policy.

Source: aws-facts 5. KMS, S3 and Lambda learn of a new one late, so that it counts as written when two looks agree.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.policy import PolicyDocument
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Refers, Settings


class Inline(Settings):
    """role: whose policy it is; name: its own."""

    role: Annotated[str, Refers(("iam_role",), whole=True)]
    name: Annotated[str, forms.name("_+=,.@-", 128)]


@dataclass(frozen=True)
class InlinePolicySpec:
    document: PolicyDocument


@dataclass(frozen=True)
class InlinePolicy(ABC):
    """role, policy: their names. A subclass says what is allowed."""

    meta: Meta
    cloud: Cloud
    role: str
    policy: str

    @abstractmethod
    def statements(self, known: Known) -> list[dict[str, Any]]:
        """Everything the role may do, as IAM writes it."""

    @abstractmethod
    def told(self) -> str:
        """What that comes to, as the evidence of the validation."""

    @property
    def traits(self) -> Traits:
        return Traits(document=f"role {self.role}", settle_reads=2)

    def desired(self, known: Known) -> InlinePolicySpec:
        document = {"Version": "2012-10-17", "Statement": self.statements(known)}
        return InlinePolicySpec(PolicyDocument.parse(document))

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("iam", "get_role_policy", **self._which())
        return Observed(InlinePolicySpec(PolicyDocument.parse(found["PolicyDocument"]))) if found else None

    def apply(self, want: InlinePolicySpec, have: Observed | None, changes: Changes) -> None:
        self.cloud.write("iam", "put_role_policy", **self._which(), PolicyDocument=want.document.to_json())

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        yield check(self, "least-privilege", have.spec == self.desired(known), self.told())

    def remove(self, have: Observed, known: Known) -> None:
        self.cloud.write("iam", "delete_role_policy", **self._which())

    def _which(self) -> dict[str, str]:
        return {"RoleName": self.role, "PolicyName": self.policy}


def allow(sid: str, actions: tuple[str, ...], *resources: str, **condition: Any) -> dict[str, Any]:
    """A statement that allows `actions` on `resources`; condition: operator -> {key: value}."""
    written: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**written, **({"Condition": condition} if condition else {})}
