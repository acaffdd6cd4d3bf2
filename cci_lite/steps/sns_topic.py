"""The topic that alarms are sent to, and who may publish to it. Foreign statements of its policy stay.

Source: aws-facts 10. The topic is not encrypted with a key of ours: CloudWatch could not publish to it without a
grant in the key's policy, and an alarm's text holds no customer's data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.policy import PolicyDocument, Statement, with_statement, without
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings

_PUBLISHERS = {
    "CciLitePublishAlarms": "cloudwatch.amazonaws.com",
    "CciLitePublishEvents": "events.amazonaws.com",
}


class SnsTopicSettings(Settings):
    name: Annotated[str, forms.name("_-", 256)]


@dataclass(frozen=True)
class SnsTopicSpec:
    statements: Mapping[str, Statement | None]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class SnsTopic:
    meta: Meta
    cloud: Cloud
    name: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits(document=f"topic {self.name}")

    def desired(self, known: Known) -> SnsTopicSpec:
        return SnsTopicSpec({sid: self._statement(sid, service) for sid, service in _PUBLISHERS.items()}, self.tags)

    def observe(self, known: Known) -> Observed | None:
        found, tagged = self.cloud.whole(
            lambda: self.cloud.find("sns", "get_topic_attributes", TopicArn=self._arn()),
            lambda: self.cloud.find("sns", "list_tags_for_resource", ResourceArn=self._arn()),
        )
        if found is None:
            return None
        policy = PolicyDocument.parse(found["Attributes"]["Policy"])
        marks = tags.as_map((tagged or {}).get("Tags", []))
        statements = {sid: each for sid in _PUBLISHERS if (each := policy.statement(sid))}
        spec = SnsTopicSpec(statements, tags.among(marks, self.tags))
        return Observed(spec, {"arn": self._arn(), "name": self.name}, tags.owned(marks))

    def apply(self, want: SnsTopicSpec, have: Observed | None, changes: Changes) -> None:
        """CreateTopic may be repeated: with the same tags it answers with the topic that is there."""
        if have is None:
            marks = tags.as_list(tags.ours(self.meta.id, want.tags))
            self.cloud.write("sns", "create_topic", Name=self.name, Tags=marks)
        if changes.touch("statements"):
            self._rewrite(want.statements)
        if have and changes.touch("tags"):
            self.cloud.write("sns", "tag_resource", ResourceArn=self._arn(), Tags=tags.as_list(want.tags))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        right = have.spec.statements == self.desired(known).statements
        yield check(self, "publishers", right, "alarms and events of this account may publish")

    def remove(self, have: Observed, known: Known) -> None:
        """From a topic that was there before only our statements go."""
        if have.owned:
            self.cloud.write("sns", "delete_topic", TopicArn=self._arn())
        elif have.spec.statements:
            self._rewrite(dict.fromkeys(_PUBLISHERS))

    def _arn(self) -> str:
        return self.cloud.site.arn("sns", self.name)

    def _statement(self, sid: str, service: str) -> Statement:
        return Statement.parse(
            {
                "Sid": sid,
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sns:Publish",
                "Resource": self._arn(),
                "Condition": {"StringEquals": {"aws:SourceAccount": self.cloud.site.account}},
            }
        )

    def _rewrite(self, ours: Mapping[str, Statement | None]) -> None:
        """SetTopicAttributes replaces the whole policy, AWS's own first statement included: it is put back."""
        found = self.cloud.read("sns", "get_topic_attributes", TopicArn=self._arn())
        policy = PolicyDocument.parse(found["Attributes"]["Policy"])
        for sid, each in ours.items():
            policy = with_statement(policy, each) if each else without(policy, sid)
        which: dict[str, Any] = {"TopicArn": self._arn(), "AttributeName": "Policy"}
        self.cloud.write("sns", "set_topic_attributes", **which, AttributeValue=policy.to_json())


def build(meta: Meta, settings: SnsTopicSettings, context: Context) -> SnsTopic:
    return SnsTopic(meta, context.cloud, settings.name, context.tags)
