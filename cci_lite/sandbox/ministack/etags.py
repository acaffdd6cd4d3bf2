"""The ETags of the emulator's objects, as the layer chooses them. See the package's docstring."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from cci_lite.sandbox.calls import Headers, Query, Reply

_s3: Any = import_module("ministack.services.s3")
# What the emulator computed for the object being written, and what it got instead.
_given: ContextVar[tuple[str, str]] = ContextVar("given", default=("", ""))


def choose_etags(choose: Callable[[Headers, bytes, int], str | None]) -> None:
    """Each object gets the ETag that `choose(stored headers, content, parts)` gives; None keeps the emulator's.

    It is in the object's record before its version is cut and anybody is told of it. Answer and event were made of
    what the emulator had computed.
    """
    replicate, fire = _s3._maybe_replicate, _s3._fire_s3_event

    def chosen(bucket: str, key: str, obj: dict[str, Any], content: bytes, *more: Any) -> None:
        computed, parts = obj["etag"], len(obj.get("parts") or ())
        obj["etag"] = choose(obj["preserved_headers"], content, parts) or computed
        _given.set((computed, obj["etag"]))
        replicate(bucket, key, obj, content, *more)

    def told(bucket: str, key: str, name: str, size: int = 0, etag: str = "", *more: Any, **named: Any) -> None:
        fire(bucket, key, name, size, _renamed(etag), *more, **named)

    _s3._maybe_replicate, _s3._fire_s3_event = chosen, told
    _s3._put_object, _s3._post_object = _answering(_s3._put_object), _answering(_s3._post_object)
    _s3._copy_object = _answering(_s3._copy_object)
    _s3._complete_multipart_upload = _remembering(_answering(_s3._complete_multipart_upload))


def _answering(write: Callable[..., Reply]) -> Callable[..., Reply]:
    def answered(*given: Any, **named: Any) -> Reply:
        before = _given.set(("", ""))
        try:
            status, headers, body = write(*given, **named)
            told = {"ETag": _renamed(headers["ETag"])} if "ETag" in headers else {}
            return status, {**headers, **told}, _renamed(bytes(body).decode()).encode()
        finally:
            _given.reset(before)

    return answered


def _remembering(complete: Callable[..., Reply]) -> Callable[..., Reply]:
    """A completion that is asked for again is answered as the first one was."""

    def completed(bucket: str, key: str, body: bytes, query: Query, headers: Headers) -> Reply:
        reply = complete(bucket, key, body, query, headers)
        if (kept := _s3._completed_multipart_uploads.get(query["uploadId"][0])) is not None:
            kept["response"] = reply
        return reply

    return completed


def _renamed(text: str) -> str:
    """With its quotes, as headers and documents have it: a key may be called by its content's MD5."""
    computed, now = _given.get()
    return text.replace(computed, now) if computed else text
