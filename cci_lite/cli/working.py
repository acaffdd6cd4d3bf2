"""What provision, validate and teardown have in common: run id, journal, lease, progress, report, exit code."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cci_lite.aws.cloud import current_step
from cci_lite.aws.lease import held
from cci_lite.cli.documents import summary_document
from cci_lite.cli.exits import BLOCKED, DONE, FAILED, INTERRUPTED, INVALID, USAGE, Stop
from cci_lite.cli.explain import explained
from cci_lite.cli.progress import Progress
from cci_lite.cli.session import Session, hands, stop
from cci_lite.engine.events import Event, RunStarted
from cci_lite.engine.run import Hands, Outcome
from cci_lite.evidence.folder import new_run, run_folder
from cci_lite.evidence.journal import Journal
from cci_lite.evidence.report import Line, Report, write


@dataclass
class Work:
    """One run that may write. `lines` end up in the report."""

    session: Session
    command: str
    run: str
    folder: Path
    journal: Journal
    progress: Progress
    hands: Hands
    began: float
    lines: list[Line] = field(default_factory=list)

    def finish(self, code: int, results: Iterable[str]) -> int:
        """Write the report, end the stream of events; the exit code is handed on."""
        site, clock = self.session.cloud.site, self.session.cloud.clock
        calls = {"reads": self.journal.reads, "writes": self.journal.writes}
        moment = clock.utc().isoformat(timespec="seconds")
        report = Report(self.run, self.command, site.account, site.region, site.caller, moment, code, self.lines, calls)
        path = write(report, self.folder)
        self.session.screen.line(summary_document(code, Counter(results), clock.now() - self.began, moment))
        self.session.screen.say(f"Report: {path}")
        return code


@contextmanager
def work(session: Session, command: str, steps: Sequence[str]) -> Iterator[Work]:
    """Everything a run that may write needs, for the body; the lease is held and given back."""
    clock = session.cloud.clock
    run = new_run(clock.utc())
    try:
        folder = run_folder(run)
        journal = Journal(folder / "journal.jsonl", clock.utc, current_step.get)
    except OSError as error:
        raise Stop(
            FAILED, f"the journal cannot be written: {error}", "set CCI_LITE_HOME to a folder of yours"
        ) from error
    progress = Progress(session.screen, clock, steps)

    def tell(event: Event) -> None:
        journal.event(event)
        progress(event)

    session.cloud.listeners.append(journal)
    began = clock.now()
    try:
        journal.note(run=run, command=command, account=session.cloud.site.account, caller=session.cloud.site.caller)
        with held(session.cloud, run, command):
            tell(RunStarted(run, command, tuple(steps)))
            with progress.shown(session.cloud):
                yield Work(session, command, run, folder, journal, progress, hands(session, tell), began)
    finally:
        session.cloud.listeners.remove(journal)
        journal.close()


def confirm(session: Session, yes: bool, question: str, answer: str) -> None:
    """Ask a person to type `answer`. Not asked with --yes or in the sandbox; raises Stop on anything else."""
    if yes or session.sandbox is not None:
        return
    if not sys.stdin.isatty():
        raise Stop(USAGE, "nobody is here to confirm", "add --yes when that is meant")
    session.screen.say(question)
    try:
        typed = input("> ").strip()
    except EOFError:
        typed = ""
    if typed != answer:
        raise Stop(BLOCKED, "not confirmed; nothing was changed", f"type {answer} to go ahead")


def lines_of(session: Session, outcomes: Iterable[Outcome]) -> list[Line]:
    """The report's lines."""
    titles = {each.meta.id: each.meta.title for each in session.graph.steps}
    return [Line(each.step, titles[each.step], each.result, each.reason, each.checks) for each in outcomes]


def explain_failures(session: Session, outcomes: Iterable[Outcome]) -> None:
    """Each failure once more in full, after the table: what AWS said, why, and what to do."""
    for each in outcomes:
        if each.result == "failed" and each.error is not None:
            session.screen.say()
            for line in explained(each.error, session.runbook.risks, each.step):
                session.screen.say(line)


def code_of(outcomes: Sequence[Outcome]) -> int:
    """130 interrupted, 1 a step failed, 5 a validation failed, 4 somebody has to do something, else 0."""
    results = {each.result for each in outcomes}
    if "interrupted" in results or stop.is_set():
        return INTERRUPTED
    if "failed" in results:
        return FAILED
    if "invalid" in results:
        return INVALID
    return BLOCKED if results & {"operator", "blocked"} else DONE
