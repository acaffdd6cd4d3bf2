"""A crawler over the results, beside the table that is made explicitly. Source: aws-facts 11, 16.

Optional, and without a way to spoil that table: what it makes begins with a prefix, only such names may be written by
its role (glue_role_policy), and it never deletes. Its schedule and its crawls are steps of their own. The lines it logs
go to /aws-glue/crawlers, which all crawlers of an account share, and which keeps them for ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.aws.propagation import GLUE_ROLE, Lag, propagated
from cci_lite.engine.clock import Patience
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

#: Relative to the bucket. Everything that is no result: intermediate files, answers, failures, unredacted text, probes.
EXCLUDED = frozenset({"tmp/**", "athena-results/**", "_*/**", "**/_failed/**", "**.temp"})
LOG_GROUP = "/aws-glue/crawlers"
#: The bucket is level 1: one table over all tenants, whatever their folders look like.
_ONE_TABLE = {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 1}
_KEEP = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
_STOP_S = 600.0
# "Crawler with name NAME has already started"
_RUNNING = Lag("CrawlerRunningException", "", 1800, "the crawler to finish")
# "User: arn:aws:sts::...:assumed-role/... is not authorized to perform: ..."
_RIGHTS = Lag("InvalidInputException", "is not authorized", 120, "the role's policy to reach Glue")


class GlueCrawlerSettings(Settings):
    """policy: what lets its role read the results, and write tables under a prefix, which the crawler gives them."""

    name: Annotated[str, forms.name("_-", 255)]
    role: Annotated[str, Refers(("iam_role",))]
    policy: Annotated[str, Refers(("glue_role_policy",))]
    database: Annotated[str, Refers(("glue_database",))]
    bucket: Annotated[str, Refers(("bucket",))]


@dataclass(frozen=True)
class GlueCrawlerSpec:
    """role: its name; paths -> what is left out below each; grouping, policy: what it does with what it finds."""

    role: str
    database: str
    paths: Mapping[str, frozenset[str]]
    prefix: str
    grouping: Mapping[str, Any]
    policy: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class GlueCrawler:
    meta: Meta
    cloud: Cloud
    settings: GlueCrawlerSettings
    role: str
    database: str
    bucket: str
    prefix: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> GlueCrawlerSpec:
        paths = {f"s3://{self.bucket}/": EXCLUDED}
        return GlueCrawlerSpec(self.role, self.database, paths, self.prefix, _ONE_TABLE, _KEEP, self.tags)

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("glue", "get_crawler", Name=self.settings.name)
        if found is None:
            return None
        marks = self.cloud.read("glue", "get_tags", ResourceArn=self._arn).get("Tags", {})
        facts = {"name": self.settings.name, "arn": self._arn}
        return Observed(_seen(found["Crawler"], tags.among(marks, self.tags)), facts, tags.owned(marks))

    def apply(self, want: GlueCrawlerSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._create(want)
            return
        if changes.touch("tags"):
            self.cloud.write("glue", "tag_resource", ResourceArn=self._arn, TagsToAdd=dict(want.tags))
        if any(not each.path.startswith("tags") for each in changes):
            self._write("update_crawler", **self._written(want))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec: GlueCrawlerSpec = have.spec
        told = f"its tables begin with {spec.prefix}; what goes away in S3 is logged, never deleted"
        yield check(self, "harmless", (spec.prefix, spec.policy) == (self.prefix, _KEEP), told)
        left_out = ", ".join(sorted(set().union(*spec.paths.values())))
        told = f"left out: {left_out}; its log group {LOG_GROUP} is the account's own and keeps its lines for ever"
        yield check(self, "exclusions", spec.paths == self.desired(known).paths, told)

    def remove(self, have: Observed, known: Known) -> None:
        """A crawl that is under way is stopped first; Glue refuses to delete a crawler that runs."""
        if not have.owned:
            return
        self._stop()
        propagated(self.cloud, lambda: self.cloud.write("glue", "delete_crawler", Name=self.settings.name), _RUNNING)

    @property
    def _arn(self) -> str:
        return self.cloud.site.arn("glue", f"crawler/{self.settings.name}")

    def _create(self, want: GlueCrawlerSpec) -> None:
        try:
            self._write("create_crawler", **self._written(want), Tags=tags.ours(self.meta.id, want.tags))
        except ClientError as error:
            if code(error) not in ALREADY:
                raise

    def _written(self, want: GlueCrawlerSpec) -> dict[str, Any]:
        targets = [{"Path": path, "Exclusions": sorted(left_out)} for path, left_out in want.paths.items()]
        return {
            "Role": self.cloud.site.role_arn(want.role),
            "DatabaseName": want.database,
            "Targets": {"S3Targets": targets},
            "TablePrefix": want.prefix,
            "SchemaChangePolicy": dict(want.policy),
            "Configuration": json.dumps({"Version": 1.0, "Grouping": dict(want.grouping)}, sort_keys=True),
        }

    def _write(self, operation: str, **params: Any) -> None:
        def write() -> None:
            self.cloud.write("glue", operation, Name=self.settings.name, **params)

        propagated(self.cloud, write, GLUE_ROLE, _RIGHTS, _RUNNING)

    def _stop(self) -> None:
        for waited in Patience(self.cloud.clock, _STOP_S, first=1.0):
            found = self.cloud.find("glue", "get_crawler", Name=self.settings.name)
            state = found["Crawler"]["State"] if found else "READY"
            if state == "READY":
                return
            if state == "RUNNING":
                self._cancel()
            self.cloud.wait("the crawler to stop", waited)

    def _cancel(self) -> None:
        try:
            self.cloud.write("glue", "stop_crawler", Name=self.settings.name)
        except ClientError as error:  # it has ended, or is being stopped, since we looked
            if code(error) not in ("CrawlerNotRunningException", "CrawlerStoppingException"):
                raise


def _seen(found: Mapping[str, Any], marks: Mapping[str, str]) -> GlueCrawlerSpec:
    """Glue answers a role's ARN or its name, whichever it was given."""
    targets = found.get("Targets", {}).get("S3Targets", [])
    configuration = json.loads(found.get("Configuration") or "{}")
    return GlueCrawlerSpec(
        role=str(found.get("Role", "")).rsplit("/", 1)[-1],
        database=str(found.get("DatabaseName", "")),
        paths={each["Path"]: frozenset(each.get("Exclusions", [])) for each in targets},
        prefix=str(found.get("TablePrefix", "")),
        grouping=dict(configuration.get("Grouping", {})),
        policy=dict(found.get("SchemaChangePolicy", {})),
        tags=marks,
    )


def build(meta: Meta, settings: GlueCrawlerSettings, context: Context) -> GlueCrawler:
    names = (context.name_of(settings.role), context.name_of(settings.database), context.name_of(settings.bucket))
    prefix = context.settings[settings.policy].prefix
    return GlueCrawler(meta, context.cloud, settings, *names, prefix, context.tags)
