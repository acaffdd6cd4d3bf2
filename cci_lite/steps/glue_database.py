"""The Glue database that Athena finds the tables in. Source: aws-facts 11.

DeleteDatabase takes every table in it along, so that it goes only when nobody else has put one there. Where Lake
Formation decides who may use the catalog, rights in IAM are not enough: that is seen before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.engine.model import Changes, Check, Closed, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.glue_crawl import MADE_BY
from cci_lite.steps.glue_crawler import GlueCrawlerSettings
from cci_lite.steps.glue_table import GlueTableSettings
from cci_lite.steps.kind import Context, Settings

#: Whom a new database is open to: https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
_DEFAULTS = "CreateDatabaseDefaultPermissions"


class GlueDatabaseSettings(Settings):
    """name: in lower case, as Glue stores it; hyphens have to be quoted in every query.

    granted: whether Lake Formation's administrator has given CREATE_DATABASE to whoever runs this.
    """

    name: Annotated[str, forms.name("_-", 255, small=True)]
    granted: bool = False


@dataclass(frozen=True)
class GlueDatabaseSpec:
    tags: Mapping[str, str]


@dataclass(frozen=True)
class GlueDatabase:
    """tables: names of the runbook's own tables in it; crawlers: of the runbook's crawlers, which make more."""

    meta: Meta
    cloud: Cloud
    name: str
    granted: bool
    tables: frozenset[str]
    crawlers: frozenset[str]
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> GlueDatabaseSpec:
        return GlueDatabaseSpec(self.tags)

    def observe(self, known: Known) -> Observed | None:
        if self.cloud.find("glue", "get_database", Name=self.name) is None:
            self._refuse_without_grant()
            return None
        marks = (self.cloud.find("glue", "get_tags", ResourceArn=self._arn) or {}).get("Tags", {})
        foreign = self._foreign()
        stays = f"it holds tables that are not ours: {', '.join(foreign)}" if foreign else ""
        spec = GlueDatabaseSpec(tags.among(marks, self.tags))
        return Observed(spec, {"name": self.name, "arn": self._arn}, tags.owned(marks), stays=stays)

    def apply(self, want: GlueDatabaseSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._create(tags.ours(self.meta.id, want.tags))
        elif changes.touch("tags"):
            self.cloud.write("glue", "tag_resource", ResourceArn=self._arn, TagsToAdd=dict(want.tags))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        yield check(self, "there", True, f"database {self.name}: {self._arn}")

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned and not have.stays:
            self.cloud.write("glue", "delete_database", Name=self.name)

    @property
    def _arn(self) -> str:
        return self.cloud.site.arn("glue", f"database/{self.name}")

    def _refuse_without_grant(self) -> None:
        """Raises Closed where new databases are not open to IAM and the caller does not administer Lake Formation."""
        if self.granted:
            return
        try:
            settings = self.cloud.read("lakeformation", "get_data_lake_settings")["DataLakeSettings"]
        except ClientError as error:
            if code(error) != "AccessDeniedException":  # who may not look learns it from CreateDatabase
                raise
            return
        open_to = {each["Principal"]["DataLakePrincipalIdentifier"] for each in settings.get(_DEFAULTS, [])}
        admins = {each["DataLakePrincipalIdentifier"] for each in settings.get("DataLakeAdmins", [])}
        if "IAM_ALLOWED_PRINCIPALS" not in open_to and self.cloud.site.caller not in admins:
            raise Closed(_closed(self.meta.id, self.cloud.site.caller, admins))

    def _foreign(self) -> list[str]:
        """Names of tables that the runbook does not speak of."""
        tables = self.cloud.pages("glue", "get_tables", "TableList", DatabaseName=self.name)
        return sorted(each["Name"] for each in tables if not self._ours(each))

    def _ours(self, table: Mapping[str, Any]) -> bool:
        return table["Name"] in self.tables or table.get("Parameters", {}).get(MADE_BY) in self.crawlers

    def _create(self, marks: dict[str, str]) -> None:
        try:
            self.cloud.write("glue", "create_database", DatabaseInput={"Name": self.name}, Tags=marks)
        except ClientError as error:
            if code(error) not in ALREADY:
                raise


def _closed(step: str, caller: str, admins: set[str]) -> str:
    return (
        f"Lake Formation decides in this account who may use the catalog, and {caller} is none of its administrators "
        f"({', '.join(sorted(admins)) or 'there are none'}); ask one for CREATE_DATABASE on the catalog, then write "
        f"`granted: true` into step `{step}` of the runbook"
    )


def build(meta: Meta, settings: GlueDatabaseSettings, context: Context) -> GlueDatabase:
    inside = [each for each in context.settings.values() if getattr(each, "database", None) == meta.id]
    tables = frozenset(each.name for each in inside if isinstance(each, GlueTableSettings))
    crawlers = frozenset(each.name for each in inside if isinstance(each, GlueCrawlerSettings))
    return GlueDatabase(meta, context.cloud, settings.name, settings.granted, tables, crawlers, context.tags)
