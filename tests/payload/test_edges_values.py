"""The parts of the function that only compute, at their edges: exact values on both sides of each limit."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from cci_lite.payload.processor.categories import matching, undecided
from cci_lite.payload.processor.cost import together
from cci_lite.payload.processor.errors import PermanentError, is_absent, is_permanent, may_be_rights, message_of
from cci_lite.payload.processor.evidence import Absent, proven
from cci_lite.payload.processor.transcript import Phrase
from cci_lite.payload.processor.wav import Header, read

from . import fakes

FORMAT = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 8000, 32000, 4, 16)


def wav(*chunks: bytes, kind: bytes = b"RIFF", form: bytes = b"WAVE") -> bytes:
    body = form + b"".join(chunks)
    return struct.pack("<4sI", kind, len(body)) + body


def samples(count: int) -> bytes:
    return struct.pack("<4sI", b"data", count) + bytes(count)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (wav(FORMAT, samples(32000)), Header(2, 1.0)),
        (wav(FORMAT, samples(32000), kind=b"RF64"), Header(2, 1.0)),
        (wav(FORMAT, samples(32000), kind=b"RIFX"), None),
        (wav(FORMAT, samples(32000), form=b"AVI "), None),
        (wav(FORMAT), Header(2, None)),
        (wav(FORMAT, struct.pack("<4sI", b"data", 0)), Header(2, 0.0)),
        (wav(FORMAT, b"data\1\0\0"), Header(2, None)),
        (wav(FORMAT)[:-1], None),
        (wav(samples(32)), None),
        (wav(samples(32), FORMAT), None),
        (wav(FORMAT, samples(4000)), Header(2, 0.125)),
        (wav(FORMAT, samples(4)), Header(2, 0.0)),
        (wav(FORMAT, samples(16)), Header(2, 0.001)),
    ],
)
def test_what_a_wav_header_tells(head: bytes, expected: Header | None) -> None:
    assert read(head, len(head)) == expected


def test_a_length_beyond_the_file_ends_with_the_file() -> None:
    head = wav(FORMAT, struct.pack("<4sI", b"data", 32001))
    assert read(head, len(head) + 32000) == Header(2, 1.0)


def test_unsigned_numbers_are_read_as_such() -> None:
    rates = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 40_000, 8000, 0x80000000, 4, 16)
    head = wav(rates, struct.pack("<4sI", b"data", 0x80000000))
    assert read(head, len(head) + 0x80000000) == Header(40_000, 1.0)


def test_a_rate_of_nothing_leaves_the_length_open() -> None:
    silent = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 0, 4, 16)
    assert read(wav(silent, samples(8)), 100) == Header(1, None)


RUBRIC = [{"id": each, "question": f"{each}?", "points": points} for each, points in (("a", 30), ("b", 60), ("c", 3))]
TURNS = [Phrase("customer", 1, 0, 2, "hello there", 2), Phrase("agent", 0, 2, 4, "good morning", 2)]


def answer(question: str, said: str, quote: str | None = None) -> dict[str, Any]:
    return {"id": question, "answer": said, "quote": quote, "turn": 99}


def test_an_answer_is_kept_with_its_question_its_points_and_its_proof() -> None:
    answers = [answer("a", "yes", "Good morning"), answer("b", "no", "hello"), answer("c", "unclear")]
    kept, score, absent = proven(RUBRIC, answers, TURNS)
    assert kept == [
        {"id": "a", "question": "a?", "answer": "yes", "points": 30, "quote": "Good morning", "turn": 1},
        {"id": "b", "question": "b?", "answer": "no", "points": 0, "quote": "hello", "turn": 0},
        {"id": "c", "question": "c?", "answer": "unclear", "points": 0, "quote": None, "turn": None},
    ]
    assert (score, absent) == (33.3, [])


def test_what_is_dropped_says_why() -> None:
    answers = [answer("a", "yes", "never said"), answer("b", "no", "never said either")]
    assert proven(RUBRIC, answers, TURNS)[2] == [
        Absent("qa.a", "the quote is not in the transcript"),
        Absent("qa.b.quote", "the quote is not in the transcript"),
        Absent("qa.c", "the model did not answer"),
    ]


@pytest.mark.parametrize(
    ("given", "best"),
    [
        ([("unclear", None), ("no", None)], "no"),
        ([("no", None), ("yes", "hello there")], "yes"),
        ([("unclear", None), ("yes", "hello there")], "yes"),
        ([("yes", "never said"), ("unclear", None)], "unclear"),
        ([("yes", "never said"), ("no", None)], "no"),
    ],
)
def test_of_several_answers_the_best_proven_one_counts(given: list[tuple[str, str | None]], best: str) -> None:
    kept, _, absent = proven(RUBRIC[:1], [answer("a", *each) for each in given], TURNS)
    assert [each["answer"] for each in kept] == [best] and absent == []


def test_only_a_quote_of_the_answer_that_counts_is_missed() -> None:
    answers = [answer("a", "no"), answer("a", "unclear", "never said")]
    assert proven(RUBRIC[:1], answers, TURNS)[2] == []


def rule(**more: Any) -> dict[str, Any]:
    return {"name": "r", "any": ["hello"], **more}


UNKNOWN = [Phrase("spk_0", None, 0, 2, "hello there", 2)]


def test_a_rule_about_anybody_is_decided_also_where_nobody_is_known() -> None:
    assert undecided([rule(), rule(said_by="either"), rule(said_by="agent")], UNKNOWN) == ["r"]
    assert matching([rule(), rule(said_by="either")], UNKNOWN) == ["r", "r"]
    assert matching([rule(said_by="agent", absent=True)], UNKNOWN) == []
    assert undecided([rule(said_by="agent")], TURNS) == []


def test_costs_of_two_runs_add_up_except_the_transcript() -> None:
    before = {"transcribe": 0.5, "comprehend": 0.1, "bedrock": None, "lambda": 0.000000014}
    now = {"transcribe": 9.0, "comprehend": 0.2, "bedrock": 0.1, "lambda": 0.000000011}
    assert together(before, now) == {"transcribe": 0.5, "comprehend": 0.3, "bedrock": None, "lambda": 0.00000002}
    assert together(now, before)["bedrock"] is None


def test_refusals_tell_their_words_and_a_refusal_without_words_tells_none() -> None:
    assert message_of(fakes.refusal("Op", "Code", "in words")) == "in words"
    assert message_of(fakes.ClientError({}, "Op")) == ""
    assert message_of(fakes.ClientError({"Error": {"Code": "x"}}, "Op")) == ""
    assert str(PermanentError("start", "Empty", "no content")) == "start: Empty: no content"


def refused(operation: str, code: str, words: str = "") -> fakes.ClientError:
    return fakes.refusal(operation, code, words)


def test_what_may_be_a_matter_of_rights_or_of_words_is_tried_again() -> None:
    start, code = "StartTranscriptionJob", "BadRequestException"
    assert is_permanent(refused(start, code, "the media format is not supported"))
    assert not is_permanent(refused(start, code, "Make sure that you have read permission"))
    assert not is_permanent(refused(start, code, "The Vocabulary is not ready"))
    assert is_permanent(refused("DetectPiiEntities", "InvalidRequestException", "the vocabulary and the permission"))
    assert not is_permanent(refused("Converse", "ValidationException", "the model has ended"))
    assert may_be_rights(refused(start, "AnyCode", "permission")) and not may_be_rights(refused(start, code, "x"))
    assert not may_be_rights(refused("GetObject", "AccessDenied", "permission"))
    assert not is_permanent(refused("AnyOther", code)) and not is_permanent(refused(start, "LimitExceededException"))


def test_a_job_that_is_unknown_is_absent_and_another_bad_request_is_not() -> None:
    assert is_absent(refused("GetTranscriptionJob", "BadRequestException", "The job couldn't be found."))
    assert not is_absent(refused("GetTranscriptionJob", "BadRequestException", "The name is too long."))
    assert not is_absent(refused("StartTranscriptionJob", "BadRequestException", "It couldn't be found."))
