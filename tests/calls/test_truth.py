"""The evaluation's own measures, with figures worked out by hand; nothing here speaks or listens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml

from tests.calls import metrics, recordings, sandboxed, scripts
from tests.calls.metrics import Hits
from tests.calls.recordings import Said
from tests.calls.scripts import Line, Personal, Truth


def said(*lines: tuple[str, str, float, float]) -> list[Said]:
    return [Said(Line(who, text), start, end) for who, text, start, end in lines]


def turn(speaker: str, start_s: float, end_s: float, text: str = "") -> dict[str, Any]:
    return {"speaker": speaker, "start_s": start_s, "end_s": end_s, "text": text}


CALL = said(("agent", "Good morning", 0.0, 4.0), ("customer", "Is it you", 3.0, 7.0), ("agent", "It is", 8.0, 10.0))


def test_every_script_can_be_read_and_there_are_enough() -> None:
    read = list(scripts.every())
    assert len(read) >= 13
    assert {each.tenant for each in read} == set(sandboxed.LANGUAGES)
    assert {name for each in read for name in each.truth.categories} == {rule["name"] for rule in sandboxed.CATEGORIES}
    assert {line.speaker for each in read for line in each.lines} == set(scripts.SPEAKERS)
    assert all(each.truth.sentiment.keys() == set(scripts.SPEAKERS) for each in read if each.channels == 2)


def test_the_calls_that_are_held_out_are_others_and_of_every_kind() -> None:
    read = list(scripts.every(scripts.HELD_OUT))
    assert len(read) == 10 and not {each.name for each in read} & {each.name for each in scripts.every()}
    assert {each.truth.outcome for each in read} == {"resolved", "follow-up promised", "escalated", "unresolved"}
    for question in ("greeting", "empathy", "next_step"):
        assert sum(question not in each.truth.qa for each in read) >= 3
    assert {name for each in read for name in each.truth.categories} == {rule["name"] for rule in sandboxed.CATEGORIES}


def test_a_script_says_its_voices_lines_and_truth() -> None:
    told = """
        title: A call
        tenant: american
        repeat: 2
        speakers: {agent: {voice: en-us, speed: 160, pitch: 40}}
        truth: {outcome: resolved, categories: [refund], qa: [greeting], sentiment: {agent: positive}}
        lines:
          - agent: Hello.
          - agent: Goodbye.
            gap_s: -1.5
    """
    read = scripts.parse("a", yaml.safe_load(told))
    assert read.lines == [Line("agent", "Hello.", 0.5), Line("agent", "Goodbye.", -1.5)] * 2
    assert read.truth == Truth("resolved", frozenset({"refund"}), {"agent": "positive"}, frozenset({"greeting"}))
    assert (read.channels, read.noise_db, read.clean) == (2, None, True)


def test_personal_data_is_spoken_by_digits_and_redacted_as_one_mark() -> None:
    line = Line("customer", "My number is {PHONE 555 010 4477}.")
    assert line.spoken == "My number is 5 5 5, 0 1 0, 4 4 7 7."
    assert line.redacted == "My number is [pii]."
    assert line.personal == [Personal("PHONE", "555 010 4477")]


def test_lines_follow_each_other_with_their_gaps() -> None:
    lines = [Line("agent", "a", 9.0), Line("customer", "b", 1.0), Line("agent", "c", -0.5)]
    placed = recordings.placed(lines, [2.0, 3.0, 1.0])
    assert [(each.start_s, each.end_s) for each in placed] == [(0.5, 2.5), (3.5, 6.5), (6.0, 7.0)]


@pytest.mark.parametrize(("channels", "heard"), [(2, [[1, 0], [0, 1]]), (1, [[1], [1]])])
def test_each_speaker_is_heard_on_their_channel_at_their_time(channels: int, heard: list[list[int]]) -> None:
    script = scripts.Script("a", "", "american", {}, [], Truth("", frozenset()), channels)
    lines = said(("agent", "a", 0.0, 1.0), ("customer", "b", 1.0, 2.0))
    mixed = recordings.mix(script, lines, [np.full(16_000, 0.5)] * 2)
    assert mixed.shape == (40_000, channels)
    assert [[int(value > 0) for value in mixed[place]] for place in (8_000, 24_000)] == heard
    assert not mixed[32_000:].any()


def test_noise_is_the_same_every_time_and_as_loud_as_the_script_says() -> None:
    script = scripts.Script("a", "", "american", {}, [], Truth("", frozenset()), noise_db=-20)
    one, other = (recordings.mix(script, said(("agent", "a", 0.0, 1.0)), [np.zeros(16_000)]) for _ in range(2))
    assert np.array_equal(one, other)
    assert np.sqrt((one**2).mean()) == pytest.approx(0.1, rel=0.02)


def test_an_interruption_begins_while_the_other_has_more_to_say() -> None:
    assert recordings.interruptions(CALL) == [{"by": "customer", "at_s": 3.0}]
    assert recordings.interruptions(said(("agent", "a", 0.0, 3.2), ("customer", "b", 3.0, 5.0))) == []


def test_words_are_compared_without_case_accents_marks_and_spelling_of_numbers() -> None:
    assert metrics.words("Jürgen O'Reilly, 2 well-known [PII], [PHONE]!") == [
        "jurgen",
        "o'reilly",
        "two",
        "well",
        "known",
        "[pii]",
    ]
    assert metrics.words("two two, $250") == ["two", "two", "250", "dollars"]


def test_word_errors_are_counted_by_speaker() -> None:
    turns = [turn("customer", 0, 1, "Is it"), turn("agent", 0, 1, "Good mourning it is")]
    assert metrics.word_errors(CALL, turns, by_speaker=True) == (2, 7)
    assert metrics.word_errors(CALL, turns, by_speaker=False) == (4, 7)


def test_a_number_that_was_not_redacted_is_an_error_for_each_word_of_it() -> None:
    lines = said(("agent", "Call {PHONE 555 010 4477} now", 0.0, 1.0))
    assert metrics.word_errors(lines, [turn("agent", 0, 1, "Call [PHONE] now")], by_speaker=True) == (0, 3)
    assert metrics.word_errors(lines, [turn("agent", 0, 1, "Call 555 010 4477 now")], by_speaker=True) == (3, 3)


def test_labels_without_a_role_are_named_by_whom_they_overlap() -> None:
    turns = [turn("spk_0", 4.0, 7.0), turn("spk_1", 0.0, 3.0), turn("spk_1", 8.0, 10.0)]
    assert metrics.named(CALL, turns) == {"spk_0": "customer", "spk_1": "agent"}
    assert metrics.attribution(CALL, turns) == 1.0


def test_attribution_is_the_share_of_time_given_to_somebody_who_speaks() -> None:
    assert metrics.attribution(CALL, [turn("agent", 0.0, 8.0)]) == pytest.approx(4 / 7)
    assert metrics.attribution(CALL, []) is None


def test_talk_errors_add_up_over_the_speakers() -> None:
    turns = [turn("agent", 0.0, 4.0), turn("customer", 4.0, 7.0)]
    assert metrics.talk(CALL, {"turns": turns, "talk": {"agent_s": 5.5, "customer_s": 4.25}}) == (0.75, 10.0)
    assert metrics.talk(CALL, {"turns": turns, "talk": {"agent_s": 6.0}}) == (4.0, 10.0)


def test_an_interruption_counts_once_near_its_time_and_by_the_right_person() -> None:
    assert metrics.cuts(CALL, [{"by": "customer", "at_s": 3.9}, {"by": "customer", "at_s": 3.0}]) == Hits(1, 1, 2)
    assert metrics.cuts(CALL, [{"by": "customer", "at_s": 4.1}]) == Hits(0, 1, 1)
    assert metrics.cuts(CALL, [{"by": "agent", "at_s": 3.0}]) == Hits(0, 1, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pay with 4539-1488, please", True),
        ("four five, three nine", True),
        ("ends in 6 4 6 7", True),
        ("453 and 646", False),
        ("[CREDIT_DEBIT_NUMBER]", False),
    ],
)
def test_four_digits_in_a_row_give_a_number_away(text: str, told: bool) -> None:
    assert metrics.leaks("4539 1488 0343 6467", text) is told


def test_a_number_is_hidden_only_where_no_text_of_the_result_tells_it() -> None:
    card = [Personal("CREDIT_DEBIT_NUMBER", "4539 1488 0343 6467")]
    assert metrics.hidden(card, {"turns": [{"text": "[PII]"}], "source": {"etag": "4539"}}) == Hits(1, 1, 1)
    assert metrics.hidden(card, {"turns": [{"text": "[PII]"}], "action_items": [{"what": "4539"}]}) == Hits(0, 1, 0)


def test_a_redaction_is_right_where_its_speaker_says_personal_data() -> None:
    lines = said(("customer", "{PHONE 555 010 4477}", 0.0, 4.0), ("agent", "Thanks", 4.0, 6.0))
    turns = [turn("customer", 0.0, 4.0, "[PII] and [PII]"), turn("agent", 4.0, 6.0, "[NAME] thanks")]
    assert metrics.marks(lines, turns) == Hits(2, 2, 3)
    assert metrics.marks(lines, turns).precision == pytest.approx(2 / 3)


def test_categories_and_signs_are_right_or_not() -> None:
    assert metrics.labels(["refund", "hold"], ["refund", "thanks"]) == Hits(1, 2, 2)
    result = {"sentiment_agent": "MIXED", "sentiment_customer": "POSITIVE"}
    assert metrics.signs({"agent": "neutral", "customer": "negative"}, result) == Hits(1, 2, 2)
    assert metrics.signs({"agent": "neutral"}, {"sentiment_agent": None}) == Hits(0, 1, 0)


def test_an_answer_of_the_rubric_is_right_or_not() -> None:
    given = [{"id": "a", "answer": "yes"}, {"id": "b", "answer": "yes"}, {"id": "c", "answer": "no"}]
    assert metrics.answers({"a"}, ["a", "b", "c", "d"], given) == Hits(2, 4, 3)
    assert metrics.answers({"d"}, ["c", "d"], [*given, {"id": "d", "answer": "unclear"}]) == Hits(1, 2, 4)


def test_hits_add_up_and_have_no_share_of_nothing() -> None:
    assert sum((Hits(1, 2, 1), Hits(1, 1, 3)), Hits()) == Hits(2, 3, 4)
    assert (Hits(2, 3, 4).recall, Hits(2, 3, 4).precision) == (pytest.approx(2 / 3), 0.5)
    assert (Hits().recall, Hits().precision) == (None, None)


def test_the_runbook_of_the_evaluation_is_the_repositorys_with_two_tenants() -> None:
    whole = yaml.safe_load(sandboxed.runbook(redact=False))
    assert {name: each["language"] for name, each in whole["tenants"].items()} == sandboxed.LANGUAGES
    assert whole["tenants"]["british"]["redact"] is False
    assert [phase["phase"] for phase in whole["phases"]][:2] == [1, 2]
