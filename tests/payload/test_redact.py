"""Personal data is gone before the model, the excerpt and the turns."""

from __future__ import annotations

from typing import Any

from cci_lite.payload.processor.comprehend import Units
from cci_lite.payload.processor.redact import redact

from . import fakes
from .world import CALL, World, spoken

NUMBER = "020 7946 0018"


def redacted(texts: list[str]) -> tuple[list[str], fakes.Aws]:
    aws = fakes.Aws()
    return redact(fakes.Comprehend(aws), "en", texts, Units()), aws


def test_findings_become_their_type_and_the_rest_stays() -> None:
    assert redacted(["call é😀 020 7946 0018 now", "fine"])[0] == ["call é😀 [PHONE] now", "fine"]


def test_a_number_spoken_across_two_phrases_is_found() -> None:
    made, _ = redacted(["it is 020 7946", "0018 thanks"])
    assert made == ["it is [PHONE]", "[PHONE] thanks"]


def test_texts_are_asked_within_the_limit_and_keep_their_places() -> None:
    texts = ["", "é" * 70_000, "b", NUMBER, "c " * 60_000]
    made, aws = redacted(texts)
    assert all(len(each["Text"].encode()) <= 100_000 for each in aws.of("DetectPiiEntities"))
    assert len(made) == 5 and made[0] == "" and made[2:4] == ["b", "[PHONE]"]
    assert made[1].replace(" ", "") == texts[1]


def test_overlapping_findings_leave_nothing_of_either() -> None:
    class Overlapping:
        def detect_pii_entities(self, **request: Any) -> Any:
            spans = [("NAME", 0, 6), ("NAME", 0, 6), ("ADDRESS", 3, 9)]
            return {"Entities": [{"Type": kind, "BeginOffset": b, "EndOffset": e} for kind, b, e in spans]}

    (made,) = redact(Overlapping(), "en", ["secret123 rest"], Units())
    assert "secret" not in made and "123" not in made and made.endswith(" rest")


def test_the_model_never_sees_what_was_redacted(world: World) -> None:
    world.call(CALL)
    assert "7946" not in str(world.aws.of("Converse")) + str(world.results())
    assert "[PHONE]" in str(world.aws.of("Converse"))


def test_a_tenant_may_ask_for_raw_text(world: World) -> None:
    world.tenant(redact=False)
    result = world.call(spoken((0, 0, NUMBER)))
    assert result["redacted"] == "none" and NUMBER in result["transcript_excerpt"]


def test_transcribes_own_redaction_is_used_where_it_was_asked_for(world: World) -> None:
    world.tenant(language="en-US")
    assert world.call(CALL)["redacted"] == "transcribe"
    assert "DetectPiiEntities" not in world.aws.operations


def test_a_number_goes_on_behind_the_other_sides_yes(world: World) -> None:
    parts = ((1, 0.0, "it is 020 7946"), (0, 2.0, "yes"), (1, 3.0, "0018 thanks"), (0, 5.0, "bye"))
    turns = world.call(spoken(*parts))["turns"]
    assert [each["text"] for each in turns] == ["it is [PHONE]", "yes", "[PHONE] thanks", "bye"]
