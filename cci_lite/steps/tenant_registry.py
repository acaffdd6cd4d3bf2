"""The registered tenants: one parameter a tenant below one path, read in pages. Source: aws-facts 9, 17.

The pipeline refuses recordings of a tenant that is not registered here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings
from cci_lite.steps.model_parameter import delete, document, put_again, put_new


class TenantRegistrySettings(Settings):
    """path: ends in "/"; each tenant of the runbook is one parameter below it."""

    path: Annotated[
        str, forms.form(r"/(?!aws|ssm)[a-zA-Z0-9_./-]*/", "be a path that ends with /, and not below /aws or /ssm")
    ]


@dataclass(frozen=True)
class TenantRegistrySpec:
    """tenants: id -> what the pipeline may know of it, None when it is not registered."""

    tenants: Mapping[str, Mapping[str, Any] | None]


@dataclass(frozen=True)
class TenantRegistry:
    meta: Meta
    cloud: Cloud
    path: str
    tenants: Mapping[str, Mapping[str, Any]]
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> TenantRegistrySpec:
        return TenantRegistrySpec(self.tenants)

    def observe(self, known: Known) -> Observed | None:
        """Of the parameters found, those that cci-lite made or the runbook names; others are not ours to judge."""
        made = self._made()
        found = {name: value for name, value in self._found().items() if name in self.tenants or name in made}
        if not found:
            return None
        return Observed(TenantRegistrySpec(found), {"path": self.path}, owned=found.keys() <= made)

    def apply(self, want: TenantRegistrySpec, have: Observed | None, changes: Changes) -> None:
        there = have.spec.tenants if have else {}
        gone = [f"{self.path}{each}" for each in changes.keys("tenants") if each not in want.tenants]
        for tenant in changes.keys("tenants"):
            value = want.tenants.get(tenant)
            if value is None:
                continue
            if tenant in there:
                put_again(self.cloud, f"{self.path}{tenant}", value)
            else:
                put_new(self.cloud, f"{self.path}{tenant}", value, tags.ours(self.meta.id, self.tags))
        delete(self.cloud, gone)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        for tenant, value in self.tenants.items():
            yield check(self, tenant, have.spec.tenants.get(tenant) == value, f"{self.path}{tenant}")

    def remove(self, have: Observed, known: Known) -> None:
        made = self._made()
        delete(self.cloud, [f"{self.path}{each}" for each in have.spec.tenants if each in made])

    def _found(self) -> dict[str, dict[str, Any]]:
        pages = self.cloud.pages("ssm", "get_parameters_by_path", "Parameters", Path=self.path.rstrip("/"))
        return {each["Name"].removeprefix(self.path): document(each["Value"]) for each in pages}

    def _made(self) -> set[str]:
        filters = [
            {"Key": f"tag:{tags.OWNER_KEY}", "Values": [tags.OWNER_VALUE]},
            {"Key": "Path", "Option": "OneLevel", "Values": [self.path.rstrip("/")]},
        ]
        pages = self.cloud.pages("ssm", "describe_parameters", "Parameters", ParameterFilters=filters)
        return {str(each["Name"]).removeprefix(self.path) for each in pages}


def build(meta: Meta, settings: TenantRegistrySettings, context: Context) -> TenantRegistry:
    tenants = {name: each.registered(name) for name, each in context.tenants.items()}
    return TenantRegistry(meta, context.cloud, settings.path, tenants, context.tags)
