"""What QuickSight's role may do: ask the results in one workgroup, and nothing else.

Source: aws-facts 12. Unlike the function's (iam_role_policy), these rights come from no code of ours: they are what
Athena asks of whoever runs a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws.site import Site
from cci_lite.engine.model import Known, Meta
from cci_lite.steps.athena_workgroup import OUTPUT
from cci_lite.steps.inline_policy import Inline, InlinePolicy, allow
from cci_lite.steps.kind import Context, Refers
from cci_lite.steps.reading_results import read_results

_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_ANSWERS = ("s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload")
_KEY = ("kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")
_QUERIES = (
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:BatchGetQueryExecution",
    "athena:GetWorkGroup",
)
_CATALOGUE = ("athena:GetDataCatalog", "athena:GetDatabase", "athena:GetTableMetadata")
_LISTS = ("athena:ListDatabases", "athena:ListTableMetadata")
_GLUE = (
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetPartition",
    "glue:GetPartitions",
)


class QuicksightRolePolicySettings(Inline):
    """results: the bucket that the table lies in and Athena answers into."""

    results: Annotated[str, Refers(("bucket",))]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    workgroup: Annotated[str, Refers(("athena_workgroup",))]


@dataclass(frozen=True)
class Names:
    """Names of the things the policy speaks of."""

    results: str
    workgroup: str
    database: str
    table: str


@dataclass(frozen=True)
class QuicksightRolePolicy(InlinePolicy):
    """tenants: whose results may be read; nothing else in the bucket is."""

    settings: QuicksightRolePolicySettings
    names: Names
    tenants: tuple[str, ...]

    def statements(self, known: Known) -> list[dict[str, Any]]:
        site, key = self.cloud.site, known.fact(self.settings.key, "arn")
        return [*_storage(site, self.names, self.tenants, key), *_athena(site, self.names)]

    def told(self) -> str:
        return f"reads results of: {', '.join(self.tenants)}"


def _storage(site: Site, names: Names, tenants: tuple[str, ...], key: str) -> list[dict[str, Any]]:
    """Transcripts in tmp/, failures and unredacted text are nobody's dashboard."""
    bucket = site.bucket_arn(names.results)
    return [
        *read_results(site, names.results, tenants),
        allow("Bucket", _BUCKET, bucket),
        allow("Answers", _ANSWERS, f"{bucket}/{OUTPUT}*"),
        allow("Key", _KEY, key),
    ]


def _athena(site: Site, names: Names) -> list[dict[str, Any]]:
    """ListDataCatalogs and, under Lake Formation, GetDataAccess take no resource."""
    catalog, database = site.arn("glue", "catalog"), site.arn("glue", f"database/{names.database}")
    table = site.arn("glue", f"table/{names.database}/{names.table}")
    return [
        allow("Query", _QUERIES, site.arn("athena", f"workgroup/{names.workgroup}")),
        allow("Browse", (*_CATALOGUE, *_LISTS), site.arn("athena", "datacatalog/AwsDataCatalog")),
        allow("Table", _GLUE, catalog, database, table),
        allow("Anywhere", ("athena:ListDataCatalogs", "lakeformation:GetDataAccess"), "*"),
    ]


def build(meta: Meta, settings: QuicksightRolePolicySettings, context: Context) -> QuicksightRolePolicy:
    workgroup = context.settings[settings.workgroup]
    names = Names(
        results=context.name_of(settings.results),
        workgroup=workgroup.name,
        database=context.name_of(workgroup.database),
        table=context.name_of(workgroup.table),
    )
    role = context.name_of(settings.role)
    return QuicksightRolePolicy(meta, context.cloud, role, settings.name, settings, names, tuple(context.tenants))
