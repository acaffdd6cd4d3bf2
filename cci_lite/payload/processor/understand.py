"""From what was heard to what it means: redaction first, then Comprehend, categories and the model.

A service that cannot read the call's language is named in `absent`; nothing is guessed (aws-facts 8.8, 8.10).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .categories import ROLES, matching, undecided
from .comprehend import Comprehend, Units
from .config import Tenant
from .evidence import Absent
from .language import for_comprehend, for_pii
from .model import Model, Report
from .redact import redact
from .stages import STAGES
from .store import Recording
from .transcript import Transcript
from .work import Work

_NOBODY = "who is the agent is not known"


@dataclass(frozen=True)
class Call:
    """A transcribed call. duration_s: by the file's header when `measured`, else to the last word."""

    tenant: Tenant
    recording: Recording
    job: Mapping[str, Any]
    transcript: Transcript
    duration_s: float
    measured: bool
    language: str | None
    redacted: str


@dataclass
class Found:
    """What was understood; sentiment None and lists empty where `absent` says why."""

    transcript: Transcript
    redacted: str
    sentiment: dict[str, Any] | None = None
    key_phrases: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    model_id: str | None = None
    units: int = 0
    absent: list[Absent] = field(default_factory=list)


def understand(work: Work, call: Call, stages: Collection[str] = STAGES) -> Found:
    """Asks the services of these stages. Their transient errors pass through, before anything is written."""
    found = Found(call.transcript, call.redacted)
    if "transcript" in stages:
        _notes(call, found)
    if not call.transcript.phrases:
        found.report = Report(summary="no speech")
        return found
    if "analyse" in stages:
        _analyse(work, call, found)
    if "categories" in stages:
        _categories(call, found)
    if "model" in stages:
        _ask_the_model(work, call, found)
    return found


def _analyse(work: Work, call: Call, found: Found) -> None:
    units = Units()
    _redact(work, call, found, units)
    _comprehend(work, call, found, units)
    found.units = units.count


def _categories(call: Call, found: Found) -> None:
    rules, turns = call.tenant.categories, found.transcript.turns
    found.categories = matching(rules, turns)
    found.absent += [Absent(f"categories.{each}", _NOBODY) for each in undecided(rules, turns)]


def _ask_the_model(work: Work, call: Call, found: Found) -> None:
    models = work.configuration.models()
    model = Model(work.clients.bedrock(models.region), models.summary)
    found.model_id = models.summary
    found.report = model.report(call.tenant, found.transcript.turns)
    found.absent += found.report.absent


def _notes(call: Call, found: Found) -> None:
    """What the recording itself leaves unsaid."""
    if not call.measured:
        found.absent.append(Absent("duration_s", "the file's length is not known; measured to the last word"))
    if call.transcript.doubled:
        found.absent.append(Absent("channels", "both channels say the same: a mono call in two channels"))
    speakers = {each.speaker for each in call.transcript.phrases}
    if speakers and not speakers & set(ROLES):
        reason = "the channels are not separate people" if call.tenant.agent_channel is not None else "not configured"
        found.absent.append(Absent("speakers", f"{_NOBODY}: {reason}"))


def _redact(work: Work, call: Call, found: Found, units: Units) -> None:
    if call.redacted != "none" or not call.tenant.redact:
        return
    language = for_pii(call.language)
    if language is None:
        found.absent.append(Absent("redacted", f"no redaction for language {call.language}"))
        return
    phrases = call.transcript.phrases
    # One speaker after the other: a number goes on behind the other's "yes".
    order = sorted(range(len(phrases)), key=lambda place: phrases[place].speaker)
    clean = redact(work.clients.comprehend, language, [phrases[place].text for place in order], units)
    found.transcript = call.transcript.with_texts([text for _, text in sorted(zip(order, clean, strict=True))])
    found.redacted = "comprehend"


def _comprehend(work: Work, call: Call, found: Found, units: Units) -> None:
    language = for_comprehend(call.language)
    if language is None:
        reason = f"Comprehend does not read language {call.language}"
        found.absent += [Absent(each, reason) for each in ("sentiment", "key_phrases", "entities")]
        return
    said = [replace(each, text=each.text.strip()) for each in found.transcript.phrases]
    service = Comprehend(work.clients.comprehend, language, units)
    found.sentiment = service.sentiment(said, call.duration_s)
    texts = [each.text for each in found.transcript.turns]
    found.key_phrases = service.key_phrases(texts)
    found.entities = service.entities(texts)
