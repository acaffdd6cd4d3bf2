"""An EventBridge rule that invokes the function: for events of a pattern, or by a schedule. Source: aws-facts 10.

Foreign targets of the rule stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

_TARGET = "cci-lite"


class TargetRefusedError(Exception):
    """EventBridge answered 200 and refused the target."""


class EventRuleSettings(Settings):
    """Exactly one of pattern (of events, as EventBridge takes it) and schedule (rate(1 hour), cron(0 3 * * ? *))."""

    name: Annotated[str, forms.name("_.-", 64)]
    description: Annotated[str, Field(max_length=512)] = ""
    function: Annotated[str, Refers(("lambda_function",))]
    pattern: dict[str, Any] | None = None
    schedule: (
        Annotated[str, forms.form(r"(rate|cron)\(.+\)", "be a schedule such as rate(1 hour)"), Field(max_length=256)]
        | None
    ) = None

    def model_post_init(self, context: Any) -> None:
        if (self.pattern is None) == (self.schedule is None):
            raise ValueError("give exactly one of `pattern` and `schedule`")


@dataclass(frozen=True)
class EventRuleSpec:
    """pattern, schedule: "" where the rule has none."""

    pattern: str
    schedule: str
    state: str
    description: str
    target: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class EventRule:
    """function: its ARN."""

    meta: Meta
    cloud: Cloud
    settings: EventRuleSettings
    function: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> EventRuleSpec:
        wish = self.settings
        pattern = _canonical(wish.pattern) if wish.pattern is not None else ""
        return EventRuleSpec(pattern, wish.schedule or "", "ENABLED", wish.description, self.function, self.tags)

    def observe(self, known: Known) -> Observed | None:
        name = self.settings.name
        arn = self.cloud.site.arn("events", f"rule/{name}")
        found, tagged, listed = self.cloud.whole(
            lambda: self.cloud.find("events", "describe_rule", Name=name),
            lambda: self.cloud.find("events", "list_tags_for_resource", ResourceARN=arn),
            lambda: self.cloud.find("events", "list_targets_by_rule", Rule=name),
        )
        if found is None:
            return None
        marks = tags.as_map((tagged or {}).get("Tags", []))
        targets = {str(each["Id"]): _target(each) for each in (listed or {}).get("Targets", [])}
        spec = EventRuleSpec(
            _canonical(json.loads(found["EventPattern"])) if found.get("EventPattern") else "",
            str(found.get("ScheduleExpression", "")),
            str(found["State"]),
            str(found.get("Description", "")),
            targets.get(_TARGET, ""),
            tags.among(marks, self.tags),
        )
        stays = "somebody else's targets hang on the rule" if targets.keys() - {_TARGET} else ""
        return Observed(spec, {"arn": found["Arn"], "name": self.settings.name}, tags.owned(marks), stays=stays)

    def apply(self, want: EventRuleSpec, have: Observed | None, changes: Changes) -> None:
        if changes.touch("pattern", "schedule", "state", "description"):
            self._put_rule(want, tags.ours(self.meta.id, want.tags) if have is None else {})
        if have and changes.touch("tags"):
            self.cloud.write("events", "tag_resource", ResourceARN=have.facts["arn"], Tags=tags.as_list(want.tags))
        if changes.touch("target"):
            self._put_target(want.target)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec: EventRuleSpec = have.spec
        yield check(self, "enabled", spec.state == "ENABLED", f"{self.settings.name} is {spec.state}")
        yield check(self, "target", spec.target == self.function, f"target: {spec.target or 'none'}")

    def remove(self, have: Observed, known: Known) -> None:
        """The rule itself stays while somebody else's target hangs on it."""
        if have.spec.target:
            answer = self.cloud.write("events", "remove_targets", Rule=self.settings.name, Ids=[_TARGET])
            _refused(answer)
        if have.owned and not self._targets():
            self.cloud.write("events", "delete_rule", Name=self.settings.name)

    def _targets(self) -> list[dict[str, Any]]:
        found = self.cloud.find("events", "list_targets_by_rule", Rule=self.settings.name) or {}
        return list(found.get("Targets", []))

    def _put_rule(self, want: EventRuleSpec, marks: dict[str, str]) -> None:
        """Tags are taken at creation only, and ignored on a rule that exists; of the rest what is not given is gone."""
        given: dict[str, Any] = {"Tags": tags.as_list(marks)} if marks else {}
        when = {"EventPattern": want.pattern, "ScheduleExpression": want.schedule}
        given |= {name: value for name, value in when.items() if value}
        self.cloud.write(
            "events", "put_rule", Name=self.settings.name, State=want.state, Description=want.description, **given
        )

    def _put_target(self, target: str) -> None:
        targets = [{"Id": _TARGET, "Arn": target}]
        _refused(self.cloud.write("events", "put_targets", Rule=self.settings.name, Targets=targets))


def _refused(answer: Mapping[str, Any]) -> None:
    if answer.get("FailedEntryCount"):
        first = answer["FailedEntries"][0]
        why = f"{first.get('ErrorCode')} {first.get('ErrorMessage')}"
        raise TargetRefusedError(f"target {first.get('TargetId')}: {why}")


def _target(target: Mapping[str, Any]) -> str:
    """The ARN, and what makes of the event another one than the function expects."""
    rewritten = [name for name in ("Input", "InputPath", "InputTransformer") if name in target]
    return " ".join([str(target["Arn"]), *rewritten])


def _canonical(pattern: Mapping[str, Any]) -> str:
    return json.dumps(pattern, sort_keys=True)


def build(meta: Meta, settings: EventRuleSettings, context: Context) -> EventRule:
    function = context.cloud.site.function_arn(context.name_of(settings.function))
    return EventRule(meta, context.cloud, settings, function, context.tags)
