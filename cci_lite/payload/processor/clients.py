"""Connections to AWS, made once per container when first used. The only module that makes boto3 clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

_PATIENT = Config(retries={"mode": "adaptive", "max_attempts": 4}, read_timeout=60, connect_timeout=5)


@dataclass
class Clients:
    """Attributes are boto3 clients; `bedrock(region)` is one for the model's region (aws-facts 6.8)."""

    _models: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def s3(self) -> Any:
        return boto3.client("s3", config=_PATIENT)

    @cached_property
    def ssm(self) -> Any:
        return boto3.client("ssm", config=_PATIENT)

    @cached_property
    def transcribe(self) -> Any:
        return boto3.client("transcribe", config=_PATIENT)

    @cached_property
    def comprehend(self) -> Any:
        return boto3.client("comprehend", config=_PATIENT)

    def bedrock(self, region: str) -> Any:
        if region not in self._models:
            self._models[region] = boto3.client("bedrock-runtime", region_name=region, config=_PATIENT)
        return self._models[region]


def clients() -> Clients:
    """Clients for the function's own role and region."""
    return Clients()
