"""What parliament, an offline linter with IAM's own tables of actions, resources and condition keys, says of a policy.

Our evaluator proves what a policy means; a key or an action that IAM does not know would be proved all the same.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch


class Finding(NamedTuple):
    """issue: parliament's name for it; sid: of the statement, "" for the document."""

    issue: str
    sid: str
    detail: str


@cache
def _parliament() -> Any:
    """parliament finds its tables by pkg_resources, which setuptools has dropped; it never closes them either."""
    found = find_spec("parliament")
    assert found is not None and found.origin is not None
    folder, stand_in = Path(found.origin).parent, ModuleType("pkg_resources")
    stand_in.resource_filename = lambda package, name: str(folder / name)  # type: ignore[attr-defined]
    with patch.dict(sys.modules, {"pkg_resources": stand_in}), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return importlib.import_module("parliament")


def findings(policy: str | Mapping[str, Any]) -> set[Finding]:
    """Everything parliament says of a policy, statement by statement."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    given = document["Statement"]
    statements = [given] if isinstance(given, Mapping) else given
    return {each for statement in statements for each in _of(document, statement)}


def _of(document: Mapping[str, Any], statement: Mapping[str, Any]) -> Iterator[Finding]:
    """parliament reads no further after a Sid it does not like, or where a trust policy has no resource: so it is
    also shown the statement without the one and with the other."""
    rest = {name: value for name, value in statement.items() if name != "Sid"}
    if "NotResource" not in rest:
        rest.setdefault("Resource", "*")
    for shown in (statement, rest):
        told = _parliament().analyze_policy_string(json.dumps({**document, "Statement": [shown]}))
        for each in told.findings:
            of_document = each.issue == "OLD_VERSION"
            yield Finding(each.issue, "" if of_document else str(statement.get("Sid", "")), _detail(each.detail))


def _detail(detail: Any) -> str:
    """Text; or, with kinds of resource that an action takes, the actions."""
    if not isinstance(detail, list):
        return str(detail or "")
    return ", ".join(sorted({each["action"] if isinstance(each, dict) else str(each) for each in detail}))
