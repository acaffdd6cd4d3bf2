"""No field of any spec is left out of the drift tests: what a step compares, somebody spoils by hand, the plan names
it, and provision repairs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from tests.steps import test_drift, test_phase3
from tests.steps.hand_edits import MORE
from tests.steps.repairs import named_and_repaired
from tests.world import World

_BY_AWS = "fixed when AWS makes the thing; a difference blocks"
_BY_NAME = "what the thing is found by: another value is another thing"
_FROM_FACT = "copied from the step it refers to, on both sides of the comparison"
#: Fields that nobody can change by hand, and why: (spec, field) -> reason.
OUT_OF_REACH: dict[tuple[str, str], str] = {
    ("KmsKeySpec", "key_spec"): _BY_AWS,
    ("KmsKeySpec", "usage"): _BY_AWS,
    ("KmsKeyMemberSpec", "key"): _FROM_FACT,
    ("BucketSpec", "region"): _BY_AWS,
    ("FoldersSpec", "key"): _FROM_FACT,
    ("SampleCallSpec", "key"): _FROM_FACT,
    ("SampleCallSpec", "result"): "a result that is gone makes the step absent (test_contract)",
    ("BedrockModelSpec", "usable"): "decided by AWS and by whoever accepts the model's terms",
    ("BucketStatementSpec", "statements.*.sid"): _BY_NAME,
    ("SnsTopicSpec", "statements.*.sid"): _BY_NAME,
    ("SnsSubscriptionSpec", "email"): _BY_NAME,
    ("LambdaFunctionSpec", "state"): "Lambda's own account of its last update",
}


TABLE = [*test_drift.DRIFT, *test_phase3.DRIFT, *MORE]


def test_what_was_changed_by_hand_is_named_and_repaired(provisioned: World) -> None:
    named_and_repaired(provisioned, TABLE)


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The names of all that is compared in a spec; the members of mappings are all called `*`."""
    if compared(value):
        for each in fields(value):
            if each.compare:
                yield from paths(getattr(value, each.name), f"{path}.{each.name}".removeprefix("."))
    elif isinstance(value, Mapping):
        yield f"{path}.*"
        for each in value.values():
            if compared(each) or isinstance(each, Mapping):
                yield from paths(each, f"{path}.*")
    else:
        yield path


def compared(value: Any) -> bool:
    """A dataclass that the engine's diff takes apart, and not one that says itself what is equal."""
    return is_dataclass(value) and bool(type(value).__dataclass_params__.eq)  # type: ignore[attr-defined]


def general(value: Any, path: str) -> str:
    """A path of the drift table with `*` for the members of mappings."""
    if not path:
        return ""
    if isinstance(value, Mapping):
        member = next(each for each in value if path == each or path.startswith(f"{each}."))
        return f".*{general(value[member], path[len(member) + 1 :])}"
    name, _, rest = path.partition(".")
    return f".{name}{general(getattr(value, name), rest)}"


def test_every_field_of_every_spec_is_spoiled_or_has_a_reason_why_not(provisioned: World) -> None:
    plan = provisioned.plan()
    specs = {each.step.meta.id: each.step.desired(plan.known) for each in plan.decisions}
    every = {(type(spec).__name__, path) for spec in specs.values() for path in paths(spec)}
    spoiled = {(type(specs[step]).__name__, general(specs[step], path)[1:]) for step, path, _ in TABLE}
    assert every - spoiled == OUT_OF_REACH.keys()


@dataclass(frozen=True)
class _Inner:
    size: int


@dataclass(frozen=True)
class _Spec:
    name: str
    inner: _Inner
    members: Mapping[str, _Inner]


def test_a_field_inside_a_member_of_a_mapping_counts_as_one_of_its_own() -> None:
    spec = _Spec("a", _Inner(1), {"b.c": _Inner(2), "d": _Inner(3)})
    assert set(paths(spec)) == {"name", "inner.size", "members.*", "members.*.size"}
    assert general(spec, "members.b.c.size") == ".members.*.size"
