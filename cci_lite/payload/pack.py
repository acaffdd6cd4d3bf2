"""Packing the deployed function: the same sources give the same bytes on any machine. Standard library only.

Nothing is compressed, because zlib's output differs between versions; times and modes are fixed, names sorted.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644
_PACKAGE = "processor"


@dataclass(frozen=True)
class Package:
    """zip_bytes: what Lambda gets; code_sha256_base64: Lambda's own CodeSha256 of it."""

    zip_bytes: bytes = field(repr=False)
    code_sha256_base64: str


@cache
def pack() -> Package:
    """The function's package. Source: aws-facts 8, last line."""
    root = files("cci_lite.payload") / _PACKAGE
    sources = sorted((each.name, each.read_bytes()) for each in root.iterdir() if each.name.endswith(".py"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sources:
            entry = zipfile.ZipInfo(f"{_PACKAGE}/{name}", _EPOCH)
            entry.create_system = 3  # Unix, wherever it is packed
            entry.external_attr = _MODE << 16
            archive.writestr(entry, content.replace(b"\r\n", b"\n"))
    packed = buffer.getvalue()
    return Package(packed, base64.b64encode(hashlib.sha256(packed).digest()).decode())
