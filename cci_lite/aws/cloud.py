"""The one door to AWS: clients, and the few ways in which steps may call. Knows nothing of the engine's runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from cci_lite.aws import scope
from cci_lite.aws.calls import is_removal
from cci_lite.aws.clients import Clients
from cci_lite.aws.errors import absent
from cci_lite.aws.hooks import Hooks, Listener
from cci_lite.aws.http import Sender, put
from cci_lite.aws.memo import Memo
from cci_lite.aws.site import Site
from cci_lite.engine.clock import Clock, SystemClock

R = TypeVar("R")


@dataclass
class Cloud:
    """Clients of one site. `session` is a boto3.Session (or what looks like one).

    endpoint: a URL for all services, or None for AWS; verify: a CA bundle's path, or None for the default.
    """

    session: Any
    site: Site
    clock: Clock = field(default_factory=SystemClock)
    endpoint: str | None = None
    plain_endpoint: str | None = None
    verify: str | None = None
    read_only: bool = False
    listeners: list[Listener] = field(default_factory=list)
    waiting: Callable[[str, str, float], None] = lambda step, what, waited: None
    stopped: Callable[[], bool] = lambda: False
    send: Sender = put
    _clients: Clients = field(init=False)
    _hooks: Hooks = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _turns: dict[str, threading.Lock] = field(default_factory=dict)
    _memo: Memo | None = None
    _pool: ThreadPoolExecutor | None = None

    def __post_init__(self) -> None:
        self._clients = Clients(self.session, self.endpoint, self.verify)
        self._hooks = Hooks(self.listeners, self.read_only, lambda: self.stopped())
        self._hooks.install(self.session.events)

    def client(self, service: str, region: str | None = None, *, retry: bool = True) -> Any:
        """A client, made once. `retry=False` for creates that AWS cannot tell from a second wish."""
        return self._clients.get(service, region or self.site.region, retry=retry)

    def read(self, service: str, operation: str, *, region: str | None = None, **params: Any) -> dict[str, Any]:
        """One read. Inside `snapshot()` and `glance()` equal reads are made once, but for bodies, which are read up."""
        memo = self._memo or scope.seen()
        call = getattr(self.client(service, region), operation)
        if memo is None or not memo.open or operation == "get_object":
            return _plain(call(**params))
        key = json.dumps([service, operation, region, params], sort_keys=True, default=str)
        return memo.once(key, lambda: _plain(call(**params)))

    def find(self, service: str, operation: str, *, region: str | None = None, **params: Any) -> dict[str, Any] | None:
        """One read of a thing that may be absent: None when AWS says that there is no such thing."""
        try:
            return self.read(service, operation, region=region, **params)
        except ClientError as error:
            if absent(service, error):
                return None
            raise

    def together(self, *calls: Callable[[], R]) -> list[R]:
        """Calls that do not depend on each other, at the same time, answers in order."""
        if len(calls) < 2:
            return [call() for call in calls]
        pool = self._threads()
        flying = [pool.submit(copy_context().run, call) for call in calls]
        wait(flying)  # also where one has failed: nothing is left behind at work
        return [each.result() for each in flying]

    def whole(self, thing: Callable[[], R | None], *parts: Callable[[], R | None]) -> list[R | None]:
        """A thing and its parts, in order. Asked at the same time, but inside `unlikely()` the parts only after it."""
        if not scope.is_unlikely():
            return self.together(thing, *parts)
        found = thing()
        return [found, *(self.together(*parts) if found is not None else [None] * len(parts))]

    def _threads(self) -> ThreadPoolExecutor:
        """Made as they are needed, then used again. Without a bound, under which calls within calls would get stuck."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(max_workers=1 << 16)
            return self._pool

    def pages(self, service: str, operation: str, result: str, **params: Any) -> list[Any]:
        """Everything a paginated read lists under `result`."""
        found: list[Any] = []
        for page in self.client(service).get_paginator(operation).paginate(**params):
            found += page.get(result, [])
        return found

    def write(
        self, service: str, operation: str, *, region: str | None = None, alone: str = "", **params: Any
    ) -> dict[str, Any]:
        """One write. Named apart from `read` so that a reader of a step sees which is which.

        A removal that finds nothing has succeeded: the transport sends it again when the first answer was lost.

        alone: of writes with the same name here one is sent at a time, where AWS refuses two at once (aws-facts 15).
        """
        call = getattr(self.client(service, region), operation)
        with self._turn(alone):
            try:
                return _plain(call(**params))
            except ClientError as error:
                if is_removal(operation) and absent(service, error):
                    return {}
                raise

    def put_url(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """PUT to a presigned URL as any client would, outside of boto3; the HTTP status of the answer.

        The URL gives access and is shown to no listener; that a PUT was made is.
        """
        self._hooks.before("s3", "PresignedPut", {}, read=False)
        error = "no answer"
        try:
            answered = self.send(url, headers, body, self.verify)
            error = "" if answered < 300 else str(answered)
        finally:
            self._hooks.after("s3", "PresignedPut", read=False, error=error)
        return answered

    def plain_list(self, bucket: str, prefix: str) -> None:
        """ListObjectsV2 without TLS. Raises ClientError: S3 denies it where the policy demands TLS."""
        endpoint = self.plain_endpoint or f"http://s3.{self.site.region}.amazonaws.com"
        self._clients.plain(self.site.region, endpoint).list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)

    def wait(self, what: str, waited: float) -> None:
        """Tell what the current step waits for. What was read before is old by now, so that it ends a `glance()`."""
        scope.end_glance()
        self.waiting(scope.current_step.get(), what, waited)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """While planning: a document that several steps look at is read once. Never used while writing."""
        self._memo = Memo()
        try:
            yield
        finally:
            self._memo = None

    def _turn(self, name: str) -> AbstractContextManager[object]:
        if not name:
            return nullcontext()
        with self._lock:
            return self._turns.setdefault(name, threading.Lock())


def _plain(answer: Any) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}
