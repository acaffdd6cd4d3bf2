"""When a crawler runs by itself. A step of its own, since the plan wants it only after the first success.

Source: aws-facts 11. "On demand" is the absence of a schedule; one that was stopped counts as absent. It belongs to
whom the crawler belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import absent, code
from cci_lite.aws.propagation import Lag, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

# "The specified scheduler is transitioning."
_TRANSITION = Lag("SchedulerTransitioningException", "", 120, "Glue to finish another change of the schedule")


class GlueCrawlerScheduleSettings(Settings):
    """crawl: the success that comes first; cron: Glue's form, in UTC."""

    crawler: Annotated[str, Refers(("glue_crawler",), whole=True)]
    crawl: Annotated[str, Refers(("glue_crawl",))]
    cron: Annotated[str, forms.form(r"cron\(\S+( \S+){5}\)", "be a schedule such as cron(0 2 * * ? *)")] = (
        "cron(0 2 * * ? *)"
    )


@dataclass(frozen=True)
class GlueCrawlerScheduleSpec:
    cron: str


@dataclass(frozen=True)
class GlueCrawlerSchedule:
    meta: Meta
    cloud: Cloud
    crawler: str
    cron: str

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> GlueCrawlerScheduleSpec:
        return GlueCrawlerScheduleSpec(self.cron)

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("glue", "get_crawler", Name=self.crawler)
        schedule = (found or {}).get("Crawler", {}).get("Schedule", {})
        if not schedule.get("ScheduleExpression") or schedule.get("State") == "NOT_SCHEDULED":
            return None
        arn = self.cloud.site.arn("glue", f"crawler/{self.crawler}")
        owned = tags.owned(self.cloud.read("glue", "get_tags", ResourceArn=arn).get("Tags", {}))
        return Observed(GlueCrawlerScheduleSpec(str(schedule["ScheduleExpression"])), owned=owned)

    def apply(self, want: GlueCrawlerScheduleSpec, have: Observed | None, changes: Changes) -> None:
        """A new expression starts a schedule that never was; one that somebody stopped is started again."""
        self._write("update_crawler_schedule", Schedule=want.cron)
        try:
            self._write("start_crawler_schedule")
        except ClientError as error:
            if code(error) != "SchedulerRunningException":
                raise

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: daily at 02:00 UTC after the first success."""
        yield check(self, "daily", have.spec == self.desired(known), f"{self.crawler}: {have.spec.cron} (UTC)")

    def remove(self, have: Observed, known: Known) -> None:
        if not have.owned:
            return
        try:
            self._write("stop_crawler_schedule")
        except ClientError as error:
            if code(error) != "SchedulerNotRunningException" and not absent("glue", error):
                raise

    def _write(self, operation: str, **params: Any) -> None:
        def write() -> None:
            self.cloud.write("glue", operation, CrawlerName=self.crawler, **params)

        propagated(self.cloud, write, _TRANSITION)


def build(meta: Meta, settings: GlueCrawlerScheduleSettings, context: Context) -> GlueCrawlerSchedule:
    return GlueCrawlerSchedule(meta, context.cloud, context.name_of(settings.crawler), settings.cron)
