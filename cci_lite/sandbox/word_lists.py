"""Transcribe's vocabularies and filters: kept in files, ready after two seconds, used by jobs. Knows no server.

A vocabulary with digits or spaces is taken and then FAILED, as on AWS; other character sets are not looked at.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cci_lite.sandbox.calls import Call, Refusal, Reply, json_reply
from cci_lite.sandbox.layout import read_json, write_json
from cci_lite.sandbox.pages import page

PREPARING_S = 2.0
_ACTION = re.compile(r"(Create|Get|Update|Delete|List)Vocabular(?:y|ies)(Filters?)?")
_NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")
_MOST = 100
_MOST_BYTES = 50_000
_TAGGING = ("ListTagsForResource", "TagResource", "UntagResource")
_UNSPEAKABLE = "Your vocabulary contains characters that are not supported for the language: digits or spaces."


@dataclass(frozen=True)
class Kind:
    """member: of its name; words: of its words; listed: of the names in a list; resource: in ARNs."""

    member: str
    words: str
    listed: str
    resource: str


VOCABULARY = Kind("VocabularyName", "Phrases", "Vocabularies", "vocabulary")
FILTER = Kind("VocabularyFilterName", "Words", "VocabularyFilters", "vocabulary-filter")


@dataclass(frozen=True)
class WordLists:
    """The lists of the account: one file each, below a folder a kind."""

    folder: Path

    def serves(self, action: str) -> bool:
        return action in _TAGGING or _ACTION.fullmatch(action) is not None

    def serve(self, call: Call) -> Reply:
        """Every call about lists of words. Raises Refusal."""
        request = call.json()
        if call.action in _TAGGING:
            return json_reply(self._tags(call.action, request))
        found = _ACTION.fullmatch(call.action)
        assert found is not None
        kind = FILTER if found[2] else VOCABULARY
        match found[1]:
            case "Create":
                return json_reply(self._create(kind, request))
            case "Update":
                return json_reply(self._update(kind, request))
            case "Get":
                return json_reply(_shown(kind, self._existing(kind, request)))
            case "Delete":
                self._existing(kind, request)
                self._path(kind, request[kind.member]).unlink()
                return json_reply({})
        return json_reply(self._list(kind, request))

    def usable(self, kind: Kind, name: str, language: str) -> list[str]:
        """The words of a list that a job names. Raises Refusal as StartTranscriptionJob does."""
        found = read_json(self._path(kind, name)) if _NAME.fullmatch(name) else None
        if found is None:
            raise _bad(
                "The requested vocabulary couldn't be found. Check the vocabulary name and try your request again."
            )
        if found["LanguageCode"] != language:
            raise _bad(f"The vocabulary {name} is in {found['LanguageCode']}, not in the job's {language}.")
        if kind is VOCABULARY and _state(found) != "READY":
            raise _bad(f"The vocabulary {name} isn't ready: it is {_state(found)}.")
        return list(found["words"])

    def _create(self, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
        name = request.get(kind.member)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _bad("1 validation error detected: the name failed to satisfy its pattern")
        if self._path(kind, name).exists():
            raise Refusal("ConflictException", "The requested vocabulary name already exists. Use a different name.")
        if len(self._all(kind)) >= _MOST:
            raise Refusal("LimitExceededException", f"You have reached the limit of {_MOST} vocabularies.")
        marks = {each["Key"]: each["Value"] for each in request.get("Tags") or ()}
        return self._keep(kind, {"name": name, "LanguageCode": request.get("LanguageCode"), "tags": marks}, request)

    def _update(self, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
        found = self._existing(kind, request)
        if kind is VOCABULARY and _state(found) == "PENDING":
            raise Refusal("ConflictException", "The vocabulary must be READY or FAILED before it can be updated.")
        return self._keep(kind, found | {"LanguageCode": request.get("LanguageCode", found["LanguageCode"])}, request)

    def _keep(self, kind: Kind, record: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        words = request.get(kind.words)
        if not words:
            raise _bad(f"the sandbox reads words from {kind.words} only, and there must be some")
        if sum(len(each.encode()) + 1 for each in words) > _MOST_BYTES:
            raise _bad("The size of the vocabulary exceeds 50 KB.")
        made = record | {"words": words, "LastModifiedTime": time.time()}
        self._write(kind, made)
        return _shown(kind, made)

    def _write(self, kind: Kind, record: dict[str, Any]) -> None:
        path = self._path(kind, record["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, record)

    def _existing(self, kind: Kind, request: Mapping[str, Any]) -> dict[str, Any]:
        name = str(request.get(kind.member, ""))
        found = read_json(self._path(kind, name)) if _NAME.fullmatch(name) else None
        if found is None:
            raise Refusal("NotFoundException", "The requested vocabulary couldn't be found. Check the name.")
        return dict(found)

    def _list(self, kind: Kind, request: dict[str, Any]) -> dict[str, Any]:
        part, state = str(request.get("NameContains", "")).lower(), request.get("StateEquals")
        found = [
            {name: value for name, value in _shown(kind, each).items() if name != "FailureReason"}
            for each in self._all(kind)
            if part in each["name"].lower() and state in (None, _state(each))
        ]
        shown, more = page(found, request, default=5)
        return {kind.listed: shown, **more}

    def _all(self, kind: Kind) -> list[dict[str, Any]]:
        folder = self.folder / kind.resource
        return [read_json(path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []

    def _tags(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        arn = str(request.get("ResourceArn", ""))
        resource, _, name = arn.split(":", 5)[-1].partition("/")
        kind = next((each for each in (VOCABULARY, FILTER) if each.resource == resource), None)
        if kind is None:
            raise _bad("the sandbox keeps tags of vocabularies and vocabulary filters only")
        found = self._existing(kind, {kind.member: name})
        if action == "TagResource":
            found["tags"] |= {each["Key"]: each["Value"] for each in request.get("Tags") or ()}
        elif action == "UntagResource":
            found["tags"] = {key: each for key, each in found["tags"].items() if key not in request.get("TagKeys", ())}
        else:
            listed = [{"Key": key, "Value": value} for key, value in sorted(found["tags"].items())]
            return {"ResourceArn": arn, "Tags": listed}
        self._write(kind, found)
        return {}

    def _path(self, kind: Kind, name: str) -> Path:
        return self.folder / kind.resource / f"{name}.json"


def _shown(kind: Kind, record: Mapping[str, Any]) -> dict[str, Any]:
    shown = {kind.member: record["name"], **{each: record[each] for each in ("LanguageCode", "LastModifiedTime")}}
    if kind is FILTER:
        return shown
    state = _state(record)
    return {**shown, "VocabularyState": state, **({"FailureReason": _UNSPEAKABLE} if state == "FAILED" else {})}


def _state(record: Mapping[str, Any]) -> str:
    if time.time() - record["LastModifiedTime"] < PREPARING_S:
        return "PENDING"
    return "FAILED" if any(re.search(r"[\d ]", each) for each in record["words"]) else "READY"


def of_job(lists: WordLists, request: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Language -> {"known", "masked"} words that the job may use. Raises Refusal for lists it cannot have."""
    settings = request.get("Settings") or {}
    method = settings.get("VocabularyFilterMethod")
    asked = {request["LanguageCode"]: settings} if request.get("LanguageCode") else request.get("LanguageIdSettings")
    if not request.get("LanguageCode") and (settings.get("VocabularyName") or settings.get("VocabularyFilterName")):
        raise _bad("With IdentifyLanguage, vocabularies and filters go into LanguageIdSettings.")
    found = {language: _words(lists, language, each) for language, each in (asked or {}).items()}
    if any(each["masked"] for each in found.values()) and method != "mask":
        raise _bad("VocabularyFilterName needs VocabularyFilterMethod, and the sandbox knows mask only.")
    return {language: each for language, each in found.items() if any(each.values())}


def _words(lists: WordLists, language: str, asked: Mapping[str, Any]) -> dict[str, list[str]]:
    names = {"known": (VOCABULARY, asked.get("VocabularyName")), "masked": (FILTER, asked.get("VocabularyFilterName"))}
    return {use: lists.usable(kind, name, language) if name else [] for use, (kind, name) in names.items()}


def _bad(message: str) -> Refusal:
    return Refusal("BadRequestException", message)
