"""References become edges, and edges that cannot be walked are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.runbook.writing import TOP, bucket, complaints, key, loaded, phase, runbook

QUEUE = "id: waiting, kind: queue, title: A queue, name: waiting"


def edges(runbook: Any) -> dict[str, tuple[list[str], list[str]]]:
    return {each.meta.id: (sorted(each.meta.needs), sorted(each.meta.reads)) for each in runbook.entries}


def test_a_reference_is_an_edge_and_may_read_facts(tmp_path: Path) -> None:
    found = loaded(tmp_path, runbook(key(), bucket(key="master"), bucket("copy", copies="[input]")))
    assert edges(found) == {"master": ([], []), "input": (["master"], ["master"]), "copy": (["input"], [])}


def test_references_inside_lists_and_mappings_count(tmp_path: Path) -> None:
    found = loaded(tmp_path, runbook(bucket("a1"), bucket("b1", copies="[a1]"), f"{QUEUE}, targets: {{x: a1, y: b1}}"))
    assert edges(found)["waiting"] == (["a1", "b1"], [])


def test_after_adds_an_edge_to_a_step_of_any_kind(tmp_path: Path) -> None:
    assert edges(loaded(tmp_path, runbook(key(), bucket(after="[master]"))))["input"] == (["master"], [])


def test_a_reference_to_the_name_alone_is_no_edge_and_may_look_ahead(tmp_path: Path) -> None:
    text = TOP + "phases:\n" + phase(bucket(watcher="waiting")) + phase(QUEUE, number=2)
    assert edges(loaded(tmp_path, text))["input"] == ([], [])


def test_a_stop_puts_everything_later_after_everything_before_it(tmp_path: Path) -> None:
    text = TOP + "phases:\n" + phase(key(), bucket(), stop="All of it first")
    text += phase(key("k2"), number=2) + phase(key("k3"), number=3)
    before = ["input", "master"]
    assert edges(loaded(tmp_path, text)) == {
        "master": ([], []), "input": ([], []), "k2": (before, []), "k3": (before, []),
    }  # fmt: skip


def test_the_order_in_the_file_need_not_be_the_order_of_the_edges(tmp_path: Path) -> None:
    assert edges(loaded(tmp_path, runbook(bucket(key="master"), key())))["input"] == (["master"], ["master"])


def test_steps_that_do_not_exist_are_named_with_what_was_meant(tmp_path: Path) -> None:
    text = runbook(key(), bucket(key="mastr", copies="[master1]", watcher="zzz", after="[inputt]"))
    assert complaints(tmp_path, text) == [
        "10: `after` in step `input` names `inputt`, but there is no such step; did you mean `input`?",
        "10: `copies` in step `input` names `master1`, but there is no such step; known here: input",
        "10: `key` in step `input` names `mastr`, but there is no such step; did you mean `master`?",
        "10: `watcher` in step `input` names `zzz`, but there is no such step; known here: master",
    ]


def test_steps_of_another_kind_are_refused(tmp_path: Path) -> None:
    text = runbook(key(), bucket(key="other", watcher="other"), bucket("other", copies="[master]"))
    assert complaints(tmp_path, text) == [
        "10: `key` in step `input` names `other`, which is of kind `bucket`, not `key`; did you mean `master`?",
        "10: `watcher` in step `input` names `other`, which is of kind `bucket`, not `queue` or `key`; "
        "did you mean `master`?",
        "11: `copies` in step `other` names `master`, which is of kind `key`, not `bucket`; did you mean `other`?",
    ]


def test_a_mistake_in_one_step_is_not_told_again_by_those_that_name_it(tmp_path: Path) -> None:
    text = runbook(key(kind="keyy"), bucket(key="master", days="0"), bucket("copy", copies="[input]"))
    assert complaints(tmp_path, text) == [
        "9: unknown kind `keyy` in step `master`; did you mean `key`?",
        "10: `days` in step `input` must be 1 or more, not the number 0",
    ]


def test_a_phase_needs_earlier_ones_only(tmp_path: Path) -> None:
    text = TOP + "phases:\n" + phase(bucket(key="master", after="[master]"), stop="Halt") + phase(key(), number=2)
    hint = "move one of them: a phase may only need earlier ones"
    assert complaints(tmp_path, text) == [
        f"10: `after` in step `input` needs `master` of a later phase; {hint}",
        f"10: `key` in step `input` needs `master` of a later phase; {hint}",
    ]


def test_every_circle_is_named(tmp_path: Path) -> None:
    text = runbook(
        key("k1", after="[k3]"), key("k2", after="[k1]"), key("k3", after="[k2]"),
        key("k4", after="[k4]"), bucket("b1", copies="[b2]"), bucket("b2", copies="[b1]"),
    )  # fmt: skip
    assert complaints(tmp_path, text) == [
        "9: steps wait for each other: k1 -> k3 -> k2 -> k1; take out one of these edges",
        "12: steps wait for each other: k4 -> k4; take out one of these edges",
        "13: steps wait for each other: b1 -> b2 -> b1; take out one of these edges",
    ]


def test_an_id_is_taken_once_in_the_whole_file(tmp_path: Path) -> None:
    text = TOP + "phases:\n" + phase(key(), key()) + phase(key(), number=2)
    assert complaints(tmp_path, text) == [
        "10: the step id `master` is taken, first in line 9",
        "14: the step id `master` is taken, first in line 9",
    ]
