"""The part of the person who opens mails, by `sandbox confirm` and in the demo: on mails of all ages."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cci_lite.aws import connect
from cci_lite.cli import demo
from cci_lite.cli.confirming import next_step, with_next_step
from cci_lite.cli.session import Session
from cci_lite.engine.model import Action, Changes, Check, Meta, Status
from cci_lite.engine.plan import Decision
from cci_lite.engine.validate import Verdict
from tests.cli.conftest import Daemon, Run

TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms"


class Mails:
    """SNS with one address confirmed and one pending; every other token is void."""

    def __init__(self) -> None:
        self.pending, self.confirmed = ["new@example.com"], list[str]()

    def pages(self, service: str, operation: str, result: str) -> list[dict[str, str]]:
        confirmed = {"Endpoint": "confirmed@example.com", "SubscriptionArn": f"{TOPIC}:1"}
        pending = [{"Endpoint": each, "SubscriptionArn": "PendingConfirmation"} for each in self.pending]
        queue = {"Endpoint": "https://example.com", "SubscriptionArn": "PendingConfirmation", "Protocol": "https"}
        return [{"TopicArn": TOPIC, "Protocol": "email", **each} for each in (confirmed, *pending, queue)]

    def write(self, service: str, operation: str, **params: Any) -> None:
        assert params == {"TopicArn": TOPIC, "Token": "valid"}, "Invalid token"
        self.confirmed.append(self.pending.pop())


@pytest.fixture
def mails(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> Mails:
    """A sandbox that has been in use for a while."""
    daemon.up, made = True, Mails()
    monkeypatch.setattr(connect, "connect", lambda *_, **__: made)
    box = daemon.state / "mailbox"
    box.mkdir(parents=True)
    sent = [
        ("ended@example.com", TOPIC, "void"),
        ("confirmed@example.com", TOPIC, "void"),
        ("new@example.com", TOPIC, "void"),
        ("new@example.com", f"{TOPIC}-of-an-earlier-teardown", "void"),
        ("new@example.com", TOPIC, "valid"),
    ]
    for number, (to, topic, token) in enumerate(sent):
        (box / f"{number}.json").write_text(json.dumps({"to": to, "topic_arn": topic, "token": token}))
    (box / "9.json").write_text(json.dumps({"to": "new@example.com", "topic_arn": TOPIC, "message": "an alarm"}))
    return made


def test_only_what_is_pending_is_confirmed_with_its_newest_token(run: Callable[..., Run], mails: Mails) -> None:
    done = run("sandbox", "confirm")
    assert (done.code, mails.confirmed) == (0, ["new@example.com"])
    assert done.out == "Confirmed: new@example.com gets what topic alarms has to say.\n"
    assert run("sandbox", "confirm").out == "No subscription waits for a confirmation.\n"


def test_a_program_is_told_who_confirmed_what(run: Callable[..., Run], mails: Mails) -> None:
    confirmed = [{"email": "new@example.com", "topic": TOPIC}]
    assert json.loads(run("sandbox", "confirm", "--json").out) == {
        "schema": "cci-lite/confirmed/1",
        "confirmed": confirmed,
    }
    assert json.loads(run("--json", "sandbox", "confirm").out)["confirmed"] == []


def test_a_mail_that_is_not_there_cannot_be_answered(run: Callable[..., Run], mails: Mails) -> None:
    mails.pending = ["lost@example.com"]
    done = run("sandbox", "confirm")
    assert (done.code, mails.confirmed) == (1, [])
    assert done.err.startswith("the mail to lost@example.com about topic alarms is not in the mailbox\nnext: ")


def test_the_demo_goes_on_when_the_person_has_confirmed(
    mails: Mails,
    daemon: Daemon,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes, said = iter([4, 0, 4]), list[str]()
    monkeypatch.setattr(demo, "bring", lambda *_, **__: next(codes))
    session = SimpleNamespace(
        screen=SimpleNamespace(say=said.append), cloud=mails, sandbox=daemon.running(daemon.state)
    )
    phase = cast(Any, SimpleNamespace(number=2))
    assert demo._phase(cast(Session, session), phase) == 0
    assert said == ["Playing the person: confirming the mail from AWS to new@example.com"]
    assert demo._phase(cast(Session, session), phase) == 4  # there is no mail to answer any more


@pytest.mark.parametrize(
    ("sandbox", "kind", "told"),
    [(True, "sns_subscription", "cci-lite sandbox confirm"), (False, "sns_subscription", ""), (True, "mail", "")],
)
def test_where_a_mail_is_waited_for_the_sandbox_names_the_command(sandbox: bool, kind: str, told: str) -> None:
    session = cast(Session, SimpleNamespace(sandbox=sandbox or None))
    step = cast(Any, SimpleNamespace(meta=Meta("mail", kind, 2, "The mail")))
    assert next_step(session, step) == told
    waiting = Decision(step, Action.OPERATOR, Changes(), "open the mail", None, person=True)
    verdict = Verdict(waiting, (Check("mail.in-place", Status.SKIPPED, "open the mail", "a person has to do this"),))
    (check,) = with_next_step(session, verdict).checks
    assert check.hint == (f"{told}; then run `cci-lite provision`" if told else "a person has to do this")
