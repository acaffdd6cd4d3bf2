"""Making checks. May import engine.model only."""

from __future__ import annotations

from cci_lite.engine.model import Check, Status, Step


def check(step: Step, name: str, good: bool, evidence: str, hint: str = "") -> Check:
    """A check that ran: `evidence` is what was seen; `hint` is shown when it failed."""
    status = Status.PASSED if good else Status.FAILED
    return Check(f"{step.meta.id}.{name}", status, evidence, "" if good else hint, step.meta.plan_line)


def skipped(step: Step, name: str, reason: str, hint: str = "") -> Check:
    """A check that could not run, and why. Never counts as passed."""
    return Check(f"{step.meta.id}.{name}", Status.SKIPPED, reason, hint, step.meta.plan_line)
