"""All results as a SPICE data set, with the columns of a result and of its partitions. Source: aws-facts 12.

SPICE is a copy: it shows a deleted result until the next refresh. Rows are restricted by tenant (GRANT_ACCESS: AWS
takes no new DENY_ACCESS) also while there is one: a tenant who leaves leaves readers and rows behind. UpdateDataSet
replaces everything, so that what others added (folders, further transformations) is put back with ours.
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
from cci_lite.steps.quicksight_definition import DAY
from cci_lite.steps.quicksight_row_rules import OWNERS, TENANT
from cci_lite.steps.quicksight_things import Grants, Thing, among, granted
from cci_lite.steps.result_columns import result_columns

#: Hive -> QuickSight (InputColumnDataType).
_TYPES = {"string": "STRING", "double": "DECIMAL", "bigint": "INTEGER", "boolean": "BOOLEAN"}
#: The table's partition keys, which are columns to whoever queries it.
_PARTITIONS = {"tenant": "string", DAY: "string"}
_DATES = {DAY: "yyyy/MM/dd"}
_TABLE = "results"
#: What UpdateDataSet takes of what DescribeDataSet answers, besides what is ours.
_KEPT = (
    "ColumnGroups", "FieldFolders", "ColumnLevelPermissionRules", "DataSetUsageConfiguration", "DatasetParameters",
    "PerformanceConfiguration", "RowLevelPermissionTagConfiguration",
)  # fmt: skip


class QuicksightDataSetSettings(Settings):
    """name: its id as well; rules: who sees what."""

    name: Annotated[str, forms.name("_-", 128)]
    subscription: Annotated[str, Refers(("quicksight_subscription",), facts=True)]
    source: Annotated[str, Refers(("quicksight_data_source",), facts=True)]
    rules: Annotated[str, Refers(("quicksight_row_rules",), facts=True)]
    table: Annotated[str, Refers(("glue_table",))]


@dataclass(frozen=True)
class QuicksightDataSetSpec:
    """table: [database, table]; dates: text columns that are read as dates, with their format; rules: ARN of the data
    set that restricts rows, "" where everybody with a grant sees all of them."""

    mode: str
    source: str
    table: tuple[str, str]
    columns: Mapping[str, str]
    dates: Mapping[str, str]
    rules: str
    grants: Grants
    tags: Mapping[str, str]


@dataclass(frozen=True)
class QuicksightDataSet:
    """namespace: QuickSight's, of the groups that the rules name."""

    meta: Meta
    cloud: Cloud
    settings: QuicksightDataSetSettings
    table: tuple[str, str]
    namespace: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> QuicksightDataSetSpec:
        return QuicksightDataSetSpec(
            mode="SPICE",
            source=known.fact(self.settings.source, "arn"),
            table=self.table,
            columns={name: _TYPES[hive] for name, hive in {**result_columns(), **_PARTITIONS}.items()},
            dates=_DATES,
            rules=known.fact(self.settings.rules, "arn"),
            grants=granted(known.fact(self.settings.subscription, "owners"), OWNERS),
            tags=self.tags,
        )

    def observe(self, known: Known) -> Observed | None:
        found = self._thing.found()
        if found is None:
            return None
        marks, grants = self._thing.marks(), among(self._thing.grants(), self.desired(known).grants)
        spec = _seen(found, grants, tags.among(marks, self.tags))
        return Observed(spec, {"arn": self._thing.arn, "name": self.settings.name}, tags.owned(marks))

    def apply(self, want: QuicksightDataSetSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._thing.create(self.meta.id, want.tags, want.grants, **self._written(want, {}))
            return
        if any(not each.path.startswith(("grants", "tags")) for each in changes):
            self._thing.write("update", **self._written(want, self._thing.found() or {}))
        if changes.touch("grants"):
            self._thing.grant(want.grants, have.spec.grants)
        if changes.touch("tags"):
            self._thing.tag(want.tags)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec, want = have.spec, self.desired(known)
        yield check(self, "columns", spec.columns == want.columns, f"{len(spec.columns)} columns, import: {spec.mode}")
        told = f"by {TENANT}: {spec.rules}" if spec.rules else "none: every reader sees all rows"
        yield check(self, "row-level-security", spec.rules == want.rules, told)

    def remove(self, have: Observed, known: Known) -> None:
        """The copy in SPICE goes with it."""
        if have.owned:
            self._thing.delete()

    @property
    def _thing(self) -> Thing:
        return Thing(self.cloud, "data_set", self.settings.name)

    def _written(self, want: QuicksightDataSetSpec, there: Mapping[str, Any]) -> dict[str, Any]:
        rules = {"Namespace": self.namespace, "Arn": want.rules, "PermissionPolicy": "GRANT_ACCESS"}
        return {
            **{name: there[name] for name in _KEPT if name in there},
            "Name": self.settings.name,
            "ImportMode": want.mode,
            "PhysicalTableMap": {_TABLE: {"RelationalTable": _relational(want)}},
            "LogicalTableMap": _logical(want.dates, there.get("LogicalTableMap", {})),
            "RowLevelPermissionDataSet": {**rules, "FormatVersion": "VERSION_1"},
        }


def _relational(want: QuicksightDataSetSpec) -> dict[str, Any]:
    database, table = want.table
    columns = [{"Name": name, "Type": type_} for name, type_ in want.columns.items()]
    where = {"Catalog": "AwsDataCatalog", "Schema": database, "Name": table}
    return {"DataSourceArn": want.source, **where, "InputColumns": columns}


def _logical(dates: Mapping[str, str], there: Mapping[str, Any]) -> dict[str, Any]:
    """Our conversions first, then the transformations that others have added."""
    table = there.get(_TABLE, {"Alias": _TABLE, "Source": {"PhysicalTableId": _TABLE}})
    theirs = [each for each in table.get("DataTransforms", []) if not _conversion(each).keys() & dates.keys()]
    ours = [
        {"CastColumnTypeOperation": {"ColumnName": name, "NewColumnType": "DATETIME", "Format": form}}
        for name, form in dates.items()
    ]
    return {**there, _TABLE: {**table, "DataTransforms": [*ours, *theirs]}}


def _conversion(transform: Mapping[str, Any]) -> dict[str, str]:
    """Column and format, when this transformation reads text as a date."""
    cast = transform.get("CastColumnTypeOperation", {})
    return {cast["ColumnName"]: cast.get("Format", "")} if cast.get("NewColumnType") == "DATETIME" else {}


def _seen(found: Mapping[str, Any], grants: Grants, marks: Mapping[str, str]) -> QuicksightDataSetSpec:
    table = found.get("PhysicalTableMap", {}).get(_TABLE, {}).get("RelationalTable", {})
    transforms = found.get("LogicalTableMap", {}).get(_TABLE, {}).get("DataTransforms", [])
    rules = found.get("RowLevelPermissionDataSet", {})
    enforced = rules.get("PermissionPolicy") == "GRANT_ACCESS" and rules.get("Status", "ENABLED") == "ENABLED"
    return QuicksightDataSetSpec(
        mode=str(found.get("ImportMode", "")),
        source=str(table.get("DataSourceArn", "")),
        table=(str(table.get("Schema", "")), str(table.get("Name", ""))),
        columns={each["Name"]: each["Type"] for each in table.get("InputColumns", [])},
        dates={name: form for each in transforms for name, form in _conversion(each).items() if name in _DATES},
        rules=str(rules["Arn"]) if enforced else "",
        grants=grants,
        tags=marks,
    )


def build(meta: Meta, settings: QuicksightDataSetSettings, context: Context) -> QuicksightDataSet:
    glue = context.settings[settings.table]
    table = (context.name_of(glue.database), glue.name)
    namespace = context.settings[settings.subscription].namespace
    return QuicksightDataSet(meta, context.cloud, settings, table, namespace, context.tags)
