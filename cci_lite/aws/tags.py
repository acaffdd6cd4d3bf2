"""Tags: the runbook's own, and the one that says who made a thing. Pure values.

Only the keys the runbook names are compared and written; every other tag of a thing is somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Set inside the create call and never on a thing that was there before: what carries it may be removed by us.
OWNER_KEY = "cci-lite:created-by"
OWNER_VALUE = "cci-lite"
#: Which step made it, for things without a name of their own.
STEP_KEY = "cci-lite:step"


def ours(step: str, tags: Mapping[str, str]) -> dict[str, str]:
    """The runbook's tags and the marks of ownership, for a create call."""
    return {**tags, OWNER_KEY: OWNER_VALUE, STEP_KEY: step}


def owned(tags: Mapping[str, str]) -> bool:
    """Whether cci-lite made the thing."""
    return tags.get(OWNER_KEY) == OWNER_VALUE


def among(tags: Mapping[str, str], wanted: Iterable[str]) -> dict[str, str]:
    """Of a thing's tags, those the runbook speaks of."""
    return {key: tags[key] for key in wanted if key in tags}


def as_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags in AWS's list form; KMS calls the parts TagKey and TagValue."""
    return [{key: name, value: tags[name]} for name in sorted(tags)]


def as_map(items: Iterable[Mapping[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    """AWS's list form as a mapping."""
    return {item[key]: item[value] for item in items}
