"""Plans, removals and checks as text. Values in, lines out; knows nothing of consoles."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from cci_lite.cli.documents import plain
from cci_lite.cli.screen import safe
from cci_lite.engine.model import Action, Change, Check, Status
from cci_lite.engine.plan import Decision, Plan
from cci_lite.engine.teardown import Removals
from cci_lite.engine.validate import Verdict
from cci_lite.runbook import Phase

MARKS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.KEEP: "=",
    Action.BLOCKED: "!",
    Action.OPERATOR: "?",
}
WORDS = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.KEEP: "in place",
    Action.BLOCKED: "blocked",
    Action.OPERATOR: "for a person",
}
_CHECKED = {Status.PASSED: "passed", Status.FAILED: "FAILED", Status.SKIPPED: "skipped"}
_REMOVED = {"remove": "-", "release": "<", "retain": "=", "absent": " "}
_LONGEST = 100


def plan_lines(plan: Plan, phases: Iterable[Phase], *, verbose: bool) -> Iterator[str]:
    """The plan, phase by phase, each difference below its step, the sum at the end."""
    width = max((len(each.step.meta.id) for each in plan.decisions), default=0)
    titles = {each.number: each.title for each in phases}
    phase = 0
    for each in plan.decisions:
        if each.step.meta.phase != phase:
            phase = each.step.meta.phase
            yield f"[bold]Phase {phase}  {safe(titles.get(phase, ''))}[/bold]"
        yield from _decision(each, width, verbose)
    yield ""
    yield sums(plan)


def sums(plan: Plan) -> str:
    """`18 to create, 11 in place`, what is zero left out."""
    counts = Counter(each.action for each in plan.decisions)
    verbs = {Action.CREATE: "to create", Action.UPDATE: "to update"}
    told = [f"{counts[each]} {verbs.get(each, WORDS[each])}" for each in Action if counts[each]]
    return f"{steps(len(plan.decisions))}: {', '.join(told)}."


def steps(count: int) -> str:
    """`1 step`, `2 steps`."""
    return f"{count} step{'' if count == 1 else 's'}"


def _decision(each: Decision, width: int, verbose: bool) -> Iterator[str]:
    meta, word = each.step.meta, WORDS[each.action]
    yield f"  {MARKS[each.action]} {meta.id:<{width}}  {word:<12}  {safe(meta.title)}".rstrip()
    if each.action in (Action.BLOCKED, Action.OPERATOR) or (verbose and each.reason != "absent"):
        yield f"      {safe(each.reason)}"
    if each.action is Action.OPERATOR and each.step.traits.clicks:
        yield f"      open {safe(each.step.traits.clicks.link)}"
        yield from (f"      - {safe(click)}" for click in each.step.traits.clicks.steps)
    if each.action is Action.UPDATE or (verbose and each.action is Action.CREATE):
        yield from (_change(change, verbose) for change in each.changes)


def _change(change: Change, verbose: bool) -> str:
    have, want = _value(change.have, verbose), _value(change.want, verbose)
    return f"      {safe(change.path)}: {have} -> {want}"


def _value(value: object, verbose: bool) -> str:
    if value is None:
        return "(none)"
    shown = plain(value)
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
    return safe(text if verbose or len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}...")


def removal_lines(removals: Removals) -> Iterator[str]:
    """What a teardown would do, first thing first; what is absent is only counted."""
    there = [each for each in removals.items if each.action != "absent"]
    width = max((len(each.step.meta.id) for each in there), default=0)
    for each in there:
        reason = "" if each.action == "remove" else each.reason
        yield f"  {_REMOVED[each.action]} {each.step.meta.id:<{width}}  {each.action:<8}  {safe(reason)}".rstrip()
    counts = Counter(each.action for each in removals.items)
    names = {"remove": "to remove", "release": "to release", "retain": "stay", "absent": "not there"}
    told = [f"{counts[key]} {text}" for key, text in names.items() if counts[key]]
    if there:
        yield ""
    yield f"{steps(len(removals.items))}: {', '.join(told)}."


def verdict_lines(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Every check with its evidence, failures with their next step, a line for a phase ahead, the sum at the end."""
    counts: Counter[Status] = Counter()
    ahead: Counter[int] = Counter()
    for verdict in verdicts:
        if verdict.ahead:
            counts.update(each.status for each in verdict.checks)
            ahead[verdict.decision.step.meta.phase] += 1
            continue
        yield f"[bold]{verdict.decision.step.meta.id}[/bold]  {safe(verdict.decision.step.meta.plan_line)}".rstrip()
        for each in verdict.checks:
            counts[each.status] += 1
            yield from check_lines(each)
    for phase, count in ahead.items():
        yield f"Phase {phase} is not begun: {steps(count)} not proved; next: cci-lite provision --phase {phase}"
    yield ""
    yield ", ".join(f"{counts[each]} {_CHECKED[each].lower()}" for each in Status) + "."


def check_lines(each: Check) -> Iterator[str]:
    """One check."""
    yield f"  {_CHECKED[each.status]:<7}  {safe(each.id)}: {safe(each.evidence)}"
    if each.hint and each.status is not Status.PASSED:
        yield f"           next: {safe(each.hint)}"
