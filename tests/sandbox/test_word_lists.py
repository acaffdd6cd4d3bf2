"""Vocabularies and filters of the sandbox's Transcribe: their lives, and what jobs may do with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import Account, refusal, until
from tests.sandbox.test_transcribe import ended, job

GB = {"LanguageCode": "en-GB"}


def state(aws: Account, name: str) -> dict[str, Any]:
    """The vocabulary once it is not pending any more."""

    def settled() -> dict[str, Any] | None:
        found: dict[str, Any] = aws.client("transcribe").get_vocabulary(VocabularyName=name)
        return found if found["VocabularyState"] != "PENDING" else None

    return dict(until(settled, pause_s=0.2))


def vocabulary(aws: Account, name: str, *phrases: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = aws.client("transcribe").create_vocabulary(
        VocabularyName=name, Phrases=list(phrases), **{**GB, **more}
    )
    return made


def test_a_vocabulary_is_pending_before_it_is_ready(aws: Account, name: str) -> None:
    assert vocabulary(aws, name, "Los-Angeles")["VocabularyState"] == "PENDING"
    assert state(aws, name)["VocabularyState"] == "READY"


def test_a_vocabulary_with_spaces_or_digits_fails_with_a_reason_until_it_is_put_right(aws: Account, name: str) -> None:
    wrong = {f"{name}-spaces": "Los Angeles", f"{name}-digits": "B2B"}
    for each, phrase in wrong.items():
        vocabulary(aws, each, phrase)
    for each in wrong:
        failed = state(aws, each)
        assert failed["VocabularyState"] == "FAILED" and failed["FailureReason"]
        aws.client("transcribe").update_vocabulary(VocabularyName=each, Phrases=["Angeles"], **GB)
    assert [state(aws, each)["VocabularyState"] for each in wrong] == ["READY", "READY"]


def test_a_name_is_used_once_and_a_pending_vocabulary_takes_no_other_words(aws: Account, name: str) -> None:
    transcribe = aws.client("transcribe")
    vocabulary(aws, name, "Acme")
    again = {"VocabularyName": name, "Phrases": ["Acme"], **GB}
    assert refusal(transcribe.update_vocabulary, **again)[0] == "ConflictException"
    assert refusal(transcribe.create_vocabulary, **again)[0] == "ConflictException"
    transcribe.delete_vocabulary(VocabularyName=name)
    assert refusal(transcribe.get_vocabulary, VocabularyName=name)[0] == "NotFoundException"
    assert refusal(transcribe.delete_vocabulary, VocabularyName=name)[0] == "NotFoundException"


def test_lists_come_in_pages_of_five(aws: Account, name: str) -> None:
    for number in range(6):
        vocabulary(aws, f"{name}-{number}", "Acme")
    transcribe = aws.client("transcribe")
    first = transcribe.list_vocabularies(NameContains=name.upper())
    second = transcribe.list_vocabularies(NameContains=name, NextToken=first["NextToken"])
    assert [len(each["Vocabularies"]) for each in (first, second)] == [5, 1]
    assert "NextToken" not in second


def test_a_filter_is_ready_at_once_and_changed_whole(aws: Account, name: str) -> None:
    transcribe = aws.client("transcribe")
    transcribe.create_vocabulary_filter(VocabularyFilterName=name, Words=["darn"], **GB)
    transcribe.update_vocabulary_filter(VocabularyFilterName=name, Words=["drat"])
    shown = transcribe.get_vocabulary_filter(VocabularyFilterName=name)
    assert (shown["VocabularyFilterName"], shown["LanguageCode"]) == (name, "en-GB")
    listed = transcribe.list_vocabulary_filters(NameContains=name)["VocabularyFilters"]
    assert [each["VocabularyFilterName"] for each in listed] == [name]
    transcribe.delete_vocabulary_filter(VocabularyFilterName=name)
    assert refusal(transcribe.get_vocabulary_filter, VocabularyFilterName=name)[0] == "NotFoundException"


@pytest.mark.parametrize("resource", ["vocabulary", "vocabulary-filter"])
def test_lists_have_tags(aws: Account, name: str, resource: str) -> None:
    transcribe, tags = aws.client("transcribe"), [{"Key": "Project", "Value": "CCI-Lite"}]
    vocabulary(aws, name, "Acme", Tags=tags)
    transcribe.create_vocabulary_filter(VocabularyFilterName=name, Words=["darn"], Tags=tags, **GB)
    arn = f"arn:aws:transcribe:eu-central-1:111122223333:{resource}/{name}"
    transcribe.tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "me"}])
    transcribe.untag_resource(ResourceArn=arn, TagKeys=["Project"])
    assert transcribe.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "Owner", "Value": "me"}]


def test_more_than_50_kb_are_refused(aws: Account, name: str) -> None:
    many = ["x" * 250] * 200
    create = aws.client("transcribe").create_vocabulary
    assert refusal(create, VocabularyName=name, Phrases=many, **GB)[0] == "BadRequestException"


def test_a_job_masks_the_words_of_its_filter(aws: Account, buckets: tuple[str, str], name: str) -> None:
    transcribe = aws.client("transcribe")
    transcribe.create_vocabulary_filter(VocabularyFilterName=name, Words=["terrible", "angry"], **GB)
    vocabulary(aws, name, "Green-Garden")
    state(aws, name)
    settings = {"VocabularyName": name, "VocabularyFilterName": name, "VocabularyFilterMethod": "mask"}
    transcribe.start_transcription_job(**job(name, "greeting.wav", Settings=settings))
    assert ended(aws, name)["Settings"] == settings
    written = aws.client("s3").get_object(Bucket="jobs-out", Key=f"tmp/t/{name}/{name}.json")
    said = json.load(written["Body"])["results"]["transcripts"][0]["transcript"]
    assert "I am really *** about my order" in said and "angry" not in said


@pytest.fixture(scope="module")
def german(aws: Account) -> None:
    """A vocabulary of that name and language is ready."""
    vocabulary(aws, "german", "Acme", LanguageCode="de-DE")
    assert state(aws, "german")["VocabularyState"] == "READY"


@pytest.mark.parametrize(
    "changed",
    [
        {"Settings": {"VocabularyName": "nobody-made-it"}},
        {"Settings": {"VocabularyName": "{name}-pending"}},
        {"Settings": {"VocabularyName": "german"}},
        {"Settings": {"VocabularyFilterName": "{name}"}},
        {"LanguageCode": None, "IdentifyLanguage": True, "Settings": {"VocabularyName": "{name}-pending"}},
        {"LanguageCode": None, "IdentifyLanguage": True, "LanguageIdSettings": {"en-GB": {"VocabularyName": "gone"}}},
    ],
)
def test_a_job_that_names_what_it_cannot_have_is_a_bad_request(
    aws: Account, buckets: tuple[str, str], german: None, name: str, changed: dict[str, Any]
) -> None:
    transcribe = aws.client("transcribe")
    transcribe.create_vocabulary_filter(VocabularyFilterName=name, Words=["darn"], **GB)
    vocabulary(aws, f"{name}-pending", "Acme")
    given = json.loads(json.dumps(changed).replace("{name}", name))
    code, message = refusal(transcribe.start_transcription_job, **job(name, "short.wav", **given))
    assert code == "BadRequestException" and "ocabular" in message


def test_an_identified_language_has_the_lists_of_each_option(aws: Account, buckets: tuple[str, str], name: str) -> None:
    vocabulary(aws, name, "Acme")
    state(aws, name)
    lists = {"en-GB": {"VocabularyName": name}}
    request = job(name, "long.wav", LanguageCode=None, IdentifyLanguage=True, LanguageOptions=["en-GB", "de-DE"])
    aws.client("transcribe").start_transcription_job(**request, LanguageIdSettings=lists)
    done = ended(aws, name)
    assert (done["LanguageCode"], done["LanguageIdSettings"]) == ("en-GB", lists)
