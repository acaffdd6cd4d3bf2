"""Steps that share a document and are due together are written by one call; each is still decided and proved alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cci_lite.engine.batches import batches
from cci_lite.engine.graph import Graph
from cci_lite.engine.model import Changes, Check, Observed, Status, Traits
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import plan
from cci_lite.engine.run import provision
from tests.engine.fakes import FakeStep, Thing, World, hands


@dataclass
class Sentence(FakeStep):
    """A step whose document is its siblings' as well."""

    traits: Traits = field(default_factory=lambda: Traits(document="letter"))
    refuse: bool = False

    def apply(self, want: Any, have: Observed | None, changes: Changes) -> None:
        self.apply_jointly([(self, want)])

    def apply_jointly(self, due: Sequence[tuple[Any, Any]]) -> None:
        self.world.note("write " + " ".join(step.id for step, _ in due))
        if self.refuse:
            raise RuntimeError("the letter is closed")
        for step, want in due:
            self.world.things[step.id] = Observed(want, {"arn": f"arn:{step.id}"})


def run(*steps: FakeStep) -> dict[str, Outcome]:
    graph = Graph.of(steps)
    return {each.step: each for each in provision(graph, plan(graph, graph.ids(), jobs=1), hands())}


def results(outcomes: dict[str, Outcome]) -> dict[str, str]:
    return {name: each.result for name, each in outcomes.items()}


def test_what_is_due_together_is_written_by_one_call() -> None:
    world = World()
    assert results(run(*(Sentence(world, each) for each in "abc"))) == {"a": "created", "b": "created", "c": "created"}
    assert world.log == ["write a b c"]


def test_only_what_differs_is_written() -> None:
    world = World(things={"b": Observed(Thing(1))})
    assert results(run(*(Sentence(world, each) for each in "abc"))) == {"a": "created", "b": "kept", "c": "created"}
    assert world.log == ["write a c"]


def test_a_sentence_whose_need_failed_does_not_hold_up_its_siblings() -> None:
    world = World()

    def fail() -> None:
        raise RuntimeError("no")

    outcomes = run(
        FakeStep(world, "broken", on_apply=fail),
        Sentence(world, "a"),
        Sentence(world, "b", needs=frozenset({"broken"})),
    )
    assert results(outcomes) == {"broken": "failed", "a": "created", "b": "skipped"}
    assert world.log == ["apply broken", "write a"]


def test_a_refused_write_fails_all_that_were_in_it_with_the_reason() -> None:
    world = World()
    outcomes = run(Sentence(world, "a", refuse=True), Sentence(world, "b"))
    assert {each.reason for each in outcomes.values()} == {"the letter is closed"}
    assert results(outcomes) == {"a": "failed", "b": "failed"}


def test_each_is_proved_by_itself() -> None:
    world, bad = World(), Check("b.reads-well", Status.FAILED, "a typo")
    outcomes = run(Sentence(world, "a"), Sentence(world, "b", checks=(bad,)))
    assert results(outcomes) == {"a": "created", "b": "invalid"}


def test_other_documents_other_phases_and_other_kinds_are_written_apart() -> None:
    world = World()
    steps = (
        Sentence(world, "a"),
        Sentence(world, "b", phase=2),
        Sentence(world, "c", traits=Traits(document="other")),
        FakeStep(world, "d", traits=Traits(document="letter")),
        Sentence(world, "e"),
    )
    assert batches(steps) == {"a": ("a", "e"), "b": ("b",), "c": ("c",), "d": ("d",)}


def test_sentences_that_need_each_other_are_written_one_by_one() -> None:
    world = World()
    first = Sentence(world, "a")
    between = FakeStep(world, "between", needs=frozenset({"a"}))
    last = Sentence(world, "b", needs=frozenset({"between"}))
    assert set(results(run(first, between, last)).values()) == {"created"}
    assert world.log == ["write a", "apply between", "write b"]
