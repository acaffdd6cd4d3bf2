"""An alarm on one metric of the function. Source: aws-facts 10.

PutMetricAlarm replaces the whole alarm and takes tags only when it makes one. Missing data counts as healthy: between
calls there is none, and the alarm would otherwise never be OK.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps.checks import check, skipped
from cci_lite.steps.kind import Context, Refers, Settings


class LambdaAlarmSettings(Settings):
    """threshold in the metric's own unit (Errors: count, Duration: ms); period_s: seconds that are added up."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    function: Annotated[str, Refers(("lambda_function",))]
    topic: Annotated[str, Refers(("sns_topic",), facts=True)]
    metric: Literal["Errors", "Throttles", "AsyncEventsDropped", "DestinationDeliveryFailures"]
    threshold: Annotated[int, Field(ge=1)] = 1
    period_s: Literal[60, 300, 900, 3600] = 300


@dataclass(frozen=True)
class LambdaAlarmSpec:
    metric: str
    dimensions: Mapping[str, str]
    statistic: str
    period_s: int
    evaluation_periods: int
    comparison: str
    threshold: float
    missing_data: str
    actions: frozenset[str]
    actions_enabled: bool
    tags: Mapping[str, str]


@dataclass(frozen=True)
class LambdaAlarm:
    meta: Meta
    cloud: Cloud
    settings: LambdaAlarmSettings
    function: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> LambdaAlarmSpec:
        return LambdaAlarmSpec(
            metric=f"AWS/Lambda {self.settings.metric}",
            dimensions={"FunctionName": self.function},
            statistic="Sum",
            period_s=self.settings.period_s,
            evaluation_periods=1,
            comparison="GreaterThanOrEqualToThreshold",
            threshold=float(self.settings.threshold),
            missing_data="notBreaching",
            actions=frozenset({known.fact(self.settings.topic, "arn")}),
            actions_enabled=True,
            tags=self.tags,
        )

    def observe(self, known: Known) -> Observed | None:
        arn = self.cloud.site.arn("cloudwatch", f"alarm:{self.settings.name}")
        found, tagged = self.cloud.whole(
            self._found, lambda: self.cloud.find("cloudwatch", "list_tags_for_resource", ResourceARN=arn)
        )
        if found is None:
            return None
        marks = tags.as_map((tagged or {}).get("Tags", []))
        facts = {"arn": found["AlarmArn"], "name": self.settings.name, "state": found["StateValue"]}
        return Observed(_seen(found, tags.among(marks, self.tags)), facts, tags.owned(marks))

    def apply(self, want: LambdaAlarmSpec, have: Observed | None, changes: Changes) -> None:
        marks = tags.as_list(tags.ours(self.meta.id, want.tags)) if have is None else []
        if have and changes.touch("tags"):
            self.cloud.write("cloudwatch", "tag_resource", ResourceARN=have.facts["arn"], Tags=tags.as_list(want.tags))
        if any(not each.path.startswith("tags") for each in changes):
            self._put(want, marks)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: "CloudWatch alarms healthy"."""
        state = have.facts["state"]
        if state == "INSUFFICIENT_DATA":
            reason = f"{self.settings.name}: CloudWatch has not evaluated it yet"
            yield skipped(self, "healthy", reason, "run `cci-lite validate` again in five minutes")
        else:
            hint = f"an event failed: cci-lite call result, and the log of {self.function}"
            yield check(self, "healthy", state == "OK", f"{self.settings.name} is {state}", hint)
        yield check(self, "notifies", have.spec.actions_enabled, f"actions: {', '.join(sorted(have.spec.actions))}")

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self.cloud.write("cloudwatch", "delete_alarms", AlarmNames=[self.settings.name])

    def _found(self) -> dict[str, Any] | None:
        found = self.cloud.read("cloudwatch", "describe_alarms", AlarmNames=[self.settings.name])
        alarms: list[dict[str, Any]] = found.get("MetricAlarms", [])
        return alarms[0] if alarms else None

    def _put(self, want: LambdaAlarmSpec, marks: list[dict[str, str]]) -> None:
        namespace, metric = want.metric.split(" ")
        given: dict[str, Any] = {"Tags": marks} if marks else {}
        self.cloud.write(
            "cloudwatch",
            "put_metric_alarm",
            AlarmName=self.settings.name,
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in want.dimensions.items()],
            Statistic=want.statistic,
            Period=want.period_s,
            EvaluationPeriods=want.evaluation_periods,
            ComparisonOperator=want.comparison,
            Threshold=want.threshold,
            TreatMissingData=want.missing_data,
            AlarmActions=sorted(want.actions),
            ActionsEnabled=want.actions_enabled,
            **given,
        )


def _seen(found: Mapping[str, Any], marks: Mapping[str, str]) -> LambdaAlarmSpec:
    return LambdaAlarmSpec(
        metric=f"{found.get('Namespace', '')} {found.get('MetricName', '')}",
        dimensions={each["Name"]: each["Value"] for each in found.get("Dimensions", [])},
        statistic=str(found.get("Statistic") or found.get("ExtendedStatistic", "")),
        period_s=int(found.get("Period", 0)),
        evaluation_periods=int(found.get("EvaluationPeriods", 0)),
        comparison=str(found.get("ComparisonOperator", "")),
        threshold=float(found.get("Threshold", 0)),
        missing_data=str(found.get("TreatMissingData", "missing")),
        actions=frozenset(found.get("AlarmActions", [])),
        actions_enabled=bool(found.get("ActionsEnabled", False)),
        tags=marks,
    )


def build(meta: Meta, settings: LambdaAlarmSettings, context: Context) -> LambdaAlarm:
    return LambdaAlarm(meta, context.cloud, settings, context.name_of(settings.function), context.tags)
