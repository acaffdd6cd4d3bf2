"""The analysis: the owners' working copy of the visuals. Source: aws-facts 12.

What its owners try out in it is theirs and stays; only when the visuals of cci-lite itself change is it written anew,
and the plan says so. Which visuals it was made from, a tag tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings
from cci_lite.steps.quicksight_definition import definition, digest
from cci_lite.steps.quicksight_things import Grants, Thing, among, granted, proved, reason, status

OWNERS = (
    "RestoreAnalysis",
    "UpdateAnalysisPermissions",
    "DeleteAnalysis",
    "DescribeAnalysisPermissions",
    "QueryAnalysis",
    "DescribeAnalysis",
    "UpdateAnalysis",
)
_MADE_FROM = "cci-lite:definition"


class QuicksightAnalysisSettings(Settings):
    """name: its id as well."""

    name: Annotated[str, forms.name("_-", 512)]
    subscription: Annotated[str, Refers(("quicksight_subscription",), facts=True)]
    data_set: Annotated[str, Refers(("quicksight_data_set",), facts=True)]


@dataclass(frozen=True)
class QuicksightAnalysisSpec:
    """definition: digest of the visuals it was made from; working: QuickSight could make them."""

    definition: str
    working: bool
    grants: Grants
    tags: Mapping[str, str]


@dataclass(frozen=True)
class QuicksightAnalysis:
    """data_set: its ARN, which follows from its name."""

    meta: Meta
    cloud: Cloud
    settings: QuicksightAnalysisSettings
    data_set: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> QuicksightAnalysisSpec:
        owners = granted(known.fact(self.settings.subscription, "owners"), OWNERS)
        return QuicksightAnalysisSpec(digest(definition(self.data_set)), True, owners, self.tags)

    def observe(self, known: Known) -> Observed | None:
        found = self._thing.found()
        if found is None:
            return None
        marks, grants = self._thing.marks(), self._thing.grants()
        spec = QuicksightAnalysisSpec(
            definition=marks.get(_MADE_FROM, ""),
            working=status(found).endswith("_SUCCESSFUL"),
            grants=among(grants, self.desired(known).grants),
            tags=tags.among(marks, self.tags),
        )
        return Observed(spec, {"arn": self._thing.arn, "name": self.settings.name}, tags.owned(marks))

    def apply(self, want: QuicksightAnalysisSpec, have: Observed | None, changes: Changes) -> None:
        marks = {**want.tags, _MADE_FROM: want.definition}
        if have is None and not self._thing.deleted():
            self._thing.create(self.meta.id, marks, want.grants, **self._written)
            proved(self._thing, self._thing.ended())
            return
        if have is None:
            self._thing.write("restore")
        if changes.touch("grants"):
            self._thing.grant(want.grants, have.spec.grants if have else {})
        if changes.touch("definition", "working"):
            self._rewrite()
        if changes.touch("definition", "tags"):
            self._thing.tag(marks)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        found = self._thing.found() or {}
        good = status(found).endswith("_SUCCESSFUL")
        yield check(self, "made", good, f"{self.settings.name}: {status(found) if good else reason(found)}")

    def remove(self, have: Observed, known: Known) -> None:
        """For good: one that waits 30 days to be restored would keep its id taken."""
        if have.owned:
            self._thing.delete(ForceDeleteWithoutRecovery=True)

    @property
    def _thing(self) -> Thing:
        return Thing(self.cloud, "analysis", self.settings.name)

    def _rewrite(self) -> None:
        self._thing.ended()
        self._thing.write("update", **self._written)
        proved(self._thing, self._thing.ended())

    @property
    def _written(self) -> dict[str, Any]:
        return {"Name": self.settings.name, "Definition": definition(self.data_set)}


def build(meta: Meta, settings: QuicksightAnalysisSettings, context: Context) -> QuicksightAnalysis:
    data_set = Thing(context.cloud, "data_set", context.name_of(settings.data_set)).arn
    return QuicksightAnalysis(meta, context.cloud, settings, data_set, context.tags)
