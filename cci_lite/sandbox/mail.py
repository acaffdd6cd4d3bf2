"""SNS e-mail: a subscription waits for its owner, and every mail is a file in the mailbox (aws-facts §10)."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cci_lite.sandbox import ministack
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply
from cci_lite.sandbox.layout import write_json

_PROTOCOLS = ("email", "email-json")


@dataclass(frozen=True)
class Mail:
    """Writes `<time>-<id>.json` files: to, subject, message, and for a confirmation topic_arn and token."""

    mailbox: Path

    async def subscribe(self, call: Call, forward: Forward) -> Reply:
        """sns:Subscribe: an e-mail address is pending until its owner confirms."""
        form = ministack.form(call)
        topic, protocol, endpoint = (form.get(name, "") for name in ("TopicArn", "Protocol", "Endpoint"))
        known = ministack.subscription(topic, protocol, endpoint) is not None
        status, headers, body = await forward(call)
        found = ministack.subscription(topic, protocol, endpoint)
        if protocol not in _PROTOCOLS or status >= 400 or found is None:
            return status, headers, body
        if not known:
            self._ask(topic, found)
        if found["confirmed"] or form.get("ReturnSubscriptionArn") == "true":
            return status, headers, body
        return status, headers, bytes(body).replace(found["arn"].encode(), b"pending confirmation")

    def _ask(self, topic: str, found: dict[str, Any]) -> None:
        found.update(confirmed=False, token=uuid.uuid4().hex * 2)
        found["attributes"].update(PendingConfirmation="true", ConfirmationWasAuthenticated="false")
        self.write(
            found["endpoint"],
            "AWS Notification - Subscription Confirmation",
            f"You have chosen to subscribe to the topic:\n{topic}\nConfirm with the token in this mail.",
            topic_arn=topic,
            token=found["token"],
        )

    async def unsubscribe(self, call: Call, forward: Forward) -> Reply:
        """sns:Unsubscribe: a pending subscription has no ARN and cannot be removed; it vanishes with its token."""
        if ministack.form(call).get("SubscriptionArn") in ("PendingConfirmation", "pending confirmation"):
            text = "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements"
            raise Refusal("InvalidParameter", text)
        return await forward(call)

    async def listed(self, call: Call, forward: Forward) -> Reply:
        """sns:ListSubscriptions*: a pending subscription shows PendingConfirmation for its ARN."""
        status, headers, body = await forward(call)
        text = bytes(body)
        for arn in ministack.pending_subscriptions():
            shown, tag = f"<SubscriptionArn>{arn}<".encode(), b"<SubscriptionArn>PendingConfirmation<"
            text = text.replace(shown, tag)
        return status, headers, text

    def deliver(self, subscription: dict[str, Any], subject: str, message: str) -> None:
        """A published message to a confirmed address."""
        if subscription["protocol"] in _PROTOCOLS:
            self.write(subscription["endpoint"], subject, message, topic_arn=subscription["topic_arn"])

    def write(self, to: str, subject: str, message: str, **more: str) -> None:
        name = f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.json"
        write_json(self.mailbox / name, {"to": to, "subject": subject, "message": message, **more})
