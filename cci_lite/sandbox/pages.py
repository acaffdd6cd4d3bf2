"""Lists in pages, as Transcribe gives them. Knows calls only."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from cci_lite.sandbox.calls import Refusal

T = TypeVar("T")


def page(found: Sequence[T], request: Mapping[str, Any], default: int) -> tuple[list[T], dict[str, str]]:
    """The page that `request` asks for, and {"NextToken": ...} while there are more. Raises Refusal on a bad token."""
    start, size = _position(request.get("NextToken")), int(request.get("MaxResults") or default)
    end = start + size
    more = {"NextToken": base64.urlsafe_b64encode(str(end).encode()).decode()} if end < len(found) else {}
    return list(found[start:end]), more


def _position(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except ValueError as error:
        raise Refusal("BadRequestException", "The NextToken that you provided is invalid.") from error
