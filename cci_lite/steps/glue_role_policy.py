"""What the crawler's role may do: read results, write tables under its prefix, write its log, and nothing else.

Source: aws-facts 11. Instead of AWS's service-role/AWSGlueServiceRole, which may change every table of the account: the
table that queries use cannot be spoiled by a role that may not write it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cci_lite.aws.site import Site
from cci_lite.engine.model import Known, Meta
from cci_lite.steps import forms
from cci_lite.steps.glue_crawler import LOG_GROUP
from cci_lite.steps.inline_policy import Inline, InlinePolicy, allow
from cci_lite.steps.kind import Context, Refers
from cci_lite.steps.reading_results import read_results

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


class GlueRolePolicySettings(Inline):
    """prefix: of the only tables that may be written; the crawler takes it from here."""

    results: Annotated[str, Refers(("bucket",))]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    database: Annotated[str, Refers(("glue_database",), order=False)]
    prefix: Annotated[
        str,
        forms.form(r"[a-z][a-z0-9_]*_", "be small letters, digits and _, with a letter first and _ last"),
        Field(max_length=128),
    ] = "crawled_"


@dataclass(frozen=True)
class Names:
    """Names of the things the policy speaks of."""

    results: str
    database: str


@dataclass(frozen=True)
class GlueRolePolicy(InlinePolicy):
    """tenants: whose results may be read; nothing else in the bucket is."""

    settings: GlueRolePolicySettings
    names: Names
    tenants: tuple[str, ...]

    def statements(self, known: Known) -> list[dict[str, Any]]:
        site, key = self.cloud.site, known.fact(self.settings.key, "arn")
        return [
            *_storage(site, self.names.results, self.tenants, key),
            *_catalog(site, self.names.database, self.settings.prefix),
            allow("Log", _LOG, *(site.arn("logs", f"log-group:{LOG_GROUP}{rest}") for rest in ("", ":*"))),
        ]

    def told(self) -> str:
        return f"reads results of: {', '.join(self.tenants)}; writes tables {self.settings.prefix}* only"


def _storage(site: Site, results: str, tenants: tuple[str, ...], key: str) -> list[dict[str, Any]]:
    return [
        *read_results(site, results, tenants),
        allow("Bucket", ("s3:GetBucketLocation", "s3:ListBucket"), site.bucket_arn(results)),
        allow("Key", ("kms:Decrypt",), key),
    ]


def _catalog(site: Site, database: str, prefix: str) -> list[dict[str, Any]]:
    """Glue asks for the catalog and the database beside the table; GetDataAccess is Lake Formation's, on nothing."""
    above = (site.arn("glue", "catalog"), site.arn("glue", f"database/{database}"))
    return [
        allow("Look", _LOOK, *above, site.arn("glue", f"table/{database}/*")),
        allow("Make", _MAKE, *above, site.arn("glue", f"table/{database}/{prefix}*")),
        allow("DataAccess", ("lakeformation:GetDataAccess",), "*"),
    ]


def build(meta: Meta, settings: GlueRolePolicySettings, context: Context) -> GlueRolePolicy:
    role = context.name_of(settings.role)
    names = Names(context.name_of(settings.results), context.name_of(settings.database))
    return GlueRolePolicy(meta, context.cloud, role, settings.name, settings, names, tuple(context.tenants))
