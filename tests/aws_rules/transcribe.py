"""Vocabularies and vocabulary filters: moto has neither updates nor filters nor tags for them.

Source: boto3's Transcribe reference; words.py's pages. A vocabulary is PENDING for `Rules.pending_reads` looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

#: What a list is called -> (member with its name, member with its words, part of its ARN).
_KINDS = {
    "Vocabulary": ("VocabularyName", "Phrases", "vocabulary"),
    "VocabularyFilter": ("VocabularyFilterName", "Words", "vocabulary-filter"),
}
_MOST = 100
_PAGE = 5
_UNSPEAKABLE = "Your vocabulary file contains unsupported characters"


def word_lists(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """Every call about lists of words."""
    if service != "transcribe":
        return None
    if operation in ("ListTagsForResource", "TagResource"):
        return _tags(rules, operation, params)
    found = re.fullmatch(r"(Create|Get|Update|Delete|List)(Vocabular(?:y|ies))(Filters?)?", operation)
    if found is None:
        return None
    kind = f"Vocabulary{'Filter' if found[3] else ''}"
    return _VERBS[found[1]](rules, kind, params)


def _create(rules: Rules, kind: str, params: Mapping[str, Any]) -> Answer:
    name = params[_KINDS[kind][0]]
    if (kind, name) in rules.word_lists:
        return refusal("ConflictException", "The requested vocabulary name already exists.", 409)
    if sum(each == kind for each, _ in rules.word_lists) >= _MOST:
        return refusal("LimitExceededException", "You have reached the limit of vocabularies.")
    rules.word_lists[kind, name] = {"LanguageCode": params["LanguageCode"], "tags": _map(params.get("Tags", []))}
    _take(rules, kind, params)
    return _told(kind, name, rules.word_lists[kind, name])


def _update(rules: Rules, kind: str, params: Mapping[str, Any]) -> Answer:
    name = params[_KINDS[kind][0]]
    if (kind, name) not in rules.word_lists:
        return _absent()
    if rules.word_lists[kind, name]["looks"] > 0:
        return refusal("ConflictException", "The vocabulary must be READY or FAILED to be updated.", 409)
    _take(rules, kind, params)
    return _told(kind, name, rules.word_lists[kind, name])


def _take(rules: Rules, kind: str, params: Mapping[str, Any]) -> None:
    words = list(params[_KINDS[kind][1]])
    bad = any(re.search(r"[\d ]", each) for each in words)
    looks = rules.pending_reads if kind == "Vocabulary" else 0
    rules.word_lists[kind, params[_KINDS[kind][0]]] |= {"words": words, "bad": bad, "looks": looks}


def _get(rules: Rules, kind: str, params: Mapping[str, Any]) -> Answer:
    name = params[_KINDS[kind][0]]
    if (kind, name) not in rules.word_lists:
        return _absent()
    return answer(**_looked_at(rules, kind, name))


def _list(rules: Rules, kind: str, params: Mapping[str, Any]) -> Answer:
    """In pages; each look brings what is pending nearer to ready."""
    part = params.get("NameContains", "").lower()
    names = sorted(name for each, name in rules.word_lists if each == kind and part in name.lower())
    start, size = int(params.get("NextToken", 0)), min(int(params.get("MaxResults", _PAGE)), _PAGE)
    page = [_looked_at(rules, kind, name) for name in names[start : start + size]]
    more = {"NextToken": str(start + size)} if start + size < len(names) else {}
    listed = "VocabularyFilters" if kind == "VocabularyFilter" else "Vocabularies"
    return answer(**{listed: [{k: v for k, v in each.items() if k != "FailureReason"} for each in page]}, **more)


def _delete(rules: Rules, kind: str, params: Mapping[str, Any]) -> Answer:
    if rules.word_lists.pop((kind, params[_KINDS[kind][0]]), None) is None:
        return _absent()
    return answer()


def _tags(rules: Rules, operation: str, params: Mapping[str, Any]) -> Answer:
    resource, name = params["ResourceArn"].split(":", 5)[5].split("/", 1)
    kind = next((each for each, (_, _, part) in _KINDS.items() if part == resource), "")
    found = rules.word_lists.get((kind, name))
    if found is None:
        return _absent()
    if operation == "TagResource":
        found["tags"] |= _map(params["Tags"])
        return answer()
    return answer(Tags=[{"Key": key, "Value": value} for key, value in found["tags"].items()])


def _looked_at(rules: Rules, kind: str, name: str) -> dict[str, Any]:
    found = rules.word_lists[kind, name]
    shown = _body(kind, name, found)
    found["looks"] = max(0, found["looks"] - 1)
    return shown


def _told(kind: str, name: str, found: Mapping[str, Any]) -> Answer:
    return answer(**_body(kind, name, found))


def _body(kind: str, name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    body = {_KINDS[kind][0]: name, "LanguageCode": found["LanguageCode"], "LastModifiedTime": datetime.now(UTC)}
    if kind == "VocabularyFilter":
        return body
    state = "PENDING" if found["looks"] > 0 else "FAILED" if found["bad"] else "READY"
    return {**body, "VocabularyState": state, **({"FailureReason": _UNSPEAKABLE} if state == "FAILED" else {})}


def _absent() -> Answer:
    return refusal("NotFoundException", "The requested vocabulary couldn't be found.", 404)


def _map(tags: list[Mapping[str, str]]) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in tags}


_VERBS: dict[str, Callable[[Any, str, Mapping[str, Any]], Answer]] = {
    "Create": _create,
    "Get": _get,
    "Update": _update,
    "Delete": _delete,
    "List": _list,
}
