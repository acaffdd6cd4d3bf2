"""Languages: Transcribe's codes, Comprehend's twelve, and where redaction exists. Pure. Source: aws-facts 8.8, 17."""

from __future__ import annotations

_COMPREHEND = frozenset({"en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh"})
_TRADITIONAL = frozenset({"zh-TW", "zh-HK"})
_PII = frozenset({"en", "es"})
#: Fixed languages in which Transcribe's batch jobs redact; elsewhere the request would be refused.
_REDACTED = frozenset({"en-US", "es-US"})


def for_comprehend(language: str | None) -> str | None:
    """Comprehend's code for a language of Transcribe, or None when Comprehend does not read it."""
    if not language:
        return None
    if language in _TRADITIONAL:
        return "zh-TW"
    short = language.split("-")[0]
    return short if short in _COMPREHEND else None


def for_pii(language: str | None) -> str | None:
    """The code for DetectPiiEntities, or None where it does not exist."""
    short = for_comprehend(language)
    return short if short in _PII else None


def redacted_by_anyone(language: str) -> bool:
    """Whether Transcribe or Comprehend takes personal data out of a call in this language."""
    return transcribe_redacts(language) or for_pii(language) is not None


def transcribe_redacts(language: str) -> bool:
    """Whether a job with this fixed language may ask for ContentRedaction."""
    return language in _REDACTED
