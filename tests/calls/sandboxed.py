"""A pipeline of the sandbox for calls of known truth: the repository's runbook, two tenants, two phases.

Uses the installed command as a person would, with a home of its own. Imports the end-to-end tests' driver of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from cci_lite.sandbox import control
from tests.e2e.conftest import ROOT, Product

#: Of these languages Transcribe redacts the first itself, and leaves the second to Comprehend.
LANGUAGES = {"american": "en-US", "british": "en-GB"}
CATEGORIES: Sequence[dict[str, Any]] = (
    {"name": "complaint", "any": ["terrible", "broken", "useless", "horrible"], "said_by": "customer"},
    {"name": "refund", "any": ["refund"]},
    {"name": "thanks", "any": ["thank you"], "said_by": "customer"},
    {"name": "payment", "any": ["the payment"], "said_by": "agent"},
    {"name": "call back", "any": ["call you back"], "said_by": "agent"},
    {"name": "cancel", "any": ["cancel my contract"], "said_by": "customer"},
    {"name": "hold", "any": ["one moment", "thank you for waiting"], "said_by": "agent"},
)


#: Steps of phase 2 that a recording goes through; the sample call would only take time.
PIPELINE = (
    *("processor-logs", "processor-failures", "processor"),
    *("processor-retries", "allow-bucket", "on-new-call", "transcribe-state", "allow-rule"),
)


class Pipeline:
    """The command with the runbook of these calls."""

    def __init__(self, home: Path, **tenant: Any) -> None:
        self.product, self.runbook = Product(home), home / "runbook.yaml"
        self.runbook.write_text(runbook(**tenant), encoding="utf-8")

    def provision(self) -> None:
        """Phase 1, and of phase 2 what recordings go through. Raises RuntimeError with what was said."""
        for asked in (("--phase", "1"), tuple(word for each in PIPELINE for word in ("--step", each))):
            ran = self.product("--runbook", str(self.runbook), "provision", *asked)
            if ran.code:
                raise RuntimeError(ran.out + ran.err)

    def process(self, recording: Path, tenant: str, name: str) -> dict[str, Any]:
        """The result or the recorded failure of a recording. Raises RuntimeError when there is neither."""
        asked = ("submit", str(recording), "--tenant", tenant, "--as", name, "--wait", "--json")
        ran = self.product("--runbook", str(self.runbook), "call", *asked)
        try:
            return dict(json.loads(ran.out))
        except ValueError as error:
            raise RuntimeError(f"{' '.join(asked)}: {ran.out}{ran.err}") from error


@contextmanager
def pipeline(**tenant: Any) -> Iterator[Pipeline]:
    """A provisioned pipeline in a temporary home, stopped and forgotten at the end."""
    with TemporaryDirectory(prefix="cci-lite-calls-") as home:
        made = Pipeline(Path(home), **tenant)
        try:
            made.provision()
            yield made
        finally:
            control.down(Path(home) / "sandbox")


def runbook(**tenant: Any) -> str:
    """The repository's runbook with these tenants: the categories of the scripts, the agent on channel 0."""
    text = (ROOT / "runbook.yaml").read_text(encoding="utf-8")
    head, rest = text.split("tenants:\n", 1)
    common = {"retention_days_input": 1, "retention_days_results": 30, "agent_channel": 0}
    settings = {**common, "categories": [*CATEGORIES], **tenant}
    tenants = {name: {**settings, "language": code} for name, code in LANGUAGES.items()}
    dumped = yaml.dump({"tenants": tenants}, sort_keys=False, Dumper=yaml.SafeDumper)
    return head + dumped + rest[rest.index("phases:\n") :]
