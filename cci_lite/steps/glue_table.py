"""A table over all results, made explicitly: a result can be queried the second it lands. Source: aws-facts 11.

No crawler: from the bucket's root it would name the table after a folder and mix transcripts into it. Instead Athena
projects the partitions (tenant, day) from the table's parameters; only TENANT/YYYY/MM/DD/ of registered tenants is
read, never tmp/, athena-results/ or _failed/. Glue has no tags for tables: the mark of ownership is a parameter.

A line that is no JSON ends every query of columns, so that no number is ever wrong for it (decision 8); as a document
it stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings
from cci_lite.steps.result_columns import result_columns

#: What UpdateTable takes of what GetTable answers (boto3, TableInput); it replaces the table's whole definition.
_INPUT = (
    "Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "Retention", "StorageDescriptor",
    "PartitionKeys", "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable",
)  # fmt: skip
_PARTITIONS = {"tenant": "string", "dt": "string"}
_TENANTS = "projection.tenant.values"
#: A whole line as text. JSON has no raw control characters, so that the default delimiter never splits one.
_DOCUMENT = {"document": "string"}
_INPUT_FORMAT = "org.apache.hadoop.mapred.TextInputFormat"
_OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
#: What a table holds -> its SerDe.
_SERDES = {
    "columns": "org.apache.hive.hcatalog.data.JsonSerDe",
    "documents": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
}
#: Days for which a result can outlive its retention: S3 counts from midnight to midnight, and takes its time.
_LATE = 2
_SERDE_PARAMETERS = {"serialization.format": "1"}


class GlueTableSettings(Settings):
    """retention: what says how long results are kept; Athena looks no further back.

    holds: a column for each scalar field of a result, or each result as it is in the one column `document`.
    """

    name: Annotated[str, forms.name("_", 255, small=True)]
    database: Annotated[str, Refers(("glue_database",), whole=True)]
    bucket: Annotated[str, Refers(("bucket",))]
    retention: Annotated[str, Refers(("lifecycle_rules",), order=False)]
    holds: Literal["columns", "documents"] = "columns"


@dataclass(frozen=True)
class GlueTableSpec:
    """location: s3://BUCKET/; serde: its class and parameters; tenants: whose results can be seen; parameters: the
    table's others that are ours."""

    location: str
    serde: str
    serde_parameters: Mapping[str, str]
    columns: Mapping[str, str]
    partitions: Mapping[str, str]
    tenants: frozenset[str]
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class GlueTable:
    """days: how old a result can be."""

    meta: Meta
    cloud: Cloud
    settings: GlueTableSettings
    database: str
    bucket: str
    tenants: frozenset[str]
    days: int

    @property
    def traits(self) -> Traits:
        return Traits()

    @property
    def columns(self) -> Mapping[str, str]:
        """Column -> Hive type."""
        return result_columns() if self.settings.holds == "columns" else _DOCUMENT

    def desired(self, known: Known) -> GlueTableSpec:
        return GlueTableSpec(
            location=f"s3://{self.bucket}/",
            serde=_SERDES[self.settings.holds],
            serde_parameters=_SERDE_PARAMETERS,
            columns=self.columns,
            partitions=_PARTITIONS,
            tenants=self.tenants,
            parameters=_parameters(self.bucket, self.days),
        )

    def observe(self, known: Known) -> Observed | None:
        found = self._found()
        if found is None:
            return None
        want = self.desired(known)
        facts = {"name": self.settings.name, "database": self.database}
        return Observed(_seen(found, want), facts, tags.owned(found.get("Parameters", {})))

    def apply(self, want: GlueTableSpec, have: Observed | None, changes: Changes) -> None:
        """What others have written into the table's definition is put back with ours."""
        found = self._found() if have else None
        if found is None:
            self._create(want)
            return
        # Glue answers with empty texts that it does not take again.
        there = {name: found[name] for name in _INPUT if found.get(name) not in (None, "")}
        self.cloud.write(
            "glue",
            "update_table",
            DatabaseName=self.database,
            TableInput=_written(self.settings.name, want, there),
            **({"VersionId": found["VersionId"]} if "VersionId" in found else {}),
        )

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: the table is there with the columns of a result."""
        spec: GlueTableSpec = have.spec
        told = f"{self.database}.{self.settings.name}: {len(spec.columns)} columns"
        yield check(self, "columns", spec.columns == self.columns, told)
        yield check(self, "tenants", spec.tenants == self.tenants, f"tenants: {', '.join(sorted(spec.tenants))}")

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self.cloud.write("glue", "delete_table", DatabaseName=self.database, Name=self.settings.name)

    def _found(self) -> dict[str, Any] | None:
        answer = self.cloud.find("glue", "get_table", DatabaseName=self.database, Name=self.settings.name)
        return dict(answer["Table"]) if answer else None

    def _create(self, want: GlueTableSpec) -> None:
        marks = {"Parameters": tags.ours(self.meta.id, {})}
        try:
            self.cloud.write(
                "glue",
                "create_table",
                DatabaseName=self.database,
                TableInput=_written(self.settings.name, want, marks),
            )
        except ClientError as error:
            if code(error) not in ALREADY:
                raise


def _parameters(bucket: str, days: int) -> dict[str, str]:
    """Partition projection: https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html"""
    return {
        "EXTERNAL": "TRUE",
        "classification": "json",
        "projection.enabled": "true",
        "projection.tenant.type": "enum",
        "projection.dt.type": "date",
        "projection.dt.format": "yyyy/MM/dd",
        "projection.dt.range": f"NOW-{days}DAYS,NOW",
        "projection.dt.interval": "1",
        "projection.dt.interval.unit": "DAYS",
        "storage.location.template": f"s3://{bucket}/${{tenant}}/${{dt}}/",
    }


def _seen(found: Mapping[str, Any], want: GlueTableSpec) -> GlueTableSpec:
    """Parameters of others are none of our business; columns are, all of them."""
    storage = found.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    parameters, given = found.get("Parameters", {}), serde.get("Parameters", {})
    return GlueTableSpec(
        location=str(storage.get("Location", "")),
        serde=str(serde.get("SerializationLibrary", "")),
        serde_parameters=tags.among(given, want.serde_parameters),
        columns=_columns(storage.get("Columns", [])),
        partitions=_columns(found.get("PartitionKeys", [])),
        tenants=frozenset(each for each in parameters.get(_TENANTS, "").split(",") if each),
        parameters=tags.among(parameters, want.parameters),
    )


def _columns(listed: list[Mapping[str, str]]) -> dict[str, str]:
    return {each["Name"]: each.get("Type", "") for each in listed}


def _written(name: str, want: GlueTableSpec, there: Mapping[str, Any]) -> dict[str, Any]:
    """A TableInput: ours laid over what is there."""
    storage = there.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    return {
        **there,
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            **there.get("Parameters", {}),
            **want.parameters,
            _TENANTS: ",".join(sorted(want.tenants)),
        },
        "PartitionKeys": _listed(want.partitions),
        "StorageDescriptor": {
            **storage,
            "Location": want.location,
            "Columns": _listed(want.columns),
            "InputFormat": _INPUT_FORMAT,
            "OutputFormat": _OUTPUT_FORMAT,
            "SerdeInfo": {
                **serde,
                "SerializationLibrary": want.serde,
                "Parameters": {**serde.get("Parameters", {}), **want.serde_parameters},
            },
        },
    }


def _listed(columns: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": hive} for name, hive in columns.items()]


def build(meta: Meta, settings: GlueTableSettings, context: Context) -> GlueTable:
    names = (context.name_of(settings.database), context.name_of(settings.bucket))
    kept = (context.settings[settings.retention].days, *(t.retention_days_results for t in context.tenants.values()))
    return GlueTable(meta, context.cloud, settings, *names, frozenset(context.tenants), max(kept) + _LATE)
