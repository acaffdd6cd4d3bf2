"""A log group with its retention, made before the function that writes to it. Source: aws-facts 10.

The function's role may not create log groups, so that no late invocation brings one back without a retention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.aws.propagation import LOG_GROUP_BUSY, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings

_Days = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]


class LogGroupSettings(Settings):
    """days: one of the values CloudWatch Logs allows."""

    name: Annotated[str, forms.name("_/.#-", 512)]
    days: _Days


@dataclass(frozen=True)
class LogGroupSpec:
    """retention_days: None keeps logs for ever."""

    retention_days: int | None
    tags: Mapping[str, str]


@dataclass(frozen=True)
class LogGroup:
    meta: Meta
    cloud: Cloud
    name: str
    days: int
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> LogGroupSpec:
        return LogGroupSpec(self.days, self.tags)

    def observe(self, known: Known) -> Observed | None:
        found, tagged = self.cloud.whole(
            self._found, lambda: self.cloud.find("logs", "list_tags_for_resource", resourceArn=self._arn())
        )
        if found is None:
            return None
        marks = (tagged or {}).get("tags", {})
        spec = LogGroupSpec(found.get("retentionInDays"), tags.among(marks, self.tags))
        return Observed(spec, {"name": self.name, "arn": self._arn()}, tags.owned(marks))

    def apply(self, want: LogGroupSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._create(want)
        if changes.touch("retention_days"):
            self._write("put_retention_policy", retentionInDays=want.retention_days)
        if have and changes.touch("tags"):
            self.cloud.write("logs", "tag_resource", resourceArn=self._arn(), tags=dict(want.tags))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: "retention = 30 days"."""
        days = have.spec.retention_days
        yield check(self, "retention", days == self.days, f"{self.name}: {days or 'for ever'} days")

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self._write("delete_log_group")

    def _arn(self) -> str:
        return self.cloud.site.arn("logs", f"log-group:{self.name}")

    def _found(self) -> dict[str, Any] | None:
        """Listed by prefix: there is no call for one group."""
        groups = self.cloud.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=self.name)
        return next((each for each in groups if each["logGroupName"] == self.name), None)

    def _create(self, want: LogGroupSpec) -> None:
        try:
            self._write("create_log_group", tags=tags.ours(self.meta.id, want.tags))
        except ClientError as error:
            if code(error) not in ALREADY:
                raise

    def _write(self, operation: str, **params: Any) -> None:
        call = partial(self.cloud.write, "logs", operation, logGroupName=self.name, **params)
        propagated(self.cloud, call, LOG_GROUP_BUSY)


def build(meta: Meta, settings: LogGroupSettings, context: Context) -> LogGroup:
    return LogGroup(meta, context.cloud, settings.name, settings.days, context.tags)
