"""What the deployed function would do with a recording: moto runs no functions. Imports the function's own naming."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import SplitResult, unquote

from cci_lite.payload.processor.naming import call_id, result_key, tenant_of

Put = Callable[[str, bytes, Mapping[str, str]], None]
_KEPT = ("host", "authorization", "x-amz-date", "x-amz-security-token")


@dataclass
class Pipeline:
    """results: result keys written so far."""

    results: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def landed(self, url: SplitResult, headers: Mapping[str, str], put: Put) -> None:
        """/BUCKET/KEY was put: below TENANT/calls/ it becomes a result in the results bucket."""
        bucket, _, key = unquote(url.path).lstrip("/").partition("/")
        tenant = tenant_of(key)
        if tenant is None or key.endswith("/") or "input" not in bucket or url.query:
            return
        call = call_id(key)
        result = {"schema_version": "cci-lite-v1.1", "tenant_id": tenant, "call_id": call}
        result["transcript_excerpt"] = "a word"
        target = result_key(tenant, datetime.now(UTC).date(), call)
        kept = {name: value for name, value in headers.items() if name.lower() in _KEPT}
        put(f"/{bucket.replace('input', 'results')}/{target}", json.dumps(result).encode(), kept)
        with self.lock:
            self.results.append(target)
