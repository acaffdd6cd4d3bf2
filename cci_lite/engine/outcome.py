"""How a step ended, and why those behind it did not begin. May import engine.model only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cci_lite.engine.model import Action, Check, Step


@dataclass(frozen=True)
class Outcome:
    """How a step ended. `result` as in events.StepFinished."""

    step: str
    result: str
    reason: str = ""
    checks: tuple[Check, ...] = ()
    error: Exception | None = None

    @property
    def good(self) -> bool:
        return self.result in ("created", "updated", "kept", "removed", "released", "absent")


def standing(action: Action, step: str, reason: str) -> Outcome:
    """Of a step that nothing is done with."""
    names = {Action.KEEP: "kept", Action.OPERATOR: "operator"}
    return Outcome(step, names.get(action, "blocked"), reason)


def behind(step: Step, bad: Outcome) -> Outcome:
    """Of a step whose need ended as `bad`; the first cause is named, however long the way from there."""
    word = "blocked" if bad.result in ("blocked", "operator") else "skipped"
    root = bad.reason if bad.reason.startswith("waits for `") else f"waits for `{bad.step}`: {bad.reason}"
    return Outcome(step.meta.id, word, root)


def first_bad(needs: Iterable[str], outcomes: Mapping[str, Outcome]) -> Outcome | None:
    """The first of `needs`, by name, that has not ended well."""
    missing = (outcomes.get(each, Outcome(each, "skipped", "not reached")) for each in sorted(needs))
    return next((each for each in missing if not each.good), None)
