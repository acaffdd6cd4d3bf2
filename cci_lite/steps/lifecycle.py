"""Lifecycle rules as values: how ours are written, and what is read of others'. Pure. Source: aws-facts 15."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Bytes that an object must have more than to expire. Not 0, which S3 may give back as "no limit".
MARKER = 1
_CHOOSE = {"Prefix", "ObjectSizeGreaterThan"}
_MEMBERS = {
    *("ID", "Status", "Filter", "Prefix", "Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
}


@dataclass(frozen=True)
class Rule:
    """One rule. days: age at which current and then noncurrent versions go; uploads: age of unfinished uploads;
    further: names of what it says besides (a filter by tag keeps what has no tag for ever)."""

    prefix: str
    above_bytes: int | None
    days: int | None
    uploads: int | None
    enabled: bool = True
    further: frozenset[str] = frozenset()

    def __str__(self) -> str:
        what = f"what lies below {self.prefix}" if self.prefix else "everything"
        told = [f"{what} goes after {self.days} days"] if self.days is not None else []
        told += [f"unfinished uploads go after {self.uploads} days"] if self.uploads is not None else []
        return ", ".join([*told, *([] if self.enabled else ["switched off"]), *sorted(self.further)])


def shaped_like_ours(rule: Mapping[str, Any]) -> bool:
    """Whether it expires what has more than one byte, and says nothing else: nobody else's rules do that."""
    seen = parsed(rule)
    return seen.above_bytes == MARKER and seen.days is not None and not seen.further


def in_todays_form(rule: dict[str, Any]) -> dict[str, Any]:
    """S3 refuses rules with a prefix of their own beside rules with filters, such as ours; both mean the same."""
    if "Prefix" not in rule or "Filter" in rule:
        return rule
    return {**{name: value for name, value in rule.items() if name != "Prefix"}, "Filter": {"Prefix": rule["Prefix"]}}


def parsed(rule: Mapping[str, Any]) -> Rule:
    """Ours are written in one shape; a rule of another shape differs and is written anew."""
    where = rule.get("Filter", {})
    both = where.get("And", where)
    return Rule(
        str(both.get("Prefix", rule.get("Prefix", ""))),
        both.get("ObjectSizeGreaterThan"),
        rule.get("Expiration", {}).get("Days"),
        rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
        rule.get("Status") == "Enabled",
        _further(rule, both),
    )


def _further(rule: Mapping[str, Any], chosen: Mapping[str, Any]) -> frozenset[str]:
    """Filters and members that ours never have, and old versions that are kept for another time than ours are."""
    old = "NoncurrentVersionExpiration"
    changed = {old} if rule.get(old) != ({"NoncurrentDays": 1} if "Expiration" in rule else None) else set()
    return frozenset(changed | (chosen.keys() - _CHOOSE) | (rule.keys() - _MEMBERS))


def written(name: str, rule: Rule) -> dict[str, Any]:
    """The rule as S3 takes it."""
    told: dict[str, Any] = {"ID": name, "Status": "Enabled", "Filter": _filter(rule)}
    if rule.days is not None:
        told["Expiration"] = {"Days": rule.days}
        told["NoncurrentVersionExpiration"] = {"NoncurrentDays": 1}
    if rule.uploads is not None:
        told["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule.uploads}
    return told


def _filter(rule: Rule) -> dict[str, Any]:
    if rule.above_bytes is None:
        return {"Prefix": rule.prefix}
    if not rule.prefix:
        return {"ObjectSizeGreaterThan": rule.above_bytes}
    return {"And": {"Prefix": rule.prefix, "ObjectSizeGreaterThan": rule.above_bytes}}
