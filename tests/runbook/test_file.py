"""Files that are no runbook: each is refused with its line, and none can hang or crash the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cci_lite.runbook import Problem, RunbookError, load, source
from tests.runbook.writing import REGISTRY, TOP, complaints, key, loaded, runbook
from tests.world import ROOT


def test_a_problem_reads_as_place_reason_and_next_step() -> None:
    told = Problem("runbook.yaml", 12, "unknown key `retension` in step `input`", "did you mean `retention`?")
    assert str(told) == "runbook.yaml:12: unknown key `retension` in step `input`; did you mean `retention`?"
    assert str(Problem("runbook.yaml", 3, "is empty", "")) == "runbook.yaml:3: is empty"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RunbookError) as refused:
        load(tmp_path / "absent.yaml", REGISTRY)
    assert str(refused.value) == (
        f"{tmp_path}/absent.yaml:1: cannot be read: No such file or directory; give the file's place with --runbook"
    )


def test_a_file_below_where_one_stands_is_named_as_it_is_seen_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (Path("absent.yaml"), tmp_path / "absent.yaml"):
        with pytest.raises(RunbookError, match=r"^absent\.yaml:1: cannot be read"):
            load(path, REGISTRY)


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(RunbookError, match="cannot be read: Is a directory"):
        load(tmp_path, REGISTRY)


BEGIN = "a runbook begins with `schema: cci-lite/runbook/1`"
NOT_RUNBOOKS = {
    "empty": ("", f"1: is empty; {BEGIN}"),
    "only a comment": ("# nothing\n", f"1: is empty; {BEGIN}"),
    "a list": ("- a\n", f"1: is not a mapping of keys to values; {BEGIN}"),
    "a word": ("hello\n", f"1: is not a mapping of keys to values; {BEGIN}"),
    "not UTF-8": (b"schema: x\nregion: \xff\n", "2: is not UTF-8 text; save the file as UTF-8"),
    "a control character": (
        "schema: x\nregion: \x07\n",
        "2: is not valid YAML: the character U+0007 may not stand here",
    ),
    "an open bracket": (
        "schema: x\ntags: {a: b\nregion: c\n",
        "3: is not valid YAML: while parsing a flow mapping expected ',' or '}', but got ':'",
    ),
    "a tab": (
        "schema: x\n\tregion: c\n",
        "2: is not valid YAML: while scanning for the next token found character '\\t' that cannot start any token",
    ),
    "an unknown anchor": ("schema: *x\n", "1: is not valid YAML: found undefined alias 'x'"),
    "two documents": ("schema: x\n---\nschema: x\n", "2: is not valid YAML: a second document begins here"),
    "a quote that never ends": (
        'schema: x\nregion: "eu\ntags: {}\ntenants: {}\n',
        "2: is not valid YAML: while scanning a quoted scalar found unexpected end of stream",
    ),
    "a deep file": ("a: " + "[" * 100_000, "1: is nested too deeply to be a runbook"),
    "deep lists in one line": ("- " * 100_000, "1: is nested too deeply to be a runbook"),
    "a huge file": ("a: [" + "1, " * 400_000, "1: is larger than the 1,000,000 characters that a runbook can have"),
    "an anchor in itself": ("schema: &a\n  b: *a\n", "1: an anchor contains itself"),
    "a merge in itself": ("schema: &a\n  <<: *a\n", "1: an anchor contains itself"),
    "another version": (
        "schema: cci-lite/runbook/2\nfuture: true\n",
        "1: `schema` is `cci-lite/runbook/2`, but this cci-lite reads `cci-lite/runbook/1`; "
        "use the cci-lite that wrote it, or write the file anew",
    ),
}


@pytest.mark.parametrize("name", NOT_RUNBOOKS)
def test_a_file_that_is_no_runbook(tmp_path: Path, name: str) -> None:
    text, reason = NOT_RUNBOOKS[name]
    assert complaints(tmp_path, text) == [reason]


def test_anchors_that_stand_for_billions_of_values_are_not_followed(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    lines += [f"a{each + 1}: &a{each + 1} [{', '.join([f'*a{each}'] * 9)}]" for each in range(9)]
    merges = ["m0: &m0 {k: v}"]
    merges += [f"m{each + 1}: &m{each + 1} {{<<: [{', '.join([f'*m{each}'] * 9)}]}}" for each in range(9)]
    for bomb in (lines, merges):
        (reason,) = complaints(tmp_path, "\n".join(bomb))
        assert reason.endswith("more than 50000 values stand here once anchors are followed")


def test_a_key_that_is_given_twice_is_refused_not_overwritten(tmp_path: Path) -> None:
    text = runbook(key(), key("other", alias="a, alias: b")) + "region: eu-west-1\n"
    assert complaints(tmp_path, text) == [
        "10: `alias` is given twice, first in line 10",
        "11: `region` is given twice, first in line 2",
    ]


def test_keys_and_values_that_yaml_reads_as_something_else(tmp_path: Path) -> None:
    text = TOP.replace("{Project: CCI-Lite}", "{1: a, on: b, ~: c, [d]: e, Since: 2026-11-24, Until: 2026-13-45}")
    assert complaints(tmp_path, text + runbook(key())[len(TOP) :]) == [
        "3: `2026-11-24` is read as a date; put it in quotes",
        "3: `2026-13-45` cannot be read as a date; put it in quotes",
        "3: a key must be text, not a list or a mapping",
        "3: the key `1` is read as a number; put it in quotes",
        "3: the key `on` is read as true or false; put it in quotes",
        "3: the key `~` is read as nothing; put it in quotes",
    ]


def test_tags_of_yaml_never_run_anything(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    text = runbook(key(alias=f"!!python/object/apply:os.mkdir [{marker}]"))
    assert complaints(tmp_path, text) == [
        "9: `alias` in step `master` must be text, not a list",
        "9: the YAML tag `tag:yaml.org,2002:python/object/apply:os.mkdir` is not allowed; remove it",
    ]
    assert not marker.exists()


def test_anchors_and_merges_may_be_used(tmp_path: Path) -> None:
    text = TOP.replace("tenants: {demo: ", "tenants:\n  demo: &usual ").replace("30}}", "30}")
    text += "  other: {<<: *usual, retention_days_results: 7}\n" + runbook(key())[len(TOP) :]
    found = loaded(tmp_path, text).tenants
    assert {name: each.retention_days_results for name, each in found.items()} == {"demo": 30, "other": 7}
    assert found["other"].retention_days_input == 1


def test_what_is_quoted_from_the_file_cannot_control_the_terminal(tmp_path: Path) -> None:
    text = TOP.replace("Project", '"a\\e[2J\\n"')
    assert complaints(tmp_path, text + runbook(key())[len(TOP) :]) == [
        "3: the tag `a\\x1b[2J\\n` has characters that AWS does not accept in tags; "
        "use letters, digits, spaces and _ . : / = + - @",
    ]


def test_both_parsers_read_the_shipped_runbook_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = source.read(ROOT / "runbook.yaml")
    monkeypatch.setattr(source, "_FAST", yaml.SafeLoader)
    slow = source.read(ROOT / "runbook.yaml")
    assert (fast.data, fast.lines, fast.texts) == (slow.data, slow.lines, slow.texts)
