"""What stands above the phases and below them: account, region, tags, tenants, risks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runbook.writing import TOP, complaints, key, loaded, runbook

STEPS = runbook(key())[len(TOP) :]


def with_top(old: str, new: str) -> str:
    assert old in TOP
    return TOP.replace(old, new) + STEPS


def with_tags(*pairs: str) -> str:
    return with_top("{Project: CCI-Lite}", "{" + ", ".join(pairs) + "}")


def with_tenants(*ids: str) -> str:
    days = "{retention_days_input: 1, retention_days_results: 30}"
    return with_top(f"{{demo: {days}}}", "{" + ", ".join(f"{each}: {days}" for each in ids) + "}")


def test_account_and_risks_may_be_left_out(tmp_path: Path) -> None:
    found = loaded(tmp_path, runbook(key()))
    assert (found.account, found.risks) == (None, ())
    assert (found.path, found.region) == (tmp_path / "runbook.yaml", "eu-central-1")


def test_the_rest_may_not(tmp_path: Path) -> None:
    assert complaints(tmp_path, "acount: x\n") == [
        "1: missing key `phases` in the runbook",
        "1: missing key `region` in the runbook",
        "1: missing key `schema` in the runbook",
        "1: missing key `tags` in the runbook",
        "1: missing key `tenants` in the runbook",
        "1: unknown key `acount` in the runbook; did you mean `account`?",
    ]


BAD_TOPS = {
    "account: 111122223333": 'must be text, not the number 111122223333; put it in quotes: "111122223333"',
    # YAML 1.1 takes this for an octal number; what is shown is what was written.
    "account: 011122223333": 'must be text, not the number 011122223333; put it in quotes: "011122223333"',
    'account: "1111"': 'must be 12 digits, not "1111"',
    'account: "111122223333\\n"': 'must be 12 digits, not "111122223333\\n"',
    "account:": None,
    "region: Frankfurt": 'must be the name of a region such as eu-central-1, not "Frankfurt"',
    "region: no": 'must be text, not the true/false no; put it in quotes: "no"',
    "region:": "must be text, but it is empty",
}


@pytest.mark.parametrize("line", BAD_TOPS)
def test_account_and_region(tmp_path: Path, line: str) -> None:
    name, reason = line.split(":")[0], BAD_TOPS[line]
    old = "region: eu-central-1"
    text = with_top(old, line if name == "region" else f"{line}\n{old}")
    if reason is None:
        assert loaded(tmp_path, text).account is None
    else:
        assert complaints(tmp_path, text) == [f"2: `{name}` in the runbook {reason}"]


def test_tags_of_any_script(tmp_path: Path) -> None:
    found = loaded(tmp_path, with_tags('"Größe der Stimme": "ü ß 1 _.:/=+-@"', "Empty: ''"))
    assert found.tags == {"Größe der Stimme": "ü ß 1 _.:/=+-@", "Empty": ""}


BAD_TAGS = {
    "aws:x: a": "the tag `aws:x` is reserved; choose a key without the prefix `aws:` or `cci-lite:`",
    "AWS:x: a": "the tag `AWS:x` is reserved; choose a key without the prefix `aws:` or `cci-lite:`",
    "cci-lite:x: a": "the tag `cci-lite:x` is reserved; choose a key without the prefix `aws:` or `cci-lite:`",
    f"{'k' * 129}: a": f"the tag `{'k' * 129}` must have a key of 1 to 128 characters, not 129",
    "'': a": "the tag `` must have a key of 1 to 128 characters, not 0",
    f"k: {'v' * 257}": "the tag `k` must have a value of at most 256 characters, not 257",
    "k: a*b": "the tag `k` has characters that AWS does not accept in tags; "
    "use letters, digits, spaces and _ . : / = + - @",
    "k: 1": '`tags.k` in the runbook must be text, not the number 1; put it in quotes: "1"',
    "k: 1.50": '`tags.k` in the runbook must be text, not the number 1.50; put it in quotes: "1.50"',
    "k: ": "`tags.k` in the runbook must be text, but it is empty",
    "k: [a]": "`tags.k` in the runbook must be text, not a list",
}


@pytest.mark.parametrize("pair", BAD_TAGS)
def test_tags_that_aws_would_not_take(tmp_path: Path, pair: str) -> None:
    assert complaints(tmp_path, with_tags("Project: CCI-Lite", pair)) == [f"3: {BAD_TAGS[pair]}"]


def test_at_most_forty_tags_because_aws_takes_fifty(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, with_tags(*(f"k{each}: v" for each in range(40)))).tags) == 40
    assert complaints(tmp_path, with_tags(*(f"k{each}: v" for each in range(41)))) == [
        "3: `tags` in the runbook must have at most 40 entries, not 41"
    ]


def test_from_one_tenant_to_ninety(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, with_tenants(*(f"t{each}" for each in range(90)))).tenants) == 90
    assert complaints(tmp_path, with_tenants(*(f"t{each}" for each in range(91)))) == [
        "4: `tenants` in the runbook must have at most 90 entries, not 91"
    ]
    assert complaints(tmp_path, with_tenants()) == [
        "4: `tenants` in the runbook must have at least 1 entry, but it is empty"
    ]


FORM = "must have 2 to 41 small letters, digits and hyphens, and not begin with -"
BAD_TENANTS = {
    "tmp": "the tenant id `tmp` is reserved; choose another one",
    "athena-results": "the tenant id `athena-results` is reserved; choose another one",
    "Demo": f"the tenant id `Demo` {FORM}",
    "-a": f"the tenant id `-a` {FORM}",
    "a": f"the tenant id `a` {FORM}",
    "a/b": f"the tenant id `a/b` {FORM}",
    f"{'a' * 42}": f"the tenant id `{'a' * 42}` {FORM}",
    '"ab\\n"': f"the tenant id `ab\\n` {FORM}",
}


@pytest.mark.parametrize("name", BAD_TENANTS)
def test_tenant_ids(tmp_path: Path, name: str) -> None:
    assert complaints(tmp_path, with_tenants(name)) == [f"4: {BAD_TENANTS[name]}"]


REDACTION = (
    "neither Transcribe nor Comprehend takes personal data out of {}; write `redact: false` if results may hold it"
)


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ("language: de-DE", "`language` in tenant `demo`: " + REDACTION.format("de-DE")),
        ("redact: true, language: ja-JP", "`language` in tenant `demo`: " + REDACTION.format("ja-JP")),
        (
            "language_options: [en-GB, fr-FR]",
            "item 2 of `language_options` in tenant `demo`: " + REDACTION.format("fr-FR"),
        ),
        ("language: de-DE, redact: false", ""),
        ("language_options: [en-GB, fr-FR], redact: false", ""),
        ("language: en-AU", ""),
        ("language: es-US", ""),
        ("language: auto", ""),
        ("language_options: [en-GB, es-ES]", ""),
        ("language: en-GB, language_options: [de-DE]", ""),
    ],
)
def test_a_language_that_nobody_redacts_needs_the_word_that_this_is_meant(
    tmp_path: Path, settings: str, refused: str
) -> None:
    text = with_top("results: 30", f"results: 30, {settings}")
    if refused:
        assert complaints(tmp_path, text) == [f"4: {refused}"]
    else:
        assert loaded(tmp_path, text).tenants.keys() == {"demo"}


def test_settings_of_a_tenant(tmp_path: Path) -> None:
    text = with_top("{demo: {retention_days_input: 1, ", "{other: , demo: {retention_day_input: 1, redact: 1, ")
    assert complaints(tmp_path, text) == [
        "4: `redact` in tenant `demo` must be true or false, not the number 1",
        "4: missing key `retention_days_input` in tenant `demo`",
        "4: tenant `other` must be a mapping of keys to values, but it is empty",
        "4: unknown key `retention_day_input` in tenant `demo`; did you mean `retention_days_input`?",
    ]


def test_lists_of_a_tenant(tmp_path: Path) -> None:
    text = with_top("results: 30", "results: 30, outcomes: [resolved, open]")
    assert loaded(tmp_path, text).tenants["demo"].outcomes == ("resolved", "open")


def test_risks(tmp_path: Path) -> None:
    found = loaded(tmp_path, runbook(key()) + "risks:\n  - {code: C, reason: why}\n").risks
    assert [(each.service, each.code, each.contains, each.reason, each.hint) for each in found] == [
        ("", "C", "", "why", "")
    ]


def test_mistakes_in_risks(tmp_path: Path) -> None:
    text = runbook(key()) + "risks:\n  - {code: '', reason: why}\n  - {code: 404, reson: why}\n"
    assert complaints(tmp_path, text) == [
        '11: `code` in risk 1 must hold some text, not ""',
        '12: `code` in risk 2 must be text, not the number 404; put it in quotes: "404"',
        "12: missing key `reason` in risk 2",
        "12: unknown key `reson` in risk 2; did you mean `reason`?",
    ]
