"""A plain PUT, for presigned URLs. May import the standard library only."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

#: (URL, headers, body, CA bundle or None) -> HTTP status.
Sender = Callable[[str, Mapping[str, str], bytes, str | None], int]
_TIMEOUT_S = 60


def put(url: str, headers: Mapping[str, str], body: bytes, verify: str | None) -> int:
    """PUT `body`; the status of the answer, also when it is a refusal. Raises URLError when there is no answer."""
    request = urllib.request.Request(url, data=body, method="PUT", headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S, context=_trust(url, verify)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


def _trust(url: str, verify: str | None) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=verify) if url.startswith("https:") else None
