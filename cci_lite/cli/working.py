"""What provision, validate and teardown have in common: run id, journal, lease, progress, report, confirmation."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cci_lite.aws.lease import held
from cci_lite.aws.scope import current_step
from cci_lite.cli.documents import summary_document
from cci_lite.cli.exits import BLOCKED, FAILED, INTERRUPTED, USAGE, Stop
from cci_lite.cli.interrupt import asking, stop
from cci_lite.cli.phases import PhaseTimes
from cci_lite.cli.progress import Progress
from cci_lite.cli.session import Session, hands
from cci_lite.engine.events import Event, RunStarted
from cci_lite.engine.hands import Hands
from cci_lite.evidence.folder import new_run, run_folder
from cci_lite.evidence.journal import Journal
from cci_lite.evidence.report import Line, Report, write


@dataclass
class Work:
    """One run that may write. `lines` end up in the report; began: monotonic seconds; since: UTC."""

    session: Session
    command: str
    run: str
    folder: Path
    journal: Journal
    times: PhaseTimes
    hands: Hands
    began: float
    since: datetime
    lines: list[Line] = field(default_factory=list)

    def finish(self, code: int, results: Iterable[str]) -> int:
        """Write the report, end the stream of events; the exit code is handed on."""
        clock, screen = self.session.cloud.clock, self.session.screen
        moment = clock.utc().isoformat(timespec="seconds")
        try:
            screen.say(f"Report: {write(self._report(code, moment), self.folder)}")
        except OSError as error:
            screen.warn(f"The report could not be written: {error}")
        screen.line(summary_document(code, Counter(results), clock.now() - self.began, moment))
        return code

    def _report(self, code: int, moment: str) -> Report:
        site = self.session.cloud.site
        return Report(
            run=self.run,
            command=self.command,
            account=site.account,
            region=site.region,
            caller=site.caller,
            began=self.since.isoformat(timespec="seconds"),
            ended=moment,
            exit_code=code,
            lines=self.lines,
            calls={"reads": self.journal.reads, "writes": self.journal.writes},
        )


@contextmanager
def work(session: Session, command: str, steps: Sequence[str]) -> Iterator[Work]:
    """Everything a run that may write needs, for the body; the lease is held and given back."""
    clock = session.cloud.clock
    since, began = clock.utc(), clock.now()
    run = new_run(since)
    folder, journal = _journal(session, run, command)
    progress = Progress(session.screen, clock, steps, ends=command != "validate" or session.screen.as_json)
    times = PhaseTimes(clock, {each.meta.id: each.meta.phase for each in session.graph.steps})

    def tell(event: Event) -> None:
        journal.event(event)
        times(event)
        progress(event)

    session.cloud.listeners.append(journal)
    try:
        with held(session.cloud, run, command, lost=_lost(session), kept=session.screen.warn):
            tell(RunStarted(run, command, tuple(steps)))
            with progress.shown(session.cloud):
                yield Work(session, command, run, folder, journal, times, hands(session, tell), began, since)
    finally:
        session.cloud.listeners.remove(journal)
        journal.close()


def _lost(session: Session) -> Callable[[str], None]:
    """Somebody may be at work here by now: nothing new is begun."""

    def told(why: str) -> None:
        session.screen.warn(f"Interrupted: {why}. Finishing the calls in flight.")
        stop.set()

    return told


def _journal(session: Session, run: str, command: str) -> tuple[Path, Journal]:
    """No journal, no write. Raises Stop."""
    site = session.cloud.site
    try:
        folder = run_folder(run)
        journal = Journal(folder / "journal.jsonl", session.cloud.clock.utc, current_step.get)
        journal.note(run=run, command=command, account=site.account, region=site.region, caller=site.caller)
    except OSError as error:
        hint = "set CCI_LITE_HOME to a folder that can be written"
        raise Stop(FAILED, f"the journal cannot be written, so nothing was changed: {error}", hint) from error
    return folder, journal


def confirm(session: Session, yes: bool, question: str, answer: str, *, also_in_sandbox: bool = False) -> None:
    """Ask a person to type `answer`. Not asked with --yes or in the sandbox; raises Stop on anything else."""
    if yes or (session.sandbox is not None and not also_in_sandbox):
        return
    if session.screen.as_json:
        raise Stop(USAGE, "with --json nobody is asked", "add --yes when that is meant")
    if not sys.stdin.isatty():
        raise Stop(USAGE, "nobody is here to confirm", "add --yes when that is meant")
    session.screen.warn(question)
    session.screen.err.print("> ", end="")
    try:
        with asking():
            typed = input().strip()
    except EOFError:
        typed = ""
    except KeyboardInterrupt as error:
        raise Stop(INTERRUPTED, "not confirmed; nothing was changed") from error
    if typed != answer:
        raise Stop(BLOCKED, "not confirmed; nothing was changed", f"type {answer} to go ahead")
