"""What QuickSight's data sources, data sets, analyses and dashboards have in common. Not a step; knows aws.cloud.

Each has the same operations under its own noun, an id that we choose, tags, and grants of its own: without a grant
nobody sees it, whoever made it (aws-facts 12).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.engine.clock import Patience
from cci_lite.engine.values import holds_unknown

#: Principal (ARN of a group) -> what it may do.
Grants = Mapping[str, frozenset[str]]

_DEADLINE_S = 600.0
#: Permissions that one request may hold (ResourcePermissionList; the lists of two updates may hold 100).
_MOST = 64


class QuickSightFailedError(Exception):
    """QuickSight took the request and then could not carry it out; the text is AWS's reason."""


@dataclass(frozen=True)
class Thing:
    """One object. noun: as in operations, "data_set"; id: unique for its noun in account and region."""

    cloud: Cloud
    noun: str
    id: str

    @property
    def arn(self) -> str:
        return self.cloud.site.arn("quicksight", f"{self.noun.replace('_', '')}/{self.id}")

    def found(self, **more: Any) -> dict[str, Any] | None:
        """What AWS describes; None when it is absent, or deleted and only kept for a while."""
        answer = self.cloud.find("quicksight", f"describe_{self.noun}", **self._which, **more)
        described = dict(answer[self._camel]) if answer else None
        return None if described is None or described.get("Status") == "DELETED" else described

    def deleted(self) -> bool:
        """Deleted, and kept for a while with its id taken: an analysis is for 30 days."""
        answer = self.cloud.find("quicksight", f"describe_{self.noun}", **self._which)
        return answer is not None and answer[self._camel].get("Status") == "DELETED"

    def marks(self) -> dict[str, str]:
        answer = self.cloud.find("quicksight", "list_tags_for_resource", ResourceArn=self.arn) or {}
        return tags.as_map(answer.get("Tags", []))

    def grants(self) -> dict[str, frozenset[str]]:
        answer = self.cloud.find("quicksight", f"describe_{self.noun}_permissions", **self._which) or {}
        return {each["Principal"]: frozenset(each["Actions"]) for each in answer.get("Permissions", [])}

    def create(self, step: str, wanted_tags: Mapping[str, str], grants: Grants, **params: Any) -> None:
        """With tags and grants; one that is there already is the answer to an earlier try that was lost."""
        marks = tags.as_list(tags.ours(step, wanted_tags))
        first, *rest = _portions(grants)
        try:
            self.write("create", **params, Tags=marks, Permissions=first)
        except ClientError as error:
            if code(error) not in ALREADY:
                raise
        if rest:
            self.ended()
            self._permit("GrantPermissions", rest)

    def write(self, verb: str, **params: Any) -> dict[str, Any]:
        return self.cloud.write("quicksight", f"{verb}_{self.noun}", **self._which, **params)

    def grant(self, want: Grants, have: Grants) -> None:
        """`have`: the grants so far, of those that the runbook speaks of; what goes beyond `want` is revoked."""
        self._permit("GrantPermissions", _portions({name: want[name] for name in _beyond(want, have)}))
        self._permit("RevokePermissions", _portions(_beyond(have, want)))

    def tag(self, wanted: Mapping[str, str]) -> None:
        self.cloud.write("quicksight", "tag_resource", ResourceArn=self.arn, Tags=tags.as_list(wanted))

    def delete(self, **params: Any) -> None:
        try:
            self.write("delete", **params)
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise

    def ended(self, **which: Any) -> dict[str, Any]:
        """What it is once QuickSight does not work on it any more, be it well or failed; dashboards by version."""
        for waited in Patience(self.cloud.clock, _DEADLINE_S, first=0.5):
            described = self.found(**which) or {}
            if not status(described).endswith("_IN_PROGRESS"):
                return described
            self.cloud.wait(f"QuickSight to finish {self.id}", waited)
        raise QuickSightFailedError(f"{self.id}: QuickSight has worked on it for {_DEADLINE_S / 60:.0f} minutes")

    def _permit(self, change: str, portions: Iterable[list[dict[str, Any]]]) -> None:
        for each in portions:
            params: dict[str, Any] = {**self._which, change: each}
            self.cloud.write("quicksight", f"update_{self.noun}_permissions", **params)

    @property
    def _which(self) -> dict[str, str]:
        return {"AwsAccountId": self.cloud.site.account, f"{self._camel}Id": self.id}

    @property
    def _camel(self) -> str:
        return self.noun.title().replace("_", "")


def status(described: Mapping[str, Any]) -> str:
    """AWS's status; that of the version for a dashboard; "" for things without one."""
    return str(described.get("Version", described).get("Status", ""))


def reason(described: Mapping[str, Any]) -> str:
    """Why it failed, in AWS's words."""
    version = described.get("Version", described)
    errors = version.get("Errors") or ([version["ErrorInfo"]] if "ErrorInfo" in version else [])
    told = "; ".join(f"{each.get('Type')}: {each.get('Message')}" for each in errors)
    return told or f"the status is {status(described) or 'unknown'}"


def proved(thing: Thing, described: Mapping[str, Any]) -> None:
    """Raises QuickSightFailedError unless what was made or changed is well."""
    if not status(described).endswith("_SUCCESSFUL"):
        raise QuickSightFailedError(f"{thing.id}: {reason(described)}")


def granted(principals: str, actions: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Grants of `actions` to a fact that lists principals; to an unknown one while the fact is not known."""
    names = [principals] if holds_unknown(principals) else json.loads(principals)
    return {name: frozenset(f"quicksight:{each}" for each in actions) for name in names}


def among(grants: Grants, wanted: Iterable[str]) -> dict[str, frozenset[str]]:
    """Of a thing's grants, those to principals that the runbook speaks of; others are other people's business."""
    return {name: grants[name] for name in wanted if name in grants}


def _beyond(these: Grants, those: Grants) -> dict[str, frozenset[str]]:
    """Of each principal, what these grants allow and those do not."""
    more = {name: these[name] - those.get(name, frozenset()) for name in these}
    return {name: actions for name, actions in more.items() if actions}


def _portions(grants: Grants) -> list[list[dict[str, Any]]]:
    """As QuickSight takes them, in requests that are small enough."""
    listed = [{"Principal": name, "Actions": sorted(grants[name])} for name in sorted(grants)]
    return [listed[start : start + _MOST] for start in range(0, len(listed), _MOST)]
