"""A teardown asks what holds data again: before the first thing goes, and where the data would go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cci_lite.engine.graph import Graph
from cci_lite.engine.model import Known, Observed, Traits
from cci_lite.engine.teardown import Removals, plan_removal, teardown
from tests.engine.fakes import FakeStep, Thing, World, closed, hands


@dataclass
class Bucket(FakeStep):
    """Stays while it holds data, unless its id is among the names consented to lose."""

    data: list[str] = field(default_factory=list)
    on_remove: Callable[[], object] = lambda: None

    def retained(self, have: Observed, consent: frozenset[str]) -> str:
        return "it is not empty" if self.data and self.id not in consent else ""

    def empty(self, have: Observed, consent: frozenset[str]) -> None:
        self.world.note(f"empty {self.id}")
        if self.id in consent:
            self.data.clear()

    def remove(self, have: Observed, known: Known) -> None:
        self.on_remove()
        if self.data:
            raise RuntimeError("BucketNotEmpty")
        super().remove(have, known)


def things(*names: str) -> World:
    return World({name: Observed(Thing(1)) for name in names})


def steps(world: World) -> tuple[FakeStep, Bucket, FakeStep, FakeStep]:
    """A key, the bucket under it, the policy that protects the bucket, and a function that reads it."""
    return (
        FakeStep(world, "key"),
        Bucket(world, "bucket", needs=frozenset({"key"})),
        FakeStep(world, "policy", needs=frozenset({"bucket"}), traits=Traits(guards="bucket")),
        FakeStep(world, "function", needs=frozenset({"bucket"})),
    )


def planned(*given: FakeStep, selected: tuple[str, ...] = (), consent: frozenset[str] = frozenset()) -> Removals:
    graph = Graph.of(given)
    return plan_removal(graph, selected or graph.ids(), consent=consent, jobs=1)


def carried_out(removals: Removals) -> dict[str, str]:
    return {each.step: each.result for each in teardown(removals, hands())}


def test_data_that_came_after_the_plan_stays_and_so_does_what_protects_it() -> None:
    world = things("key", "bucket", "policy", "function")
    key, bucket, policy, function = steps(world)
    removals = planned(key, bucket, policy, function)
    bucket.data.append("a call")
    ended = carried_out(removals)
    assert ended == {"function": "removed", "policy": "retained", "bucket": "retained", "key": "retained"}
    assert bucket.data == ["a call"] and world.log == ["remove function"]


def test_data_that_comes_while_other_things_go_stays_with_its_key() -> None:
    world = things("key", "bucket", "policy", "function")
    key, bucket, policy, function = steps(world)
    removals = planned(key, bucket, policy, function)
    function.remove = lambda have, known: bucket.data.append("a call") or world.things.pop("function")  # type: ignore
    found = {each.step: (each.result, each.reason) for each in teardown(removals, hands())}
    assert found["bucket"] == ("retained", "it is not empty")
    assert found["key"] == ("skipped", "`bucket` could not be removed: it is not empty")
    assert bucket.data == ["a call"]


def test_data_that_comes_at_the_last_moment_is_for_aws_to_keep() -> None:
    world = things("key", "bucket")
    key, bucket, *_ = steps(world)
    bucket.on_remove = lambda: bucket.data.append("a call")
    assert carried_out(planned(key, bucket)) == {"bucket": "failed", "key": "skipped"}
    assert bucket.data == ["a call"]


def test_what_was_named_is_emptied_and_goes() -> None:
    world = things("key", "bucket")
    key, bucket, *_ = steps(world)
    bucket.data.append("a call")
    ended = carried_out(planned(key, bucket, consent=frozenset({"bucket"})))
    assert ended == {"bucket": "removed", "key": "removed"}
    assert world.log == ["empty bucket", "remove bucket", "remove key"]


def test_who_administers_a_key_that_stays_for_a_bucket_stays_as_well() -> None:
    """The key itself was named, and stays only because of what is under it."""
    world = things("key", "bucket", "administrator")
    key, bucket, *_ = steps(world)
    bucket.data.append("a call")
    administrator = FakeStep(world, "administrator", needs=frozenset({"key"}), traits=Traits(guards="key"))
    removals = planned(key, bucket, administrator, consent=frozenset({"key"}))
    assert {each.step.meta.id: each.reason for each in removals.items} == {
        "administrator": "protects `key`, which stays",
        "bucket": "it is not empty",
        "key": "`bucket` stays and needs it: it is not empty",
    }


def test_what_needs_a_step_that_was_named_and_stays_is_left_alone() -> None:
    world = things("key", "bucket", "policy", "function")
    key, bucket, policy, function = steps(world)
    bucket.data.append("a call")
    told = planned(key, bucket, policy, function, selected=("bucket",))
    assert {each.step.meta.id: each.action for each in told.items} == {"bucket": "retain"}
    bucket.data.clear()
    told = planned(key, bucket, policy, function, selected=("bucket",))
    assert {each.step.meta.id: each.action for each in told.items} == dict.fromkeys(
        ("function", "policy", "bucket"), "remove"
    )


def test_what_protects_a_thing_that_nobody_wants_to_remove_stays_unless_it_is_named_itself() -> None:
    world = things("key", "bucket", "policy")
    key = FakeStep(world, "key")
    bucket = Bucket(world, "bucket")
    policy = FakeStep(world, "policy", needs=frozenset({"key", "bucket"}), traits=Traits(guards="bucket"))
    kept = planned(key, bucket, policy, selected=("key",))
    assert {each.step.meta.id: each.reason for each in kept.items} == {
        "key": "`policy` stays and needs it: protects `bucket`, which stays"
    }
    named = planned(key, bucket, policy, selected=("policy",))
    assert {each.step.meta.id: each.action for each in named.items} == {"policy": "remove"}


def test_what_needs_a_step_that_was_skipped_is_skipped_too_and_names_the_first_cause() -> None:
    world = things("a", "b", "c")
    chain = [FakeStep(world, "a"), FakeStep(world, "b", needs=frozenset({"a"}))]
    stuck = Bucket(world, "c", needs=frozenset({"b"}), on_remove=lambda: stuck.data.append("a call"))
    found = teardown(planned(*chain, stuck), hands())
    reason = "`c` could not be removed: BucketNotEmpty"
    assert [(each.step, each.result, each.reason) for each in found] == [
        ("c", "failed", "BucketNotEmpty"),
        ("b", "skipped", reason),
        ("a", "skipped", reason),
    ]
    assert world.things.keys() == {"a", "b", "c"}


def test_what_may_not_be_made_is_not_there_for_a_teardown() -> None:
    world = things("a", "b")
    shut = FakeStep(world, "b", needs=frozenset({"a"}), on_observe=closed("ask its administrator"))
    assert carried_out(planned(FakeStep(world, "a"), shut)) == {"b": "absent", "a": "removed"}


def test_what_may_not_be_made_again_is_gone_once_it_was_removed() -> None:
    world = things("a")
    step = FakeStep(world, "a")
    step.on_observe = lambda: None if "a" in world.things else closed("ask its administrator")()
    assert carried_out(planned(step)) == {"a": "removed"}
