"""Asynchronous invocations: kept in files until they are over, tried again as the function says, then routed on.

AWS waits 1 and 2 minutes between attempts; here the waits are seconds. Knows no HTTP.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cci_lite.sandbox import ministack
from cci_lite.sandbox.layout import read_json, write_json
from cci_lite.sandbox.saving import Saving

WAITS_S = (1.0, 2.0)


@dataclass
class Invocations:
    """folder: the events that are not over, a JSON file each; saving: keeps what an invocation changed."""

    folder: Path
    saving: Saving

    def start(self, arn: str, event: Any) -> None:
        """Accepts an event for the function: it is on disk when this returns, and runs in a thread."""
        path = self.folder / f"{time.time_ns()}-{uuid.uuid4().hex}.json"
        scope = {"account": ministack.account(), "region": ministack.region()}
        record = {"arn": arn, "event": event, "attempts": 0, "since": time.time(), **scope}
        write_json(path, record)
        self._run(path, record)

    def resume(self) -> None:
        """Takes up what a stop or a kill interrupted: an event may be handled twice, as on AWS, but not lost."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.glob("*.json")):
            self._run(path, read_json(path))

    def _run(self, path: Path, record: dict[str, Any]) -> None:
        threading.Thread(target=self._work, args=(path, record), daemon=True).start()

    def _work(self, path: Path, record: dict[str, Any]) -> None:
        with ministack.acting_for(record["account"], record["region"]):
            while not self._tried(path, record):
                time.sleep(WAITS_S[min(max(record["attempts"] - 1, 0), len(WAITS_S) - 1)])
        # A kill before what it led to is saved (a message in the failure queue) must find the event still there.
        self.saving.soon(partial(path.unlink, missing_ok=True))

    def _tried(self, path: Path, record: dict[str, Any]) -> bool:
        """One attempt; whether the event is over: handled, given up or without a function."""
        settings = ministack.async_settings(record["arn"])
        if settings is None:
            return True
        outcome = ministack.execute(record["arn"], record["event"])
        if not outcome.failed and not outcome.throttled:
            return True
        # A throttled event was not an attempt: it waits until there is room or it is too old, and changes nothing.
        if not outcome.throttled:
            record["attempts"] += 1
            write_json(path, record)
            self.saving.soon()
        expired = time.time() - record["since"] > settings.max_age_s
        if record["attempts"] <= settings.retries and not expired:
            return False
        if settings.on_failure is not None:
            ministack.route_failure(record["arn"], settings.on_failure, record["event"], outcome.result)
        return True


def may_invoke(target: str, rule_arn: str) -> bool:
    """A rule's Lambda, SNS and SQS targets need a permission for this rule (aws-facts §10)."""
    if target.split(":")[2:3] not in (["lambda"], ["sns"], ["sqs"]):
        return True
    return ministack.service_may(target, "events.amazonaws.com", rule_arn)
