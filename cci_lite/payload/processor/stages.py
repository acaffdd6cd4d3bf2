"""The stages of a finished call that can be done again, in their order. Imports the standard library only."""

from __future__ import annotations

#: transcript: Transcribe's document, while `tmp/` holds it, to turns and measures; analyse: redaction and Comprehend;
#: model: Bedrock; categories: the tenant's own rules.
STAGES = ("transcript", "analyse", "model", "categories")
#: First parts of the names in a result's `absent` that a stage answers for.
_FIELDS = {
    "transcript": ("duration_s", "channels", "speakers"),
    "analyse": ("redacted", "sentiment", "key_phrases", "entities"),
    "model": ("model", "summary", "issue", "outcome", "tone", "qa"),
    "categories": ("categories",),
}


def onward(stage: str) -> tuple[str, ...]:
    """The stage and all after it. Raises ValueError for an unknown one."""
    return STAGES[STAGES.index(stage) :]


def answers_for(stages: tuple[str, ...], field: str) -> bool:
    """Whether one of the stages computes the field of a result."""
    return any(field.split(".")[0] in _FIELDS[stage] for stage in stages)
