"""What the daemon leaves for those who look for it: its process and ports, and the operator's key.

Both files are written in one step: one that holds something else was damaged from outside. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cci_lite.sandbox.layout import Layout

_Forms = Mapping[str, range | str]

_TEXT = "a text"
_PORT = range(1, 1 << 16)
_SERVER: _Forms = {"pid": range(1, 1 << 31), "https_port": _PORT, "http_port": _PORT, "account": _TEXT, "region": _TEXT}
_CREDENTIALS: _Forms = {"access_key_id": _TEXT, "secret_access_key": _TEXT}


class DamagedError(Exception):
    """A file holds something else than the daemon wrote; the text names it and says what is wrong."""


def server(layout: Layout) -> dict[str, Any] | None:
    """The daemon that runs, or ran last; None when none ever did. Raises DamagedError."""
    return _read(layout.server, _SERVER)


def credentials(layout: Layout) -> dict[str, Any] | None:
    """The operator's key; None when there is none yet. Raises DamagedError."""
    return _read(layout.credentials, _CREDENTIALS)


def discard_damaged(layout: Layout) -> list[str]:
    """Deletes what cannot be read, and says why. For whoever holds the lock: a daemon that starts writes both anew."""
    told = []
    for read, path in ((server, layout.server), (credentials, layout.credentials)):
        try:
            read(layout)
        except DamagedError as error:
            path.unlink()
            told.append(f"{error}; it is written anew")
    return told


def _read(path: Path, forms: _Forms) -> dict[str, Any] | None:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    if not text.strip():
        raise DamagedError(f"{path} is empty")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{path} is damaged: it is no JSON") from error
    if not isinstance(value, dict):
        raise DamagedError(f"{path} is damaged: it is no JSON object")
    for name, form in forms.items():
        if not _has(value.get(name), form):
            wanted = form if isinstance(form, str) else f"a number from {form[0]} to {form[-1]}"
            raise DamagedError(f"{path} is damaged: its `{name}` is not {wanted}")
    return value


def _has(value: object, form: range | str) -> bool:
    """bool counts as int in Python, not here."""
    return type(value) is int and value in form if isinstance(form, range) else isinstance(value, str) and value != ""
