"""The function in a small account of fakes: recordings go in, events are handled, results are read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

from cci_lite.payload.processor.config import Configuration, Environment
from cci_lite.payload.processor.handler import handle
from cci_lite.payload.processor.log import Log
from cci_lite.payload.processor.naming import job_name
from cci_lite.payload.processor.work import Work

from . import fakes

INPUT = f"cci-lite-input-{fakes.ACCOUNT}-eu-central-1"
OUTPUT = f"cci-lite-results-{fakes.ACCOUNT}-eu-central-1"
KEY = "demo-tenant/calls/call.mp3"
CONFIG = "/cci-lite/config"
REPLY = {
    "summary": "The customer asked about an invoice. The agent corrected it.",
    "issue": "wrong invoice",
    "outcome": "resolved",
    "tone": "friendly",
    "action_items": [{"who": "agent", "what": "send a new invoice", "by_when": "tomorrow"}],
    "qa": [{"id": "greeting", "answer": "yes", "quote": "good morning", "turn": 0}],
}


class StillLog(Log):
    """A log of an invocation that takes no time, so that results can be compared byte by byte."""

    def elapsed_ms(self) -> int:
        return 0


@dataclass
class World:
    """An account with one tenant, demo-tenant, whose agent is on channel 0."""

    aws: fakes.Aws = field(default_factory=fakes.Aws)
    now: datetime = fakes.TODAY
    seconds: float = 0.0
    left_ms: int = 900_000

    def __post_init__(self) -> None:
        self.s3 = fakes.S3(self.aws, lambda: self.now)
        self.transcribe = fakes.Transcribe(self.aws, self.s3, lambda: self.now)
        self.comprehend, self.bedrock = (
            fakes.Comprehend(self.aws),
            fakes.Bedrock(self.aws, usual=json.dumps(REPLY)),
        )
        self.ssm = fakes.Ssm(self.aws)
        self.ssm.parameters[f"{CONFIG}/models"] = {
            "bedrock_model_summary": "eu.anthropic.claude-haiku-5-5",
            "bedrock_region": "eu-central-1",
        }
        self.tenant()

    def tenant(self, name: str = "demo-tenant", **settings: Any) -> None:
        """Registers a tenant."""
        known = {"tenant_id": name, "language": "en-GB", "agent_channel": 0}
        self.ssm.parameters[f"{CONFIG}/tenants/{name}"] = known | settings

    def work(self) -> Work:
        """A new container of the function: nothing remembered."""
        environment = Environment(INPUT, OUTPUT, "tmp/", fakes.KEY_ARN, CONFIG)
        made: Any = SimpleNamespace(
            s3=self.s3,
            transcribe=self.transcribe,
            comprehend=self.comprehend,
            bedrock=lambda region: self.bedrock,
        )
        return Work(made, environment, Configuration(self.ssm, CONFIG, lambda: self.seconds), 1024, lambda: self.now)

    def upload(self, key: str = KEY, body: bytes = b"sound", **metadata: str) -> dict[str, Any]:
        """Puts a recording; its S3 event."""
        told = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.s3.objects[INPUT, key] = fakes.Stored(body, self.now, told)
        return arrival(key, body)

    def job(self, key: str = KEY) -> str:
        return job_name(INPUT, key, self.s3.objects[INPUT, key].etag)

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """One invocation in a new container."""
        return handle(event, self.work(), StillLog("request-1"), lambda: self.left_ms)

    def ended(self, name: str, status: str = "COMPLETED") -> dict[str, Any]:
        return self.handle(job_event(name, status))

    def call(self, document: Any, key: str = KEY, body: bytes = b"sound", **metadata: str) -> dict[str, Any]:
        """A recording's whole way; its result."""
        self.handle(self.upload(key, body, **metadata))
        self.transcribe.complete(self.job(key), document)
        self.ended(self.job(key))
        return self.results()[-1]

    def documents(self) -> dict[str, dict[str, Any]]:
        """What the function wrote: key -> document."""
        return {key: json.loads(self.s3.objects[OUTPUT, key].body) for key in sorted(set(self.s3.writes))}

    def results(self) -> list[dict[str, Any]]:
        return [each for key, each in self.documents().items() if not {"_failed", "_raw"} & set(key.split("/"))]

    def raw(self) -> dict[str, dict[str, Any]]:
        return {key: each for key, each in self.documents().items() if key.startswith("_raw/")}

    def failures(self) -> dict[str, dict[str, Any]]:
        return {key: each for key, each in self.documents().items() if "_failed/" in key}


def arrival(key: str, body: bytes = b"sound") -> dict[str, Any]:
    """S3's own event: the key is URL-encoded."""
    thing = {
        "key": quote_plus(key, safe="/"),
        "eTag": fakes.Stored(body, fakes.TODAY).etag,
        "size": len(body),
    }
    record = {"eventSource": "aws:s3", "s3": {"bucket": {"name": INPUT}, "object": thing}}
    return {"Records": [record]}


def job_event(name: str, status: str = "COMPLETED") -> dict[str, Any]:
    detail = {"TranscriptionJobName": name, "TranscriptionJobStatus": status}
    return {"detail-type": "Transcribe Job State Change", "source": "aws.transcribe", "detail": detail}


def hourly(moment: datetime) -> dict[str, Any]:
    """What EventBridge sends at the time of a rule with a schedule."""
    rule = f"arn:aws:events:eu-central-1:{fakes.ACCOUNT}:rule/cci-lite-catch-up"
    told = {"account": fakes.ACCOUNT, "region": "eu-central-1", "version": "0", "id": "0", "detail": {}}
    time = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**told, "detail-type": "Scheduled Event", "source": "aws.events", "time": time, "resources": [rule]}


def spoken(*lines: tuple[int, float, str], channels: bool = True) -> dict[str, Any]:
    """Transcribe's document of (channel or speaker, start in seconds, words); a word takes 0.4 s."""
    by_channel: dict[int, list[dict[str, Any]]] = {}
    items: list[dict[str, Any]] = []
    for who, start, text in lines:
        for place, word in enumerate(text.split(" ")):
            begin = start + 0.4 * place
            item = {
                "type": "pronunciation",
                "start_time": f"{begin:.3f}",
                "end_time": f"{begin + 0.4:.3f}",
                "alternatives": [{"content": word, "confidence": "0.99"}],
            }
            by_channel.setdefault(who, []).append(item)
            items.append({**item, "speaker_label": f"spk_{who}"})
    if not channels:
        return {"results": {"items": items}}
    told = [{"channel_label": f"ch_{who}", "items": each} for who, each in sorted(by_channel.items())]
    return {"results": {"items": items, "channel_labels": {"channels": told, "number_of_channels": len(told)}}}


#: A short call in English.
CALL = spoken(
    (0, 0.0, "Good morning Acme how can I help"),
    (1, 4.0, "my invoice is terrible call me on 020 7946 0018"),
    (0, 9.0, "I will send a new invoice tomorrow"),
    (1, 13.0, "thank you that is great"),
)
SILENCE: dict[str, Any] = {"results": {"items": [], "transcripts": [{"transcript": ""}]}}
