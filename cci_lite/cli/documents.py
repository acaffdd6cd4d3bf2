"""Plans, checks and events as JSON documents with a schema. May import engine.*, aws.errors and runbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from cci_lite.aws import errors
from cci_lite.aws.policy.prove import Claim
from cci_lite.engine.events import Event, StepFinished
from cci_lite.engine.model import Action, Check, Status
from cci_lite.engine.plan import Decision, Plan
from cci_lite.engine.validate import Verdict
from cci_lite.runbook import Phase

PLAN = "cci-lite/plan/1"
VALIDATION = "cci-lite/validation/1"
EVENTS = "cci-lite/events/1"


def plain(value: Any) -> Any:
    """Any spec's value as JSON can hold it; sets are sorted, policies in AWS's own form."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "raw"):
        return plain(value.raw)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((plain(each) for each in value), key=str)
    if isinstance(value, Iterable):
        return [plain(each) for each in value]
    return str(value)


def plan_document(
    plan: Plan, account: str, region: str, proofs: Iterable[Claim] = (), off: Iterable[Phase] = ()
) -> dict[str, Any]:
    """`cci-lite/plan/1`. off: phases that are left out, and why."""
    counts = Counter(str(each.action) for each in plan.decisions)
    return {
        "schema": PLAN,
        "account": account,
        "region": region,
        "steps": [_step(each) for each in plan.decisions],
        "claims": [_claim(each) for each in proofs],
        "off": [{"phase": each.number, "title": each.title, "reason": each.off} for each in off],
        "summary": {str(each): counts.get(str(each), 0) for each in Action},
    }


def _claim(claim: Claim) -> dict[str, Any]:
    request = claim.counterexample
    return {"id": claim.id, "text": claim.text, "verdict": claim.verdict, "counterexample": plain(request)}


def _step(decision: Decision) -> dict[str, Any]:
    meta = decision.step.meta
    changes = [{"path": c.path, "have": plain(c.have), "want": plain(c.want)} for c in decision.changes]
    head = {"id": meta.id, "phase": meta.phase, "kind": meta.kind, "action": str(decision.action)}
    return {**head, "changes": changes, "reason": decision.reason}


def validation_document(verdicts: Iterable[Verdict], account: str, region: str) -> dict[str, Any]:
    """`cci-lite/validation/1`."""
    checks = [
        {"id": c.id, "step": v.decision.step.meta.id, "phase": v.decision.step.meta.phase, **_check(c)}
        for v in verdicts
        for c in v.checks
    ]
    counts = Counter(str(each["status"]) for each in checks)
    summary = {str(each): counts.get(str(each), 0) for each in Status}
    return {"schema": VALIDATION, "account": account, "region": region, "checks": checks, "summary": summary}


def _check(check: Check) -> dict[str, Any]:
    return {
        "status": str(check.status),
        "evidence": check.evidence,
        "hint": check.hint,
        "plan_line": check.plan_line,
    }


def event_document(event: Event, moment: str) -> dict[str, Any]:
    """One event; its name is the class's in snake case."""
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(event).__name__).lstrip("_")
    told = {each.name: getattr(event, each.name) for each in fields(event)}
    if isinstance(event, StepFinished):
        told["checks"] = [{"id": c.id, **_check(c)} for c in event.checks]
        told["error"] = error_document(event.error)
    rounded = {key: round(value, 3) if isinstance(value, float) else plain(value) for key, value in told.items()}
    return {"event": name, "time": moment, **rounded}


def error_document(error: Exception | None) -> dict[str, str] | None:
    """What AWS refused, or what else went wrong; None when nothing did. `code` is "" when AWS did not answer."""
    if error is None:
        return None
    operation = str(getattr(error, "operation_name", ""))
    told = {"service": errors.service(error), "operation": operation, "code": errors.code(error)}
    return {**told, "message": errors.message(error), "request_id": errors.request_id(error)}


def summary_document(code: int, counts: Mapping[str, int], seconds: float, moment: str) -> dict[str, Any]:
    """The last line of a stream of events."""
    return {
        "event": "summary",
        "time": moment,
        "schema": EVENTS,
        "exit": code,
        "counts": dict(counts),
        "seconds": round(seconds, 3),
    }
