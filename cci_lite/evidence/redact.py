"""What of a request may be written down: names and settings, never content, credentials or links that give access.

Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LONGEST = 2000
#: Parameters that carry content or secrets, in whatever request they occur.
_CONTENT = frozenset({"Body", "ZipFile", "Token", "SecretAccessKey", "SessionToken", "messages", "system", "Message"})
#: Access key ids, and the query parameters of presigned URLs.
_SECRET = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|X-Amz-(?:Signature|Credential|Security-Token)=[^&\s'\"\\]+")
#: Secrets under their names, as Python, JSON, profiles and environments write them: `SecretAccessKey': '...'`.
_NAMED = re.compile(r"(?i)(secret_?access_?key|session_?token)([\s'\"\\]*[=:][\s'\"\\]*)[^\s'\",;&}\\]+")


def redacted(value: Any, name: str = "") -> Any:
    """`value` as JSON can hold it, with content replaced by its size and long texts cut (saying so)."""
    if name in _CONTENT:
        return f"({len(value)} bytes)" if isinstance(value, bytes | str) else "(content)"
    if isinstance(value, Mapping):
        return {str(key): redacted(each, str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(each) for each in value]
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if value is None or isinstance(value, bool | int | float):
        return value
    return _cut(str(value))


def scrubbed(text: str) -> str:
    """Free text (an error, a traceback) without key ids, secrets under their names, and what makes a URL give access.

    JSON stays JSON.
    """
    return _NAMED.sub(r"\1\2(redacted)", _SECRET.sub("(redacted)", text))


def _cut(text: str) -> str:
    if "X-Amz-Signature=" in text or "X-Amz-Credential=" in text:
        return "(presigned URL)"
    text = scrubbed(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
