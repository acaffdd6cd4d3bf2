"""The e-mail address that gets alarms. Only its owner can confirm it. Source: aws-facts 10.

A pending subscription has no ARN, is never counted as success, is not asked for again while it waits, and goes away
by itself. One that was ended, by us or by a click in a mail, is listed on for a while as "Deleted".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import absent
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

_PENDING = ("PendingConfirmation", "pending confirmation")
_ENDED = "Deleted"


class SnsSubscriptionSettings(Settings):
    """email: one address; a step an address."""

    topic: Annotated[str, Refers(("sns_topic",), facts=True, whole=True)]
    email: Annotated[str, forms.form(r"[^@\s]+@[^@\s]+\.[^@\s]+", "be an e-mail address")]


@dataclass(frozen=True)
class SnsSubscriptionSpec:
    email: str


@dataclass(frozen=True)
class SnsSubscription:
    meta: Meta
    cloud: Cloud
    topic: str
    topic_name: str
    email: str

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> SnsSubscriptionSpec:
        return SnsSubscriptionSpec(self.email)

    def observe(self, known: Known) -> Observed | None:
        arn = self._arn()
        if arn is None:
            return None
        pending = arn in _PENDING
        return Observed(
            SnsSubscriptionSpec(self.email),
            {"arn": "" if pending else arn},
            waiting_for=self._ask() if pending else "",
            stays="it was never confirmed; AWS drops it by itself" if pending else "",
        )

    def apply(self, want: SnsSubscriptionSpec, have: Observed | None, changes: Changes) -> None:
        which = {"TopicArn": self._topic_arn(), "Protocol": "email", "Endpoint": want.email}
        self.cloud.write("sns", "subscribe", **which, ReturnSubscriptionArn=True)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        found, listed = self.cloud.together(
            lambda: self.cloud.read("sns", "get_subscription_attributes", SubscriptionArn=have.facts["arn"]),
            lambda: {"all": self._listed()},
        )
        pending = found["Attributes"].get("PendingConfirmation")
        others = sorted({str(each["Endpoint"]) for each in listed["all"]} - {self.email})
        also = f"; told as well: {', '.join(others)}" if others else ""
        told = f"{self.email}: PendingConfirmation={pending}{also}"
        yield check(self, "confirmed", pending == "false", told, self._ask())

    def remove(self, have: Observed, known: Known) -> None:
        if have.facts["arn"]:
            self.cloud.write("sns", "unsubscribe", SubscriptionArn=have.facts["arn"])

    def _ask(self) -> str:
        return f"open the mail from AWS to {self.email} and click “Confirm subscription” (the link lasts two days)"

    def _topic_arn(self) -> str:
        return self.cloud.site.arn("sns", self.topic_name)

    def _arn(self) -> str | None:
        ours = (each for each in self._listed() if (each["Protocol"], each["Endpoint"]) == ("email", self.email))
        return next((str(each["SubscriptionArn"]) for each in ours), None)

    def _listed(self) -> list[dict[str, Any]]:
        """Subscriptions of the topic, but for those that were ended; none while there is no topic."""
        try:
            pages = self.cloud.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=self._topic_arn())
        except ClientError as error:
            if absent("sns", error):
                return []
            raise
        return [each for each in pages if each["SubscriptionArn"] != _ENDED]


def build(meta: Meta, settings: SnsSubscriptionSettings, context: Context) -> SnsSubscription:
    name = context.name_of(settings.topic)
    return SnsSubscription(meta, context.cloud, settings.topic, name, settings.email)
