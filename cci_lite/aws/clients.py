"""Clients of one session: each is made once, and one at a time, as a session demands. Knows botocore's Config only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import botocore
from botocore.config import Config

from cci_lite import __version__
from cci_lite.aws.trust import Trust

#: In CloudTrail's `userAgent`. Given whole: botocore puts its own together letter by letter, twice for each call.
_WHO = f"cci-lite/{__version__} botocore/{botocore.__version__}"
_Key = tuple[str, str, bool]


class Clients:
    """session: a boto3.Session, or what looks like one; endpoint, verify: as in Cloud."""

    def __init__(self, session: Any, endpoint: str | None, verify: str | None) -> None:
        self._session, self._endpoint, self._verify = session, endpoint, verify
        self._made: dict[_Key, Any] = {}
        self._trust = Trust()
        self._lock = threading.RLock()

    def get(self, service: str, region: str, *, retry: bool) -> Any:
        """retry: whether the transport tries again by itself."""

        def make() -> Any:
            config = _config(service, retry, self._endpoint)
            client = self._session.client(
                service, region_name=region, endpoint_url=self._endpoint, verify=self._verify, config=config
            )
            self._trust.share(client)
            return client

        return self._once((service, region, retry), make)

    def plain(self, region: str, endpoint: str) -> Any:
        """S3 without TLS, asked once: where nothing answers, it is the network that is closed to it."""

        def make() -> Any:
            config = _config("s3", False, endpoint)
            return self._session.client("s3", region_name=region, endpoint_url=endpoint, use_ssl=False, config=config)

        return self._once(("s3", endpoint, False), make)

    def _once(self, key: _Key, make: Callable[[], Any]) -> Any:
        if found := self._made.get(key):  # nobody waits here while another one is being made
            return found
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]


def _config(service: str, retry: bool, endpoint: str | None) -> Config:
    """Transport retries live here and nowhere else: standard mode, or none for creates that are not idempotent.

    On AWS, buckets are addressed by host name in their region (aws-facts 13); other endpoints know no such hosts.
    """
    aws = endpoint is None or ".amazonaws.com" in endpoint
    return Config(
        retries={"mode": "standard", "total_max_attempts": 6 if retry else 1},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=16,
        s3={"addressing_style": "virtual" if aws else "path"},
        signature_version="s3v4" if service == "s3" else None,
        user_agent=_WHO,
    )
