"""What the crawler's role may do: read results, write tables under its prefix, write its log, and nothing else.

Source: aws-facts 11. Instead of AWS's service-role/AWSGlueServiceRole, which may change every table of the account: the
table that queries use cannot be spoiled by a role that may not write it.
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
from cci_lite.steps.checks import check
from cci_lite.steps.glue_crawler import LOG_GROUP
from cci_lite.steps.iam_role_policy import IamRolePolicySpec
from cci_lite.steps.kind import Context, Refers, Settings

_LOOK = ("glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions")
_MAKE = (
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:BatchGetPartition",
    "glue:BatchCreatePartition",
    "glue:CreatePartition",
    "glue:UpdatePartition",
)
_LOG = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")


class GlueRolePolicySettings(Settings):
    """prefix: of the only tables that may be written; the crawler's own."""

    role: Annotated[str, Refers(("iam_role",), facts=True)]
    name: Annotated[str, Field(pattern=r"^[\w+=,.@-]{1,128}$")]
    results: Annotated[str, Refers(("bucket",))]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    database: Annotated[str, Refers(("glue_database",), order=False)]
    prefix: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*_$", max_length=128)] = "crawled_"


@dataclass(frozen=True)
class Names:
    """Names of the things the policy speaks of."""

    role: str
    results: str
    database: str


@dataclass(frozen=True)
class GlueRolePolicy:
    """tenants: whose results may be read; nothing else in the bucket is."""

    meta: Meta
    cloud: Cloud
    settings: GlueRolePolicySettings
    names: Names
    tenants: tuple[str, ...]

    @property
    def traits(self) -> Traits:
        return Traits(document=f"role {self.names.role}", settle_reads=2)

    def desired(self, known: Known) -> IamRolePolicySpec:
        site, key = self.cloud.site, known.fact(self.settings.key, "arn")
        statements = [
            *_storage(site, self.names.results, self.tenants, key),
            *_catalog(site, self.names.database, self.settings.prefix),
            _allow("Log", _LOG, *(site.arn("logs", f"log-group:{LOG_GROUP}{rest}") for rest in ("", ":*"))),
        ]
        return IamRolePolicySpec(PolicyDocument.parse({"Version": "2012-10-17", "Statement": statements}))

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("iam", "get_role_policy", **self._which())
        return Observed(IamRolePolicySpec(PolicyDocument.parse(found["PolicyDocument"]))) if found else None

    def apply(self, want: IamRolePolicySpec, have: Observed | None, changes: Changes) -> None:
        self.cloud.write("iam", "put_role_policy", **self._which(), PolicyDocument=want.document.to_json())

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        right = have.spec.document == self.desired(known).document
        told = f"reads results of: {', '.join(self.tenants)}; writes tables {self.settings.prefix}* only"
        yield check(self, "least-privilege", right, told)

    def remove(self, have: Observed, known: Known) -> None:
        self.cloud.write("iam", "delete_role_policy", **self._which())

    def _which(self) -> dict[str, str]:
        return {"RoleName": self.names.role, "PolicyName": self.settings.name}


def _allow(sid: str, actions: tuple[str, ...], *resources: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _storage(site: Site, results: str, tenants: tuple[str, ...], key: str) -> list[dict[str, Any]]:
    bucket = site.bucket_arn(results)
    return [
        _allow("ReadResults", ("s3:GetObject",), *(f"{bucket}/{each}/2*" for each in tenants)),
        _allow("Bucket", ("s3:GetBucketLocation", "s3:ListBucket"), bucket),
        _allow("Key", ("kms:Decrypt",), key),
    ]


def _catalog(site: Site, database: str, prefix: str) -> list[dict[str, Any]]:
    """Glue asks for the catalog and the database beside the table; GetDataAccess is Lake Formation's, on nothing."""
    above = (site.arn("glue", "catalog"), site.arn("glue", f"database/{database}"))
    return [
        _allow("Look", _LOOK, *above, site.arn("glue", f"table/{database}/*")),
        _allow("Make", _MAKE, *above, site.arn("glue", f"table/{database}/{prefix}*")),
        _allow("DataAccess", ("lakeformation:GetDataAccess",), "*"),
    ]


def build(meta: Meta, settings: GlueRolePolicySettings, context: Context) -> GlueRolePolicy:
    names = Names(
        role=context.name_of(settings.role),
        results=context.name_of(settings.results),
        database=context.name_of(settings.database),
    )
    return GlueRolePolicy(meta, context.cloud, settings, names, tuple(context.tenants))
