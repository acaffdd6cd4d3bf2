"""Small runbooks for these tests, and a small registry of kinds to read them with."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from cci_lite.runbook import RunbookError, load
from cci_lite.steps.kind import Kind, Refers, Settings


class KeySettings(Settings):
    alias: str


class Rule(Settings):
    days: int
    paths: tuple[str, ...] = ()


class BucketSettings(Settings):
    name: Annotated[str, Field(min_length=3, pattern=r"^[a-z0-9{}-]+$")]
    key: Annotated[str, Refers(("key",), facts=True)] | None = None
    copies: tuple[Annotated[str, Refers(("bucket",))], ...] = ()
    watcher: Annotated[str, Refers(("queue", "key"), order=False)] | None = None
    size: Literal["small", "large"] = "small"
    days: Annotated[int, Field(ge=1, le=90)] = 1
    versioned: bool = False
    limit: int | Literal["none"] = "none"
    rule: Rule | None = None


class QueueSettings(Settings):
    name: str
    targets: dict[str, Annotated[str, Refers(("bucket",))]] = Field(default_factory=dict)


def _step(meta: Any, settings: Any, context: Any) -> Any:
    return SimpleNamespace(meta=meta, settings=settings, context=context)


REGISTRY = {
    "key": Kind(KeySettings, _step),
    "bucket": Kind(BucketSettings, _step),
    "queue": Kind(QueueSettings, _step),
}

TOP = """\
schema: cci-lite/runbook/1
region: eu-central-1
tags: {Project: CCI-Lite}
tenants: {demo: {retention_days_input: 1, retention_days_results: 30}}
"""
#: The first step of `phase` stands in this line when TOP comes before it.
FIRST = 9


def phase(*steps: str, number: int = 1, stop: str = "") -> str:
    """A phase in three lines (four with a stop) and a line a step."""
    lines = [f"  - phase: {number}", "    title: A phase", *([f"    stop: {stop}"] if stop else []), "    steps:"]
    return "\n".join([*lines, *(f"      - {{{each}}}" for each in steps)]) + "\n"


def key(step: str = "master", **more: str) -> str:
    return _flow({"id": step, "kind": "key", "title": "A key", "alias": "a", **more})


def bucket(step: str = "input", **more: str) -> str:
    return _flow({"id": step, "kind": "bucket", "title": "A bucket", "name": f"{step}-files", **more})


def runbook(*steps: str) -> str:
    """A whole file with one phase."""
    return TOP + "phases:\n" + phase(*steps)


def loaded(folder: Path, text: str | bytes) -> Any:
    path = folder / "runbook.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, REGISTRY)


def complaints(folder: Path, text: str | bytes) -> list[str]:
    """What loading complains of, one string a problem, as a user reads it."""
    with pytest.raises(RunbookError) as refused:
        loaded(folder, text)
    assert str(refused.value) == "\n".join(str(each) for each in refused.value.problems)
    return [str(each).removeprefix(f"{folder / 'runbook.yaml'}:") for each in refused.value.problems]


def _flow(keys: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in keys.items())
