"""Settings: names from the environment, everything else from Parameter Store, remembered for a minute.

Source: aws-facts 8.18. Makes no client of its own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from .errors import code_of

_REMEMBERED_S = 60.0
OUTCOMES = ("resolved", "follow-up promised", "escalated", "unresolved", "no issue")
RUBRIC: tuple[Mapping[str, Any], ...] = (
    {"id": "greeting", "question": "Did the agent greet the customer?", "points": 20},
    {"id": "empathy", "question": "Did the agent acknowledge the customer's problem?", "points": 40},
    {"id": "next_step", "question": "Did the agent name the next step?", "points": 40},
)


@dataclass(frozen=True)
class Environment:
    """Where things are. tmp_prefix ends in "/"; config_path does not."""

    input_bucket: str
    output_bucket: str
    tmp_prefix: str
    key_arn: str
    config_path: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Environment:
        """Raises KeyError when a variable is missing."""
        return cls(
            environment["INPUT_BUCKET"],
            environment["OUTPUT_BUCKET"],
            environment["RESULTS_TMP_PREFIX"],
            environment["KMS_KEY_ARN"],
            environment["CONFIG_PATH"],
        )


@dataclass(frozen=True)
class Tenant:
    """What the runbook says of a tenant; what it leaves out has these defaults.

    vocabulary, vocabulary_filter: whether there is one, under `word_list`'s name; raw_text: whether the unredacted
    text is kept too.
    """

    id: str
    retention_days_results: int = 30
    language: str = "auto"
    language_options: tuple[str, ...] = ()
    agent_channel: int | None = None
    redact: bool = True
    outcomes: tuple[str, ...] = OUTCOMES
    rubric: tuple[Mapping[str, Any], ...] = RUBRIC
    categories: tuple[Mapping[str, Any], ...] = ()
    vocabulary: bool = False
    vocabulary_filter: bool = False
    raw_text: bool = False


@dataclass(frozen=True)
class Models:
    """summary: an inference profile's id; region: where it is asked."""

    summary: str
    region: str


@dataclass
class Configuration:
    """Parameter Store below `path`. clock: monotonic seconds."""

    ssm: Any
    path: str
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    def tenant(self, name: str) -> Tenant | None:
        """None when the tenant is not registered."""
        told = self._read(f"tenants/{name}")
        return None if told is None else _tenant(name, told)

    def tenants(self) -> list[Tenant]:
        """All registered tenants. One whose settings cannot be read is left out: its own recordings say so."""
        path, found = f"{self.path}/tenants", list[Tenant]()
        for each in self._below(path):
            with suppress(ValueError, TypeError):
                found.append(_tenant(each["Name"].removeprefix(f"{path}/"), dict(json.loads(each["Value"]))))
        return found

    def models(self) -> Models:
        """Raises KeyError while nothing is configured: the event is retried."""
        told = self._read("models") or {}
        return Models(str(told["bedrock_model_summary"]), str(told["bedrock_region"]))

    def _read(self, name: str) -> dict[str, Any] | None:
        """A parameter's JSON. What is absent is not remembered: it may be registered a moment later."""
        moment, value = self._known.get(name, (float("-inf"), {}))
        if self.clock() - moment < _REMEMBERED_S:
            return value
        try:
            answer = self.ssm.get_parameter(Name=f"{self.path}/{name}")
        except ClientError as error:
            if code_of(error) == "ParameterNotFound":
                return None
            raise
        value = dict(json.loads(answer["Parameter"]["Value"]))
        self._known[name] = (self.clock(), value)
        return value

    def _below(self, path: str) -> Iterator[Mapping[str, Any]]:
        """The parameters below a path: AWS gives at most ten at a time."""
        more: dict[str, str] = {}
        while True:
            answer = self.ssm.get_parameters_by_path(Path=path, **more)
            yield from answer["Parameters"]
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}


def _tenant(name: str, told: Mapping[str, Any]) -> Tenant:
    return Tenant(
        id=name,
        retention_days_results=int(told.get("retention_days_results", 30)),
        language=str(told.get("language", "auto")),
        language_options=tuple(told.get("language_options", ())),
        agent_channel=told.get("agent_channel"),
        redact=bool(told.get("redact", True)),
        outcomes=tuple(told.get("outcomes") or OUTCOMES),
        rubric=tuple(told.get("qa_rubric") or RUBRIC),
        categories=tuple(told.get("categories", ())),
        vocabulary=bool(told.get("vocabulary")),
        vocabulary_filter=bool(told.get("vocabulary_filter")),
        raw_text=bool(told.get("raw_text_days")),
    )
