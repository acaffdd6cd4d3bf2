"""What QuickSight's role may do: ask the results in one workgroup, and nothing else.

Source: aws-facts 12. Unlike the function's (iam_role_policy), these rights come from no code of ours: they are what
Athena asks of whoever runs a query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.site import Site
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps.athena_workgroup import OUTPUT
from cci_lite.steps.checks import check
from cci_lite.steps.iam_role_policy import IamRolePolicySpec
from cci_lite.steps.kind import Context, Refers, Settings

_READ_RESULTS = ("s3:GetObject",)
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


class QuicksightRolePolicySettings(Settings):
    """results: the bucket that the table lies in and Athena answers into."""

    role: Annotated[str, Refers(("iam_role",), facts=True)]
    name: Annotated[str, Field(pattern=r"^[\w+=,.@-]{1,128}$")]
    results: Annotated[str, Refers(("bucket",))]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    workgroup: Annotated[str, Refers(("athena_workgroup",))]


@dataclass(frozen=True)
class Names:
    """Names of the things the policy speaks of."""

    role: str
    results: str
    workgroup: str
    database: str
    table: str


@dataclass(frozen=True)
class QuicksightRolePolicy:
    """tenants: whose results may be read; nothing else in the bucket is."""

    meta: Meta
    cloud: Cloud
    settings: QuicksightRolePolicySettings
    names: Names
    tenants: tuple[str, ...]

    @property
    def traits(self) -> Traits:
        return Traits(document=f"role {self.names.role}", settle_reads=2)

    def desired(self, known: Known) -> IamRolePolicySpec:
        key = known.fact(self.settings.key, "arn")
        site = self.cloud.site
        statements = [*_storage(site, self.names, self.tenants, key), *_athena(site, self.names)]
        return IamRolePolicySpec(PolicyDocument.parse({"Version": "2012-10-17", "Statement": statements}))

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("iam", "get_role_policy", **self._which())
        return Observed(IamRolePolicySpec(PolicyDocument.parse(found["PolicyDocument"]))) if found else None

    def apply(self, want: IamRolePolicySpec, have: Observed | None, changes: Changes) -> None:
        self.cloud.write("iam", "put_role_policy", **self._which(), PolicyDocument=want.document.to_json())

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        right = have.spec.document == self.desired(known).document
        yield check(self, "least-privilege", right, f"reads results of: {', '.join(self.tenants)}")

    def remove(self, have: Observed, known: Known) -> None:
        self.cloud.write("iam", "delete_role_policy", **self._which())

    def _which(self) -> dict[str, str]:
        return {"RoleName": self.names.role, "PolicyName": self.settings.name}


def _allow(sid: str, actions: tuple[str, ...], *resources: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _storage(site: Site, names: Names, tenants: tuple[str, ...], key: str) -> list[dict[str, Any]]:
    """Transcripts in tmp/, failures and unredacted text are nobody's dashboard."""
    bucket = site.bucket_arn(names.results)
    return [
        _allow("ReadResults", _READ_RESULTS, *(f"{bucket}/{each}/2*" for each in tenants)),
        _allow("Bucket", _BUCKET, bucket),
        _allow("Answers", _ANSWERS, f"{bucket}/{OUTPUT}*"),
        _allow("Key", _KEY, key),
    ]


def _athena(site: Site, names: Names) -> list[dict[str, Any]]:
    """ListDataCatalogs and, under Lake Formation, GetDataAccess take no resource."""
    catalog, database = site.arn("glue", "catalog"), site.arn("glue", f"database/{names.database}")
    table = site.arn("glue", f"table/{names.database}/{names.table}")
    return [
        _allow("Query", _QUERIES, site.arn("athena", f"workgroup/{names.workgroup}")),
        _allow("Browse", (*_CATALOGUE, *_LISTS), site.arn("athena", "datacatalog/AwsDataCatalog")),
        _allow("Table", _GLUE, catalog, database, table),
        _allow("Anywhere", ("athena:ListDataCatalogs", "lakeformation:GetDataAccess"), "*"),
    ]


def build(meta: Meta, settings: QuicksightRolePolicySettings, context: Context) -> QuicksightRolePolicy:
    workgroup = context.settings[settings.workgroup]
    names = Names(
        role=context.name_of(settings.role),
        results=context.name_of(settings.results),
        workgroup=workgroup.name,
        database=context.name_of(workgroup.database),
        table=context.name_of(workgroup.table),
    )
    return QuicksightRolePolicy(meta, context.cloud, settings, names, tuple(context.tenants))
