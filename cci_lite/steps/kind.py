"""What a kind of step is made of: its settings in the runbook, and how a step is built from them.

May import pydantic, aws.*, engine.model and the payload's languages. A new kind is one file, one line in
steps/__init__.py, one test file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from cci_lite.aws.cloud import Cloud
from cci_lite.engine.model import Meta, Step
from cci_lite.payload.processor.language import redacted_by_anyone
from cci_lite.steps import forms, words


@dataclass(frozen=True)
class Refers:
    """Marks a setting that holds the id of another step, and which kinds of step it may name.

    facts: whether the step reads facts of the other (it then has to be observed first).
    order: whether the reference is an edge; without it only the other's name is used, wherever it stands.
    whole: whether the step's thing is a part of the other's, which does not outlive it.
    """

    kinds: tuple[str, ...]
    facts: bool = False
    order: bool = True
    whole: bool = False


class Settings(BaseModel):
    """Base of every kind's settings: unknown keys are refused, values are not coerced silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, regex_engine="python-re")


class Question(Settings):
    """One line of a tenant's QA rubric; `points` for a yes that a quote proves."""

    id: Annotated[str, forms.form(r"[a-z][a-z0-9_]{0,40}", "be a letter and at most 40 small letters, digits and _")]
    question: Annotated[str, Field(min_length=1, max_length=300)]
    points: Annotated[int, Field(ge=1, le=1000)]


class Category(Settings):
    """A rule by phrases: holds when any of them is said (or none of them, with `absent`)."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    any: Annotated[tuple[str, ...], Field(min_length=1)]
    said_by: Literal["agent", "customer", "either"] = "either"
    absent: bool = False


def _no_longer_than_results(days: int | None, info: ValidationInfo) -> int | None:
    if days is not None and days > info.data.get("retention_days_results", days):
        raise ValueError("unredacted text may not be kept longer than the tenant's results")
    return days


def _redacted(language: str, info: ValidationInfo) -> str:
    """A language that is known beforehand is one that can be redacted; options beside a fixed one say nothing."""
    known = language != "auto" and info.data.get("language", "auto") == "auto"
    if known and info.data.get("redact", False) and not redacted_by_anyone(language):
        raise ValueError(
            f"neither Transcribe nor Comprehend takes personal data out of {language}; "
            "write `redact: false` if results may hold it"
        )
    return language


_CODE, _CODE_WORDS = "[a-z]{2,3}-[A-Z]{2}", "be a language of Transcribe such as en-GB"
_Language = Annotated[
    str, forms.form(f"auto|{_CODE}", f"be auto, or {_CODE_WORDS.removeprefix('be ')}"), AfterValidator(_redacted)
]
_Option = Annotated[str, forms.form(_CODE, _CODE_WORDS), AfterValidator(_redacted)]


class Tenant(Settings):
    """What the runbook says of one tenant. Days are whole days; `language` "auto" identifies it per call.

    redact: personal data is taken out of results; where a call is identified as being in a language without redaction,
    its result says that it was not. raw_text_days: how long the unredacted text is kept as well; without it, none is.
    vocabulary: phrases for Transcribe to know; vocabulary_filter: words that transcripts show as ***.
    """

    retention_days_input: Annotated[int, Field(ge=1, le=3650)]
    retention_days_results: Annotated[int, Field(ge=1, le=3650)]
    redact: bool = True
    language: _Language = "auto"
    agent_channel: Annotated[int, Field(ge=0, le=1)] | None = None
    outcomes: tuple[str, ...] = ()
    language_options: tuple[_Option, ...] = ()
    qa_rubric: tuple[Question, ...] = ()
    categories: tuple[Category, ...] = ()
    raw_text_days: Annotated[Annotated[int, Field(ge=1, le=3650)] | None, AfterValidator(_no_longer_than_results)] = (
        None
    )
    vocabulary: Annotated[tuple[Annotated[str, AfterValidator(words.phrase)], ...], AfterValidator(words.fitting)] = ()
    vocabulary_filter: Annotated[
        tuple[Annotated[str, AfterValidator(words.filtered)], ...], AfterValidator(words.fitting)
    ] = ()

    def registered(self, name: str) -> dict[str, Any]:
        """What the pipeline is told of the tenant: the plan's three fields, then whatever else the runbook sets.

        Of the words only that there are some: the lists themselves lie in Transcribe.
        """
        told = self.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        told |= dict.fromkeys({"vocabulary", "vocabulary_filter"} & told.keys(), True)
        return {"tenant_id": name, **told}


@dataclass(frozen=True)
class Context:
    """What a step may know besides its own settings.

    tags: the runbook's; tenants by id; settings: the kind's settings of every other step, by id, so that a
    name is written once in the runbook and derived everywhere else.
    """

    cloud: Cloud
    tags: Mapping[str, str]
    tenants: Mapping[str, Tenant]
    settings: Mapping[str, Any]

    def name_of(self, step: str) -> str:
        """The AWS name another step gives to its thing, with account and region filled in."""
        return self.cloud.site.fill(str(self.settings[step].name))


@dataclass(frozen=True)
class Kind:
    """A row of the registry."""

    settings: type[Settings]
    build: Callable[[Meta, Any, Context], Step]
