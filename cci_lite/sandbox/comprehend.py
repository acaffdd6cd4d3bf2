"""Comprehend's detection operations over engines.text, with AWS's limits. Knows no server."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply, json_reply

LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "zh-TW")
PII_LANGUAGES = ("en", "es")
MAX_BYTES = 5_000
PII_MAX_BYTES = 100_000
BATCH = 25

# Operation -> (function of engines.text, languages, byte limit). Limits: Comprehend "Guidelines and quotas".
_SINGLE: dict[str, tuple[str, tuple[str, ...] | None, int]] = {
    "DetectSentiment": ("sentiment", LANGUAGES, MAX_BYTES),
    "DetectKeyPhrases": ("key_phrases", LANGUAGES, MAX_BYTES),
    "DetectEntities": ("entities", LANGUAGES, MAX_BYTES),
    "DetectPiiEntities": ("pii_entities", PII_LANGUAGES, PII_MAX_BYTES),
    "DetectDominantLanguage": ("dominant_languages", None, MAX_BYTES),
}
_BATCHED = ("DetectSentiment", "DetectKeyPhrases", "DetectEntities", "DetectDominantLanguage")

Detect = Callable[[str], dict[str, Any]]


async def serve(call: Call, _: Forward) -> Reply:
    """Every Comprehend call; nothing is passed on, the emulator has no Comprehend."""
    if call.action in _SINGLE:
        return json_reply(_single(call))
    if call.action.startswith("Batch") and call.action.removeprefix("Batch") in _BATCHED:
        return json_reply(_batch(call, call.action.removeprefix("Batch")))
    raise Refusal("UnknownOperationException", f"the sandbox has no comprehend {call.action}")


def _single(call: Call) -> dict[str, Any]:
    request = call.json()
    text = _text(request.get("Text"))
    detect, limit = _detector(call.action, request)
    size = len(text.encode())
    if size > limit:
        raise Refusal("TextSizeLimitExceededException", _too_long(limit, size))
    return detect(text)


def _batch(call: Call, operation: str) -> dict[str, Any]:
    request = call.json()
    texts = request.get("TextList")
    if not isinstance(texts, list) or not texts:
        raise _invalid("textList", "Member must not be null")
    if len(texts) > BATCH:
        message = f"Batch size exceeds limit. Max batch size: {BATCH}"
        raise Refusal("BatchSizeLimitExceededException", message)
    detect, limit = _detector(operation, request)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for index, text in enumerate(map(_text, texts)):
        size = len(text.encode())
        if size > limit:
            code, message = "TEXT_SIZE_LIMIT_EXCEEDED", _too_long(limit, size)
            errors.append({"Index": index, "ErrorCode": code, "ErrorMessage": message})
        else:
            results.append({"Index": index, **detect(text)})
    return {"ResultList": results, "ErrorList": errors}


def _detector(operation: str, request: dict[str, Any]) -> tuple[Detect, int]:
    name, languages, limit = _SINGLE[operation]
    function = getattr(import_module("cci_lite.sandbox.engines.text"), name)
    if languages is None:
        return function, limit
    language = request.get("LanguageCode")
    if language not in LANGUAGES:
        raise _unsupported(language, LANGUAGES)
    if language not in languages:
        raise _unsupported(language, languages)
    return lambda text: function(text, language), limit


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid("text", "Member must not be null")
    if not value:
        raise _invalid("text", "Member must have length greater than or equal to 1")
    return value


def _invalid(member: str, constraint: str) -> Refusal:
    text = f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
    return Refusal("InvalidRequestException", text)


def _unsupported(language: Any, languages: tuple[str, ...]) -> Refusal:
    text = f"Value '{language}' at 'languageCode' is not supported here; supported: {', '.join(languages)}"
    return Refusal("UnsupportedLanguageException", text)


def _too_long(limit: int, size: int) -> str:
    return (
        f"Input text size exceeds limit. Max length of request text allowed is {limit} bytes "
        f"while in this request the text size is {size} bytes"
    )
