"""The vocabulary every step speaks: specs, observations, changes, checks. May import engine.values only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from cci_lite.engine.values import Unknown

#: Put into a spec field's metadata: the field cannot be changed in place; the value says why.
IMMUTABLE = "immutable"


class Action(StrEnum):
    """What a run would do with a step."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"
    BLOCKED = "blocked"
    OPERATOR = "operator"


class Status(StrEnum):
    """The outcome of a check. A check that could not run is SKIPPED, never PASSED."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Change:
    """One difference: `path` is dotted, `have` is None when the thing is absent; `immutable` says why it is stuck."""

    path: str
    have: object
    want: object
    immutable: str = ""


@dataclass(frozen=True)
class Changes:
    """The differences a step is asked to remove."""

    items: tuple[Change, ...] = ()

    def __iter__(self) -> Iterator[Change]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def touch(self, *paths: str) -> bool:
        """Whether anything at or below one of `paths` differs."""
        return any(each.path == path or each.path.startswith(f"{path}.") for each in self.items for path in paths)

    def keys(self, path: str) -> tuple[str, ...]:
        """The members below a mapping field `path` that differ, in order, without repeats."""
        names = (each.path[len(path) + 1 :].split(".")[0] for each in self.items if each.path.startswith(f"{path}."))
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Observed:
    """What AWS has: the spec as it is, facts for others (ARNs, ids), and whether cci-lite made it.

    `waiting_for` is not empty while only a person can finish the thing (an unconfirmed e-mail); `stays` while
    a teardown can only take our part out of it, and why.
    """

    spec: Any
    facts: Mapping[str, str] = field(default_factory=dict)
    owned: bool = True
    waiting_for: str = ""
    stays: str = ""


@dataclass(frozen=True)
class Check:
    """One proof of one line of the plan. `evidence` is what AWS answered; `hint` the next move when it failed."""

    id: str
    status: Status
    evidence: str
    hint: str = ""
    plan_line: str = ""


@dataclass(frozen=True)
class Clicks:
    """What a person has to do and where: shown word for word, never done for them."""

    what: str
    link: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Traits:
    """How the engine has to treat a kind of step.

    document: steps that rewrite the same document carry the same name here and run one at a time, or as one (Joint).
    shared: others write into the document as well, so that it is never written but by what was read right before.
    settle_reads: readers at once who must all see a write (more than one for KMS and IAM).
    settle_s: seconds after which an unsettled write is a failure.
    clicks: set when only a person can do it; the step is observed, never applied.
    guards: the step whose data this one protects; it stays as long as that thing stays.
    missing: what it means to those who need it that the step is absent, where that is more than "absent".
    """

    document: str = ""
    shared: bool = False
    settle_reads: int = 1
    settle_s: float = 120.0
    clicks: Clicks | None = None
    guards: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Meta:
    """Where a step stands in the runbook.

    needs: ids that must be in place before this one is applied; reads: those whose facts it uses (a subset).
    plan_line: the plan's own "Validation" sentence. adopt: consent to change a thing cci-lite did not make.
    whole: the step whose thing this one's is a part of ("" for none): where that is absent, so is this.
    """

    id: str
    kind: str
    phase: int
    title: str
    needs: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    plan_line: str = ""
    adopt: bool = False
    whole: str = ""


class Known:
    """Facts of the steps observed so far."""

    def __init__(self, facts: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._facts = dict(facts or {})

    def learn(self, step: str, observed: Observed | None) -> None:
        """Remember what `step` is, or forget it when it is absent."""
        if observed is None:
            self._facts.pop(step, None)
        else:
            self._facts[step] = observed.facts

    def fact(self, step: str, name: str) -> str:
        """A fact of a step, or an `Unknown` while that step is absent."""
        facts = self._facts.get(step)
        return Unknown(step) if facts is None else facts[name]


class Step(Protocol):
    """A step of the runbook. Everything but `apply` and `remove` only reads; `desired` does not even do that."""

    @property
    def meta(self) -> Meta: ...

    @property
    def traits(self) -> Traits: ...

    def desired(self, known: Known) -> Any:
        """The spec the runbook asks for: a frozen dataclass. Pure."""

    def observe(self, known: Known) -> Observed | None:
        """What AWS has; None when absent or on its way out."""

    def apply(self, want: Any, have: Observed | None, changes: Changes) -> Observed | None:
        """Write what `changes` names and nothing else. What AWS shows of it, where that had to be waited for anyway."""

    def validate(self, have: Observed, known: Known) -> Iterable[Check]:
        """Prove the plan's validation line. May probe; cleans up after itself."""

    def remove(self, have: Observed, known: Known) -> None:
        """Take away what is ours of it; a thing already gone is success."""


class Joint(Protocol):
    """A step whose document is its siblings' as well: those that are due together are written by one call."""

    def apply_jointly(self, due: Sequence[tuple[Step, Any]]) -> None:
        """Write what each step of `due` wants; all are of this kind and of this document."""


class Blocked(Exception):
    """Raised by `observe` when a thing is in a state that no run may change; the text says why and what to do."""


class Closed(Blocked):
    """The thing is not there, and no run may make it."""


class Retained(Protocol):
    """A step whose thing may be all that makes data readable, or the data itself; teardown asks it first."""

    def retained(self, have: Observed, consent: frozenset[str]) -> str:
        """Why it must stay ("" when it may go), given the names the operator consented to lose."""


class Container(Retained, Protocol):
    """A step whose thing holds data, and cannot be removed while it does."""

    def empty(self, have: Observed, consent: frozenset[str]) -> None:
        """Take out what nobody can miss; everything when its name is among the names consented to lose."""
