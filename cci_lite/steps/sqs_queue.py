"""The queue where calls land that failed for good after their retries. Source: aws-facts 8.5, 13."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.propagation import Lag, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings

# "You must wait 60 seconds after deleting a queue before you can create another queue with the same name."
_DELETED = Lag("AWS.SimpleQueueService.QueueDeletedRecently", "", 90, "SQS to free the queue's name")
_DELETED_JSON = Lag("QueueDeletedRecently", "", 90, "SQS to free the queue's name")


class SqsQueueSettings(Settings):
    """days: how long a failed event is kept, at most 14."""

    name: Annotated[str, forms.name("_-", 80)]
    days: Annotated[int, Field(ge=1, le=14)] = 14


@dataclass(frozen=True)
class SqsQueueSpec:
    """sse: encrypted by keys that SQS owns; seconds are kept as SQS counts them."""

    retention_s: int
    sse: bool
    tags: Mapping[str, str]


@dataclass(frozen=True)
class SqsQueue:
    meta: Meta
    cloud: Cloud
    name: str
    days: int
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits(settle_s=180)

    def desired(self, known: Known) -> SqsQueueSpec:
        return SqsQueueSpec(self.days * 86400, True, self.tags)

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("sqs", "get_queue_url", QueueName=self.name)
        url = found["QueueUrl"] if found else ""
        if not url:
            return None
        answer, tagged = self.cloud.whole(
            lambda: self.cloud.find("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"]),
            lambda: self.cloud.find("sqs", "list_queue_tags", QueueUrl=url),
        )
        if answer is None:
            return None
        attributes, marks = answer.get("Attributes", {}), (tagged or {}).get("Tags", {})
        spec = SqsQueueSpec(
            int(attributes.get("MessageRetentionPeriod", 0)),
            attributes.get("SqsManagedSseEnabled", "").lower() == "true" or "KmsMasterKeyId" in attributes,
            tags.among(marks, self.tags),
        )
        facts = {
            "url": url,
            "arn": attributes["QueueArn"],
            "waiting": attributes.get("ApproximateNumberOfMessages", "0"),
        }
        return Observed(spec, facts, tags.owned(marks))

    def apply(self, want: SqsQueueSpec, have: Observed | None, changes: Changes) -> None:
        attributes = {"MessageRetentionPeriod": str(want.retention_s), "SqsManagedSseEnabled": "true"}
        if have is None:
            marks = tags.ours(self.meta.id, want.tags)
            propagated(self.cloud, lambda: self._create(attributes, marks), _DELETED, _DELETED_JSON)
            return
        url = have.facts["url"]
        if changes.touch("retention_s", "sse"):
            self.cloud.write("sqs", "set_queue_attributes", QueueUrl=url, Attributes=attributes)
        if changes.touch("tags"):
            self.cloud.write("sqs", "tag_queue", QueueUrl=url, Tags=dict(want.tags))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        waiting = have.facts["waiting"]
        of = f"--queue-url {have.facts['url']}"
        hint = f"look at them: aws sqs receive-message {of}; their calls are caught up, then: aws sqs purge-queue {of}"
        yield check(self, "empty", waiting == "0", f"{waiting} failed events wait in {self.name}", hint)

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self.cloud.write("sqs", "delete_queue", QueueUrl=have.facts["url"])

    def _create(self, attributes: dict[str, str], marks: dict[str, str]) -> Any:
        return self.cloud.write("sqs", "create_queue", QueueName=self.name, Attributes=attributes, tags=marks)


def build(meta: Meta, settings: SqsQueueSettings, context: Context) -> SqsQueue:
    return SqsQueue(meta, context.cloud, settings.name, settings.days, context.tags)
