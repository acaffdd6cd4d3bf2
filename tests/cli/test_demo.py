"""demo: the part of the person, played on mails of all ages."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from cci_lite.cli.demo import confirm_mails
from cci_lite.cli.session import Session

TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms"


class Cloud:
    """SNS with one address confirmed and one pending; every other token is void."""

    def __init__(self) -> None:
        self.confirmed: list[str] = []

    def pages(self, service: str, operation: str, result: str) -> list[dict[str, str]]:
        confirmed = {"TopicArn": TOPIC, "Endpoint": "confirmed@example.com", "SubscriptionArn": f"{TOPIC}:1"}
        pending = {"TopicArn": TOPIC, "Endpoint": "new@example.com", "SubscriptionArn": "PendingConfirmation"}
        return [confirmed, pending]

    def write(self, service: str, operation: str, **params: Any) -> None:
        assert params == {"TopicArn": TOPIC, "Token": "valid"}, "Invalid token"
        self.confirmed.append(params["Token"])


def test_only_what_is_pending_is_confirmed_with_its_newest_token(tmp_path: Path) -> None:
    box = tmp_path / "mailbox"
    box.mkdir()
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
    cloud, screen = Cloud(), SimpleNamespace(say=lambda text: None)
    session = SimpleNamespace(cloud=cloud, screen=screen, sandbox=SimpleNamespace(state=tmp_path))
    assert confirm_mails(cast(Session, session)) == 1
    assert cloud.confirmed == ["valid"]
