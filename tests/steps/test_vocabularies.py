"""Words of the tenants as lists in Transcribe: made, waited for, kept apart from others' lists, and taken down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cci_lite.engine.model import Status
from cci_lite.engine.outcome import Outcome
from cci_lite.runbook import RunbookError, build, load
from cci_lite.steps import REGISTRY
from cci_lite.steps.kind import Tenant
from tests.moments import Moment
from tests.steps.faults import Fault
from tests.steps.first_call import FirstCall
from tests.world import ROOT, World, account, reasons

STEPS = ("vocabularies", "filters", "tenants-parameters")
LISTS = """\
      - {id: vocabularies, kind: transcribe_vocabulary, title: Words to know}
      - {id: filters, kind: transcribe_vocabulary_filter, title: Words to mask}
"""
GB = "cci-lite-acme-en-GB"
WORDS = {"language": "en-GB", "vocabulary": ("Los-Angeles", "C.L.I."), "vocabulary_filter": ("darn",)}


def tenant(**settings: Any) -> Tenant:
    return Tenant(retention_days_input=1, retention_days_results=30, **settings)


def with_lists(world: World, folder: Path) -> World:
    """The shipped runbook with the two steps before the one that registers the tenants."""
    text = (ROOT / "runbook.yaml").read_text()
    before = "      - id: tenants-parameters\n"
    assert before in text
    path = folder / "runbook.yaml"
    path.write_text(text.replace(before, f"{LISTS}{before}        after: [vocabularies, filters]\n"))
    runbook = load(path, REGISTRY)
    return replace(world, runbook=runbook, graph=build(runbook, REGISTRY, world.cloud))


def acme(world: World, **settings: Any) -> World:
    """The same account with the tenant `acme`."""
    return world.with_runbook(tenants={"acme": tenant(**settings)})


@dataclass(frozen=True)
class Stage:
    """One account under a runbook with the two steps: of which no tenant has words, and with all in place."""

    world: World
    saboteur: FirstCall
    without_words: Moment
    with_words: Moment


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with account() as shipped:
        saboteur = FirstCall(shipped)
        saboteur.install()
        without_words = shipped.moment()
        bare = with_lists(shipped, tmp_path_factory.mktemp("lists"))
        assert reasons(provision(acme(bare, **WORDS))) == {}
        yield Stage(bare, saboteur, without_words, bare.moment())


@pytest.fixture
def saboteur(stage: Stage) -> FirstCall:
    return stage.saboteur


@pytest.fixture
def bare(stage: Stage) -> World:
    """The two steps in a runbook of which no tenant has words."""
    return stage.world.back_to(stage.without_words)


@pytest.fixture
def world(bare: World) -> World:
    """A tenant with words; nothing is made yet."""
    return acme(bare, **WORDS)


@pytest.fixture
def made(stage: Stage) -> World:
    """The same tenant; its lists are made."""
    return acme(stage.world.back_to(stage.with_words), **WORDS)


def provision(world: World) -> dict[str, Outcome]:
    return world.provision(*STEPS)


def actions(world: World) -> dict[str, str]:
    return {each.step.meta.id: str(each.action) for each in world.plan(*STEPS).decisions if str(each.action) != "keep"}


def words(world: World, kind: str = "Vocabulary", name: str = GB) -> list[str]:
    return list(world.rules.word_lists[kind, name]["words"])


def transcribe_writes(world: World) -> list[str]:
    return [each for each in world.rules.writes() if each.startswith("transcribe:")]


def test_without_words_the_steps_are_in_place_and_nothing_is_written(bare: World) -> None:
    assert set(actions(bare)) == {"tenants-parameters"}
    assert reasons(provision(bare)) == {}
    assert transcribe_writes(bare) == []
    assert reasons(bare.teardown("vocabularies", "filters")) == {}


def test_a_tenants_words_become_lists_of_its_language(world: World) -> None:
    assert reasons(provision(world)) == {}
    assert (words(world), words(world, "VocabularyFilter")) == (["Los-Angeles", "C.L.I."], ["darn"])
    assert {each["LanguageCode"] for each in world.rules.word_lists.values()} == {"en-GB"}
    world.rules.forget()
    assert actions(world) == {} and reasons(provision(world)) == {}
    assert world.rules.writes() == []


def test_every_check_passes(made: World) -> None:
    for step in ("vocabularies", "filters"):
        plan = made.plan(step)
        (decision,) = [each for each in plan.decisions if each.step.meta.id == step]
        assert decision.observed is not None
        checks = list(decision.step.validate(decision.observed, plan.known))
        assert [(each.id, each.status) for each in checks] == [(f"{step}.acme-en-GB", Status.PASSED)]


def test_an_identified_language_has_a_list_for_each_option(bare: World) -> None:
    options = ("en-GB", "de-DE", "es-ES", "fr-FR", "it-IT")
    many = {f"t{number}": tenant(redact=False, language_options=options, vocabulary=("Acme",)) for number in range(3)}
    world = bare.with_runbook(tenants=many)
    assert reasons(provision(world)) == {}
    assert len(world.rules.word_lists) == 15  # AWS lists them in pages of five
    assert world.rules.word_lists["Vocabulary", "cci-lite-t1-de-DE"]["LanguageCode"] == "de-DE"
    assert actions(world) == {}


def test_the_tenant_is_registered_after_its_lists_are_ready(world: World) -> None:
    world.rules.pending_reads = 5
    before = world.clock.now()
    assert reasons(provision(world)) == {}
    assert world.clock.now() > before
    names = [each.name for each in world.rules.calls]
    assert names.index("ssm:PutParameter") > max(
        place for place, each in enumerate(names) if each == "transcribe:GetVocabulary"
    )


def test_other_words_change_that_list_alone(made: World) -> None:
    other = acme(made, **{**WORDS, "vocabulary": ("San-Diego",)})
    assert actions(other) == {"vocabularies": "update"}
    assert reasons(provision(other)) == {}
    assert words(other) == ["San-Diego"]
    assert transcribe_writes(made) == ["transcribe:UpdateVocabulary", "transcribe:TagResource"]
    assert actions(other) == {}


def test_the_order_of_words_means_nothing(made: World) -> None:
    assert actions(acme(made, **{**WORDS, "vocabulary": ("C.L.I.", "Los-Angeles")})) == {}


def test_words_that_are_not_wanted_any_more_go(made: World) -> None:
    without = acme(made, language="en-GB")
    assert actions(without) == dict.fromkeys(STEPS, "update")
    assert reasons(provision(without)) == {}
    assert made.rules.word_lists == {} and actions(without) == {}


def test_words_that_transcribe_cannot_use_fail_with_its_reason_and_better_ones_repair_it(world: World) -> None:
    bad = world.with_runbook(tenants={"acme": world.runbook.tenants["acme"].model_copy(update={"vocabulary": ("B2",)})})
    bad.rules.pending_reads = 3
    outcomes = provision(bad)
    reason = f"{GB} is FAILED: Your vocabulary file contains unsupported characters"
    assert (outcomes["vocabularies"].result, outcomes["vocabularies"].reason) == ("failed", reason)
    assert outcomes["tenants-parameters"].result == "skipped"
    assert "FAILED: Your vocabulary" in str(bad.plan("vocabularies").decisions[0].changes)
    assert reasons(provision(world)) == {} and words(world) == ["Los-Angeles", "C.L.I."]


def test_a_list_that_a_dead_run_left_pending_is_waited_for(world: World, saboteur: FirstCall) -> None:
    world.rules.pending_reads = 30
    saboteur.spoil(world, "CreateVocabulary", Fault.KILLED_AFTER, *STEPS)
    world.rules.forget()
    assert reasons(provision(acme(world, **{**WORDS, "vocabulary": ("San-Diego",)}))) == {}
    assert words(world) == ["San-Diego"]
    assert "transcribe:CreateVocabulary" not in world.rules.writes()


@pytest.mark.parametrize("operation", ["CreateVocabulary", "CreateVocabularyFilter"])
@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.DROPPED, Fault.SERVER_ERROR])
def test_a_fault_at_a_create_leaves_what_a_rerun_finishes(
    world: World, saboteur: FirstCall, operation: str, fault: Fault
) -> None:
    saboteur.spoil(world, operation, fault, *STEPS)
    assert reasons(provision(world)) == {}
    assert set(world.rules.word_lists) == {("Vocabulary", GB), ("VocabularyFilter", GB)}
    assert actions(world) == {}


@pytest.mark.parametrize("operation", ["UpdateVocabulary", "TagResource"])
@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.DROPPED])
def test_a_fault_while_words_change_leaves_what_a_rerun_finishes(
    made: World, saboteur: FirstCall, operation: str, fault: Fault
) -> None:
    other = acme(made, **{**WORDS, "vocabulary": ("San-Diego",)})
    saboteur.spoil(other, operation, fault, *STEPS)
    assert reasons(provision(other)) == {}
    assert words(other) == ["San-Diego"] and actions(other) == {}


@pytest.mark.parametrize(("step", "kind"), [("vocabularies", "Vocabulary"), ("filters", "VocabularyFilter")])
def test_what_was_deleted_behind_our_back_comes_back(made: World, step: str, kind: str) -> None:
    del made.rules.word_lists[kind, GB]
    assert actions(made) == {step: "create"}
    assert reasons(provision(made)) == {} and (kind, GB) in made.rules.word_lists


@pytest.mark.parametrize(("step", "kind"), [("vocabularies", "Vocabulary"), ("filters", "VocabularyFilter")])
def test_a_list_in_another_language_is_made_anew(made: World, step: str, kind: str) -> None:
    made.rules.word_lists[kind, GB]["LanguageCode"] = "de-DE"
    assert actions(made) == {step: "update"}
    assert reasons(provision(made)) == {}
    assert made.rules.word_lists[kind, GB]["LanguageCode"] == "en-GB"


@pytest.mark.parametrize("step", ["vocabularies", "filters"])
def test_removing_twice_is_no_error(made: World, step: str) -> None:
    assert made.teardown(step)[step].result == "removed"
    assert made.teardown(step)[step].result == "absent"


def test_lists_of_others_are_left_alone(world: World) -> None:
    theirs = {"LanguageCode": "en-GB", "words": ["theirs"], "bad": False, "looks": 0, "tags": {}}
    world.rules.word_lists["Vocabulary", "cci-lite-of-somebody"] = dict(theirs)
    assert reasons(provision(world)) == {}
    assert reasons(world.teardown(*STEPS)) == {}
    assert world.rules.word_lists == {("Vocabulary", "cci-lite-of-somebody"): theirs}


def test_a_list_of_others_under_our_name_is_not_changed_without_consent(world: World) -> None:
    theirs = {"LanguageCode": "en-GB", "words": ["theirs"], "bad": False, "looks": 0, "tags": {}}
    world.rules.word_lists["Vocabulary", GB] = dict(theirs)
    blocked = {each.step.meta.id: each.reason for each in world.plan(*STEPS).halted}
    assert "was not made by cci-lite" in blocked["vocabularies"]
    assert world.rules.word_lists["Vocabulary", GB] == theirs


def test_the_hundred_and_first_list_is_refused_in_awss_words(world: World) -> None:
    theirs = {"LanguageCode": "en-GB", "words": ["x"], "bad": False, "looks": 0, "tags": {}}
    world.rules.word_lists |= {("Vocabulary", f"theirs-{number}"): dict(theirs) for number in range(100)}
    assert "limit of vocabularies" in provision(world)["vocabularies"].reason


def test_the_parameter_says_only_that_there_are_words() -> None:
    value = tenant(**WORDS, raw_text_days=7).registered("acme")
    assert (value["vocabulary"], value["vocabulary_filter"], value["raw_text_days"]) == (True, True, 7)
    assert {"vocabulary", "vocabulary_filter"}.isdisjoint(tenant().registered("acme"))


RUNBOOK = """\
schema: cci-lite/runbook/1
region: eu-central-1
tags: {Project: CCI-Lite}
tenants:
  acme:
    retention_days_input: 1
    retention_days_results: 30
    redact: false
    %s
    vocabulary:
      - Acme
      - %s
phases:
  - phase: 1
    title: Foundation
    steps:
      - {id: vocabularies, kind: transcribe_vocabulary, title: Words to know}
"""


def complaints(folder: Path, text: str) -> list[str]:
    path = folder / "runbook.yaml"
    path.write_text(text)
    try:
        load(path, REGISTRY)
    except RunbookError as error:
        return [str(each).removeprefix(f"{folder}/") for each in error.problems]
    return []


@pytest.mark.parametrize(
    ("language", "word", "told"),
    [
        ("language: en-GB", "Los Angeles", 'have hyphens instead of spaces, as in Los-Angeles, not "Los Angeles"'),
        ("language: en-GB", "B2B", 'have its digits spelled out, as in V.X.-zero-two, not "B2B"'),
        ("language: en-GB", "café", 'have letters of en-GB and \' - . only, without é, not "café"'),
        ("language: de-DE", "naïve", 'have letters of de-DE and \' - . only, without ï, not "naïve"'),
        ("language: fr-FR", "dej\u0061\u0300", "have accented letters as one character each (NFC)"),
        ("language: ja-JP", "「東京」", "have letters of ja-JP and ' - . only, without 「 」"),
        ("language: en-GB", "x" * 257, "have 1 to 256 characters"),
        ("language_options: [en-GB, fr-FR]", "déjà", "have letters of en-GB and ' - . only, without à é"),
    ],
)
def test_a_phrase_that_transcribe_would_not_take_is_refused_in_its_line(
    tmp_path: Path, language: str, word: str, told: str
) -> None:
    (complaint,) = complaints(tmp_path, RUNBOOK % (language, word))
    assert complaint.startswith("runbook.yaml:12: item 2 of `vocabulary` in tenant `acme` must ")
    assert told in complaint


@pytest.mark.parametrize(
    ("language", "word"),
    [("en-GB", "Dynamo-D.B."), ("en-GB", "O'Neill"), ("de-DE", "Größe"), ("fr-FR", "déjà-vu"), ("ja-JP", "東京")],
)
def test_a_phrase_that_transcribe_takes_passes(tmp_path: Path, language: str, word: str) -> None:
    assert complaints(tmp_path, RUNBOOK % (f"language: {language}", word)) == []


def test_words_need_a_language(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, RUNBOOK % ("agent_channel: 0", "Widget"))
    assert complaint.startswith("runbook.yaml:10: `vocabulary` in tenant `acme`: words belong to a language")


def test_a_list_larger_than_50_kb_is_refused(tmp_path: Path) -> None:
    long = "\n".join(f"      - {'x' * 250}" for _ in range(200))
    (complaint,) = complaints(tmp_path, RUNBOOK % ("language: en-GB", f"Widget\n{long}"))
    assert "more than the 50,000 that Transcribe takes in one list" in complaint


def test_words_without_the_step_that_makes_the_list_are_refused(tmp_path: Path) -> None:
    text = (RUNBOOK % ("language: en-GB", "Widget")).replace("transcribe_vocabulary,", "transcribe_vocabulary_filter,")
    (complaint,) = complaints(tmp_path, text)
    assert complaint.startswith("runbook.yaml:10: tenant `acme` has a `vocabulary`, but no step of kind")


def test_more_lists_than_an_account_may_have_are_refused(tmp_path: Path) -> None:
    one = "{retention_days_input: 1, retention_days_results: 1, vocabulary: [Acme], language_options: [en-GB, en-US]}"
    many = "".join(f"  t{number}: {one}\n" for number in range(51))
    text = (RUNBOOK % ("language: en-GB", "Widget")).replace("phases:", f"{many}phases:")
    assert "103 lists for the tenants' `vocabulary`" in complaints(tmp_path, text)[0]


@pytest.mark.parametrize("word", ["two words", "b2b"])
def test_a_filter_takes_single_words(tmp_path: Path, word: str) -> None:
    text = (RUNBOOK % ("language: en-GB", word)).replace("vocabulary:", "vocabulary_filter:")
    text = text.replace("transcribe_vocabulary,", "transcribe_vocabulary_filter,")
    (complaint,) = complaints(tmp_path, text)
    assert complaint.startswith("runbook.yaml:12: item 2 of `vocabulary_filter` in tenant `acme` must ")


def test_a_list_that_failed_for_no_fault_of_its_words_is_tried_again(made: World) -> None:
    made.rules.word_lists["Vocabulary", GB]["bad"] = True
    assert actions(made) == {"vocabularies": "update"}
    assert reasons(provision(made)) == {} and actions(made) == {}
