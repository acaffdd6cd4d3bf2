"""The scripts that draw charts, put together by vl-convert. May import vl-convert and altair's version only."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from tempfile import TemporaryDirectory

import vl_convert
from altair import SCHEMA_VERSION


def library(folder: Path) -> str:
    """Vega-Embed with all it needs, of the Vega-Lite version that the specifications are written in.

    folder: where it is kept, by its versions: to put it together takes seconds of computing. Where that cannot be, it
    is put together again each time.
    """
    version = ".".join(SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    path = folder / f"vega-embed-{version}-{version_of('vl-convert-python')}.js"
    with suppress(OSError):
        return path.read_bytes().decode()
    made = _together(version)
    with suppress(OSError):
        _keep(path, made)
    return made


@cache
def _together(version: str) -> str:
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version))


def _keep(path: Path, text: str) -> None:
    """Whole or not at all, whoever else does the same at the moment; a page takes it for what it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder:
        written = Path(folder) / path.name
        with written.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())  # an empty file after a power cut would be an empty library for ever
        written.replace(path)
