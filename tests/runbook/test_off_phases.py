"""A phase that is off: read and checked like the others, and no part of what is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cci_lite.runbook import RunbookError, build, load
from tests.runbook.writing import FIRST, REGISTRY, TOP, bucket, complaints, key, loaded, phase

OFF = "    enabled: false\n    opt_in: it costs money\n"


def with_second_off(*steps: str, first: str = key()) -> str:
    """Two phases, the second one off; its first step stands two lines further down than it would."""
    second = phase(*steps, number=2).replace("    steps:\n", f"{OFF}    steps:\n")
    return f"{TOP}phases:\n{phase(first)}{second}"


def built(runbook: Any) -> Any:
    return build(runbook, REGISTRY, None)  # type: ignore[arg-type]


def test_its_steps_are_checked_and_kept_apart(tmp_path: Path) -> None:
    runbook = loaded(tmp_path, with_second_off(bucket("input", key="master")))
    assert [each.meta.id for each in runbook.entries] == ["master"]
    assert [(each.meta.id, each.meta.phase, each.meta.needs) for each in runbook.off] == [("input", 2, {"master"})]
    assert built(runbook).ids() == ("master",)


def test_it_says_why_it_is_off_and_where_that_is_changed(tmp_path: Path) -> None:
    on, off = loaded(tmp_path, with_second_off(bucket())).phases
    assert (on.enabled, on.off) == (True, "")
    line = FIRST + 3
    assert off.off == (
        f"Phase 2 is off: it costs money; to turn it on, set `enabled: true` in line {line} of the runbook"
    )
    text = (tmp_path / "runbook.yaml").read_text().splitlines()
    assert text[line - 1] == "    enabled: false"


def test_without_a_reason_the_sentence_still_says_what_to_do(tmp_path: Path) -> None:
    text = with_second_off(bucket()).replace("    opt_in: it costs money\n", "")
    assert loaded(tmp_path, text).phases[1].off.startswith("Phase 2 is off; to turn it on, set `enabled: true` in line")


def test_switched_on_it_is_a_phase_like_any_other(tmp_path: Path) -> None:
    runbook = loaded(tmp_path, with_second_off(bucket("input", key="master")).replace("false", "true"))
    assert built(runbook).ids() == ("master", "input")
    assert runbook.off == () and runbook.phases[1].off == ""


def test_mistakes_in_it_are_found_while_it_is_off(tmp_path: Path) -> None:
    assert complaints(tmp_path, with_second_off("id: input, kind: bucket, title: A bucket, nmae: x-files")) == [
        "15: missing key `name` in step `input`",
        "15: unknown key `nmae` in step `input`; did you mean `name`?",
    ]


@pytest.mark.parametrize("second", [bucket("late", watcher="later"), bucket("late", after="[later]")])
def test_nothing_that_is_on_may_refer_to_it(tmp_path: Path, second: str) -> None:
    text = f"{TOP}phases:\n{phase(key('later')).replace('    steps:', f'{OFF}    steps:')}{phase(second, number=2)}"
    (complaint,) = complaints(tmp_path, text)
    assert "names `later`, which is in phase 1, and that is off; enable it, or turn this one off too" in complaint


def test_a_stop_in_it_stops_nobody(tmp_path: Path) -> None:
    first = phase(key("later"), stop="Halt").replace("    steps:", f"{OFF}    steps:")
    runbook = loaded(tmp_path, f"{TOP}phases:\n{first}{phase(key('free'), number=2)}")
    assert [(each.meta.id, each.meta.needs) for each in runbook.entries] == [("free", frozenset())]


def test_enabled_is_true_or_false(tmp_path: Path) -> None:
    text = with_second_off(bucket()).replace("enabled: false", "enabled: 1")
    assert complaints(tmp_path, text) == ["12: `enabled` in phase 2 must be true or false, not the number 1"]


def test_a_step_that_is_off_makes_no_list_of_words(tmp_path: Path) -> None:
    """A tenant's words need a step that is carried out."""
    registry = {**REGISTRY, "transcribe_vocabulary": REGISTRY["key"]}
    text = with_second_off("id: words, kind: transcribe_vocabulary, title: Words, alias: w")
    path = tmp_path / "runbook.yaml"
    path.write_text(text.replace("results: 30", "results: 30, language: en-GB, vocabulary: [Acme]"), encoding="utf-8")
    with pytest.raises(RunbookError, match="no step of kind `transcribe_vocabulary` makes it"):
        load(path, registry)
    path.write_text(path.read_text(encoding="utf-8").replace("enabled: false", "enabled: true"), encoding="utf-8")
    assert len(load(path, registry).entries) == 2
