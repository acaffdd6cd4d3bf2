"""Who sees which tenant's rows: the data set that row-level security of the results is read from.

Source: aws-facts 12. Its rows are the runbook's, written as a query of constants: no table and no file that somebody
could change, and asked directly, so that a tenant who leaves sees nothing from the next look on. Groups without a row
see nothing; a row without a tenant sees all.
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
from cci_lite.steps.kind import Context, Refers, Settings
from cci_lite.steps.quicksight_things import Grants, Thing, among, granted

#: The column that rows are told apart by, in the rules and in the results.
TENANT = "tenant_id"
OWNERS = (
    "DescribeDataSet",
    "DescribeDataSetPermissions",
    "PassDataSet",
    "DescribeIngestion",
    "ListIngestions",
    "UpdateDataSet",
    "DeleteDataSet",
    "CreateIngestion",
    "CancelIngestion",
    "UpdateDataSetPermissions",
)
_COLUMNS = [{"Name": "group_name", "Type": "STRING"}, {"Name": TENANT, "Type": "STRING"}]
#: Athena answers in small letters only, and QuickSight knows the column of groups by this very name.
_RENAMED = {"ColumnName": "group_name", "NewColumnName": "GroupName"}
_TABLE = "rules"


class QuicksightRowRulesSettings(Settings):
    """name: its id as well."""

    name: Annotated[str, forms.name("_-", 128)]
    subscription: Annotated[str, Refers(("quicksight_subscription",), facts=True)]
    source: Annotated[str, Refers(("quicksight_data_source",), facts=True)]


@dataclass(frozen=True)
class QuicksightRowRulesSpec:
    """query: the rules themselves."""

    source: str
    query: str
    grants: Grants
    tags: Mapping[str, str]


@dataclass(frozen=True)
class QuicksightRowRules:
    """rules: group -> tenant id, None for all."""

    meta: Meta
    cloud: Cloud
    settings: QuicksightRowRulesSettings
    rules: Mapping[str, str | None]
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> QuicksightRowRulesSpec:
        owners = granted(known.fact(self.settings.subscription, "owners"), OWNERS)
        return QuicksightRowRulesSpec(
            known.fact(self.settings.source, "arn"), rules_query(self.rules), owners, self.tags
        )

    def observe(self, known: Known) -> Observed | None:
        found = self._thing.found()
        if found is None:
            return None
        marks, grants = self._thing.marks(), self._thing.grants()
        table = found.get("PhysicalTableMap", {}).get(_TABLE, {}).get("CustomSql", {})
        spec = QuicksightRowRulesSpec(
            source=str(table.get("DataSourceArn", "")),
            query=str(table.get("SqlQuery", "")),
            grants=among(grants, self.desired(known).grants),
            tags=tags.among(marks, self.tags),
        )
        return Observed(spec, {"arn": self._thing.arn, "name": self.settings.name}, tags.owned(marks))

    def apply(self, want: QuicksightRowRulesSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._thing.create(self.meta.id, want.tags, want.grants, UseAs="RLS_RULES", **self._written(want))
            return
        if changes.touch("source", "query"):
            self._thing.write("update", **self._written(want))
        if changes.touch("grants"):
            self._thing.grant(want.grants, have.spec.grants)
        if changes.touch("tags"):
            self._thing.tag(want.tags)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        told = "; ".join(f"{group}: {tenant or 'all'}" for group, tenant in self.rules.items())
        yield check(self, "rules", have.spec.query == rules_query(self.rules), told)

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self._thing.delete()

    @property
    def _thing(self) -> Thing:
        return Thing(self.cloud, "data_set", self.settings.name)

    def _written(self, want: QuicksightRowRulesSpec) -> dict[str, Any]:
        table = {"DataSourceArn": want.source, "Name": _TABLE, "SqlQuery": want.query, "Columns": _COLUMNS}
        logical = {"Alias": _TABLE, "Source": {"PhysicalTableId": _TABLE}}
        return {
            "Name": self.settings.name,
            "PhysicalTableMap": {_TABLE: {"CustomSql": table}},
            "LogicalTableMap": {_TABLE: {**logical, "DataTransforms": [{"RenameColumnOperation": _RENAMED}]}},
            "ImportMode": "DIRECT_QUERY",
        }


def rules_query(rules: Mapping[str, str | None]) -> str:
    """A SELECT of constants. Names of groups and tenants have no quotes (their patterns see to it)."""
    tenants = {group: f"'{tenant}'" if tenant else "CAST(NULL AS varchar)" for group, tenant in rules.items()}
    rows = (f"('{group}', {tenant})" for group, tenant in tenants.items())
    return f"SELECT group_name, {TENANT} FROM (VALUES {', '.join(rows)}) AS rules (group_name, {TENANT})"


def build(meta: Meta, settings: QuicksightRowRulesSettings, context: Context) -> QuicksightRowRules:
    groups = context.settings[settings.subscription]
    readers = {groups.readers_of(each): each for each in context.tenants}
    rules: dict[str, str | None] = {groups.owners: None, **readers}
    return QuicksightRowRules(meta, context.cloud, settings, rules, context.tags)
