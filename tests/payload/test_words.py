"""A tenant's vocabulary and filter are named in the job, by language where the language is not known yet."""

from __future__ import annotations

import pytest

from . import fakes
from .test_start import started
from .world import World

SPEAKERS = {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}
NAME = "cci-lite-demo-tenant-en-GB"


def test_a_fixed_language_has_its_vocabulary_and_a_filter_that_masks(world: World) -> None:
    world.tenant(vocabulary=True, vocabulary_filter=True)
    world.handle(world.upload())
    assert started(world)["Settings"] == {
        **SPEAKERS,
        "VocabularyName": NAME,
        "VocabularyFilterName": NAME,
        "VocabularyFilterMethod": "mask",
    }
    assert "LanguageIdSettings" not in started(world)


@pytest.mark.parametrize("member", ["vocabulary", "vocabulary_filter"])
def test_one_comes_without_the_other(world: World, member: str) -> None:
    world.tenant(**{member: True})
    world.handle(world.upload())
    named = {"vocabulary": {"VocabularyName"}, "vocabulary_filter": {"VocabularyFilterName", "VocabularyFilterMethod"}}
    assert started(world)["Settings"].keys() - SPEAKERS.keys() == named[member]


def test_an_identified_language_has_those_of_each_option(world: World) -> None:
    options = ["en-GB", "de-DE"]
    world.tenant(language="auto", language_options=options, vocabulary=True, vocabulary_filter=True)
    world.handle(world.upload())
    names = {each: f"cci-lite-demo-tenant-{each}" for each in options}
    assert started(world)["LanguageIdSettings"] == {
        each: {"VocabularyName": name, "VocabularyFilterName": name} for each, name in names.items()
    }
    assert started(world)["Settings"] == {**SPEAKERS, "VocabularyFilterMethod": "mask"}


def test_a_vocabulary_that_is_not_there_yet_is_tried_again_and_no_fault_of_the_recording(world: World) -> None:
    world.tenant(vocabulary=True)
    told = "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again."

    def refuse(number: int, name: str, done: bool) -> None:
        if name == "StartTranscriptionJob":
            raise fakes.refusal(name, "BadRequestException", told)

    world.aws.plan = refuse
    with pytest.raises(fakes.ClientError):
        world.handle(world.upload())
    assert world.s3.writes == []
