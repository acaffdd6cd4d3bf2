"""Settings of phases and steps: what is not understood is refused in plain words, on the line of the very key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runbook.writing import FIRST, TOP, bucket, complaints, key, loaded, phase, runbook

TEXT = 'put it in quotes: "{}"'
BAD_SETTINGS = {
    "retention: 1": "unknown key `retention` in step `input`; known here: adopt, after, copies, days, id, key, kind, "
    "limit, name, plan, rule, size, title, versioned, watcher",
    "vesioned: true": "unknown key `vesioned` in step `input`; did you mean `versioned`?",
    "adop: true": "unknown key `adop` in step `input`; did you mean `adopt`?",
    "days: 0": "`days` in step `input` must be 1 or more, not the number 0",
    "days: 91": "`days` in step `input` must be 90 or less, not the number 91",
    "days: 1.5": "`days` in step `input` must be a whole number, not the number 1.5",
    'days: "7"': '`days` in step `input` must be a whole number, not "7"; write it without quotes: 7',
    "days: true": "`days` in step `input` must be a whole number, not the true/false true",
    "days:": "`days` in step `input` must be a whole number, but it is empty",
    "versioned: 1": "`versioned` in step `input` must be true or false, not the number 1",
    "size: lage": '`size` in step `input` must be one of `small` or `large`, not "lage"; did you mean `large`?',
    "limit: many": '`limit` in step `input` must be a whole number or be one of `none`, not "many"',
    "rule: 3": "`rule` in step `input` must be a mapping, not the number 3",
    "rule: {days: 1, dais: 2}": "unknown key `rule.dais` in step `input`; did you mean `days`?",
    "rule: {paths: []}": "missing key `rule.days` in step `input`",
    "rule: {days: 1, paths: [a, 2]}": "item 2 of `rule.paths` in step `input` must be text, not the number 2; "
    + TEXT.format(2),
    "copies: input": '`copies` in step `input` must be a list, not "input"; write it as a list: [input]',
    "adopt: maybe": '`adopt` in step `input` must be true or false, not "maybe"',
    "plan: no": "`plan` in step `input` must be text, not the true/false no; " + TEXT.format("no"),
    "after: other": '`after` in step `input` must be a list, not "other"; write it as a list: [other]',
}


@pytest.mark.parametrize("setting", BAD_SETTINGS)
def test_a_setting_that_is_wrong(tmp_path: Path, setting: str) -> None:
    assert complaints(tmp_path, runbook(f"{bucket()}, {setting}")) == [f"{FIRST}: {BAD_SETTINGS[setting]}"]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (key(id="Master"), "`id` in step `Master` must begin with a letter and have 2 to 61 small letters, "
         'digits and hyphens, not "Master"'),
        (key(id="12"), '`id` in step 1 of phase 1 must be text, not the number 12; put it in quotes: "12"'),
        (key(title="''"), '`title` in step `master` must hold some text, not ""'),
        (key(title="2026"), '`title` in step `master` must be text, not the number 2026; put it in quotes: "2026"'),
        (key(kind="keys"), "unknown kind `keys` in step `master`; did you mean `key`?"),
        (key(kind="volcano"), "unknown kind `volcano` in step `master`; known here: bucket, key, queue"),
        ("kind: key, title: A key, alias: a", "missing key `id` in step 1 of phase 1"),
        ("id: master, title: A key", "missing key `kind` in step `master`"),
        ("id: master, kind: key, alias: a", "missing key `title` in step `master`"),
        ("id: master, kind: key, title: A key", "missing key `alias` in step `master`"),
        (bucket(name="ab"), '`name` in step `input` must have at least 3 characters, not 2'),
        (bucket(name="A-B-C"), '`name` in step `input` must match ^[a-z0-9{}-]+$, not "A-B-C"'),
    ],
)  # fmt: skip
def test_a_step_that_is_wrong(tmp_path: Path, step: str, reason: str) -> None:
    assert complaints(tmp_path, runbook(step)) == [f"{FIRST}: {reason}"]


def test_the_line_is_the_keys_own(tmp_path: Path) -> None:
    text = TOP + (
        "phases:\n"
        "  - phase: 1\n"
        "    title: A phase\n"
        "    steps:\n"
        "      - id: input\n"
        "        kind: bucket\n"
        "        title: A bucket\n"
        "        name: input-files\n"
        "        rule:\n"
        "          days: 1\n"
        "          paths:\n"
        "            - a\n"
        "            - 2\n"
    )
    assert complaints(tmp_path, text) == [
        '17: item 2 of `rule.paths` in step `input` must be text, not the number 2; put it in quotes: "2"'
    ]


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    text = TOP.replace("eu-central-1", "nowhere").replace("Project", "aws:project").replace("demo", "tmp")
    text += "phases:\n" + phase(key(kind="keyy"), bucket(key="mastr", days="0")) + "risks:\n  - {}\nextra: 1\n"
    assert complaints(tmp_path, text) == [
        '2: `region` in the runbook must be the name of a region such as eu-central-1, not "nowhere"',
        "3: the tag `aws:project` is reserved; choose a key without the prefix `aws:` or `cci-lite:`",
        "4: the tenant id `tmp` is reserved; choose another one",
        "9: unknown kind `keyy` in step `master`; did you mean `key`?",
        "10: `days` in step `input` must be 1 or more, not the number 0",
        "10: `key` in step `input` names `mastr`, but there is no such step",
        "12: missing key `code` in risk 1",
        "12: missing key `reason` in risk 1",
        "13: unknown key `extra` in the runbook; known here: account, phases, region, risks, schema, tags, tenants",
    ]


def test_lists_become_tuples_at_any_depth(tmp_path: Path) -> None:
    (entry,) = loaded(tmp_path, runbook(bucket(rule="{days: 1, paths: [a, b]}"))).entries
    assert entry.settings.rule.paths == ("a", "b")


def test_placeholders_in_names_are_checked_before_anything_is_built(tmp_path: Path) -> None:
    assert loaded(tmp_path, runbook(bucket(name='"in-{account}-{region}"'))).entries
    assert complaints(tmp_path, runbook(bucket(name='"in-{acount}"'), bucket("other", name='"in-{"'))) == [
        "9: `name` in step `input` has the unknown placeholder `{acount}`; did you mean `account`?",
        "10: `name` in step `other` has a brace without its partner",
    ]


def test_a_name_stands_once_in_a_kind(tmp_path: Path) -> None:
    assert complaints(tmp_path, runbook(bucket(), bucket("other", name="input-files"))) == [
        "10: `name` in step `other`: step `input` in line 9 manages the same bucket; "
        "give one of them another name, or remove it"
    ]
    queue = "id: waiting, kind: queue, title: A queue, name: input-files"
    assert len(loaded(tmp_path, runbook(bucket(), queue)).entries) == 2


BAD_PHASES = {
    "twice": ((1, 1), "9: phase 1 is given twice, first in line 6"),
    "not from 1": ((2, 3), "6: the first phase is 2; phases begin with 1"),
    "descending": ((1, 3, 2), "12: phase 2 comes after phase 3; put the phases in ascending order"),
    "below 1": ((0,), "6: `phase` in phase 0 must be 1 or more, not the number 0"),
}


@pytest.mark.parametrize("name", BAD_PHASES)
def test_numbers_of_phases(tmp_path: Path, name: str) -> None:
    numbers, reason = BAD_PHASES[name]
    parts = [
        f"  - phase: {each}\n    title: A phase\n    steps: [{{{key(f'k{at}')}}}]\n" for at, each in enumerate(numbers)
    ]
    assert complaints(tmp_path, TOP + "phases:\n" + "".join(parts)) == [reason]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("phases:\n", ["5: `phases` in the runbook must be a list, but it is empty"]),
        ("phases: []\n", ["5: `phases` in the runbook must have at least 1 entry, but it is empty"]),
        ("phases: {a: 1}\n", ["5: `phases` in the runbook must be a list, not a mapping"]),
        ("phases: [1]\n", ["5: the phase at place 1 must be a mapping of keys to values, not `1`"]),
        ("phases: [{phase: 1, title: A, steps: [x]}]\n",
         ["5: step 1 of phase 1 must be a mapping of keys to values, not text"]),
        ("phases: [{phase: 1, title: A, steps: []}]\n",
         ["5: `steps` in phase 1 must have at least 1 entry, but it is empty"]),
        ("phases: [{phase: one, titel: A, steps: {}}]\n",
         ['5: `phase` in the phase at place 1 must be a whole number, not "one"',
          "5: `steps` in the phase at place 1 must be a list, but it is empty",
          "5: missing key `title` in the phase at place 1",
          "5: unknown key `titel` in the phase at place 1; did you mean `title`?"]),
    ],
)  # fmt: skip
def test_shapes_of_phases(tmp_path: Path, text: str, reasons: list[str]) -> None:
    assert complaints(tmp_path, TOP + text) == reasons
