"""sandbox confirm: the person who opens AWS's mails. In the sandbox a mail is a file, and its link a token in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cci_lite.cli.exits import DONE, FAILED, Stop
from cci_lite.cli.screen import Screen, safe
from cci_lite.cli.session import connect_sandbox, start_sandbox

if TYPE_CHECKING:
    from cci_lite.aws.cloud import Cloud
    from cci_lite.cli.session import Session
    from cci_lite.engine.model import Step
    from cci_lite.engine.validate import Verdict
    from cci_lite.sandbox.control import Sandbox

COMMAND = "cci-lite sandbox confirm"
_LOST = "take the topic down and provision it again: AWS sends a new mail"


@dataclass(frozen=True)
class Waiting:
    """An address that has not confirmed yet that a topic may write to it."""

    topic_arn: str
    email: str

    @property
    def topic(self) -> str:
        """The topic's name."""
        return self.topic_arn.rsplit(":", 1)[-1]


def run_confirm(screen: Screen) -> int:
    """The exit code of `cci-lite sandbox confirm`."""
    sandbox = start_sandbox(screen)
    done = confirm(connect_sandbox(sandbox), sandbox)
    told = [{"email": each.email, "topic": each.topic_arn} for each in done]
    screen.document({"schema": "cci-lite/confirmed/1", "confirmed": told})
    for each in done:
        screen.show(safe(f"Confirmed: {each.email} gets what topic {each.topic} has to say."))
    if not done:
        screen.show("No subscription waits for a confirmation.")
    return DONE


def confirm(cloud: Cloud, sandbox: Sandbox) -> list[Waiting]:
    """Click the link in each mail that waits for it, as its reader would; who that was. Raises Stop for a lost mail."""
    from cci_lite.sandbox.layout import Layout

    waiting = list(_waiting(cloud))
    tokens = _tokens(Layout(sandbox.state).mailbox)
    for each in waiting:
        if each not in tokens:
            raise Stop(FAILED, f"the mail to {each.email} about topic {each.topic} is not in the mailbox", _LOST)
        cloud.write("sns", "confirm_subscription", TopicArn=each.topic_arn, Token=tokens[each])
    return waiting


def next_step(session: Session, step: Step) -> str:
    """What to type where a step waits for a mail to be answered: nothing on AWS, only its reader can do that."""
    return COMMAND if session.sandbox and step.meta.kind == "sns_subscription" else ""


def with_next_step(session: Session, verdict: Verdict) -> Verdict:
    """The same verdict; in the sandbox its hint names the command that plays the person."""
    if not verdict.decision.person or not (command := next_step(session, verdict.decision.step)):
        return verdict
    checks = (replace(each, hint=f"{command}; then run `cci-lite provision`") for each in verdict.checks)
    return replace(verdict, checks=tuple(checks))


def _waiting(cloud: Cloud) -> Iterable[Waiting]:
    for each in cloud.pages("sns", "list_subscriptions", "Subscriptions"):
        if each["SubscriptionArn"] == "PendingConfirmation" and each["Protocol"].startswith("email"):
            yield Waiting(each["TopicArn"], each["Endpoint"])


def _tokens(mailbox: Path) -> dict[Waiting, str]:
    """The newest of each topic and address: all others are void."""
    mails = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(mailbox.glob("*.json")))
    return {Waiting(each["topic_arn"], each["to"]): each["token"] for each in mails if "token" in each}
