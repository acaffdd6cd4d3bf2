"""The dashboard that readers see: the published version is made from our visuals, by nobody else. Source: aws-facts 12.

An update makes a new version, which nobody sees before it is published; each version says in its description which
visuals it was made from, so that a version published by hand is told apart. Readers whose tenant has left lose their
grant, so that it is not only the rules of rows that keep them out.
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
from cci_lite.steps.quicksight_subscription import QuicksightSubscriptionSettings
from cci_lite.steps.quicksight_things import Grants, Thing, among, granted, proved, reason, status

READERS = ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard")
OWNERS = (
    *READERS,
    "UpdateDashboard",
    "DeleteDashboard",
    "DescribeDashboardPermissions",
    "UpdateDashboardPermissions",
    "UpdateDashboardPublishedVersion",
)
_MADE_FROM = "cci-lite "


class QuicksightDashboardSettings(Settings):
    """name: its id as well."""

    name: Annotated[str, forms.name("_-", 512)]
    subscription: Annotated[str, Refers(("quicksight_subscription",), facts=True)]
    data_set: Annotated[str, Refers(("quicksight_data_set",), facts=True)]


@dataclass(frozen=True)
class QuicksightDashboardSpec:
    """definition: digest of the visuals of the published version; working: QuickSight could make it."""

    definition: str
    working: bool
    grants: Grants
    tags: Mapping[str, str]


@dataclass(frozen=True)
class QuicksightDashboard:
    """data_set: its ARN, which follows from its name; groups: how readers are told from other groups."""

    meta: Meta
    cloud: Cloud
    settings: QuicksightDashboardSettings
    data_set: str
    groups: QuicksightSubscriptionSettings
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> QuicksightDashboardSpec:
        groups = self.settings.subscription
        readers = granted(known.fact(groups, "readers"), READERS)
        grants = {**readers, **granted(known.fact(groups, "owners"), OWNERS)}
        return QuicksightDashboardSpec(digest(definition(self.data_set)), True, grants, self.tags)

    def observe(self, known: Known) -> Observed | None:
        found = self._thing.found()
        if found is None:
            return None
        marks, grants = self._thing.marks(), self._thing.grants()
        ours = [*self.desired(known).grants, *filter(self.groups.is_readers, grants)]
        spec = QuicksightDashboardSpec(
            definition=str(found["Version"].get("Description", "")).removeprefix(_MADE_FROM),
            working=status(found).endswith("_SUCCESSFUL"),
            grants=among(grants, ours),
            tags=tags.among(marks, self.tags),
        )
        return Observed(spec, {"arn": self._thing.arn, "name": self.settings.name}, tags.owned(marks))

    def apply(self, want: QuicksightDashboardSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._thing.create(self.meta.id, want.tags, want.grants, **self._written(want))
            proved(self._thing, self._thing.ended())
            return
        if changes.touch("grants"):
            self._thing.grant(want.grants, have.spec.grants)
        if changes.touch("definition", "working"):
            self._publish(want)
        if changes.touch("tags"):
            self._thing.tag(want.tags)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """aws-facts 19: the published version could be made."""
        found = self._thing.found() or {}
        good, version = status(found).endswith("_SUCCESSFUL"), found.get("Version", {}).get("VersionNumber")
        told = f"{self.settings.name} version {version}: {status(found) if good else reason(found)}"
        yield check(self, "published", good, told)

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self._thing.delete()

    @property
    def _thing(self) -> Thing:
        return Thing(self.cloud, "dashboard", self.settings.name)

    def _publish(self, want: QuicksightDashboardSpec) -> None:
        """The version in the answer's ARN (".../version/2") is published once QuickSight has made it."""
        self._thing.ended()
        made = self._thing.write("update", **self._written(want))
        version = int(str(made["VersionArn"]).rsplit("/", 1)[-1])
        proved(self._thing, self._thing.ended(VersionNumber=version))
        which = {"AwsAccountId": self.cloud.site.account, "DashboardId": self.settings.name}
        self.cloud.write("quicksight", "update_dashboard_published_version", **which, VersionNumber=version)

    def _written(self, want: QuicksightDashboardSpec) -> dict[str, Any]:
        return {
            "Name": self.settings.name,
            "Definition": definition(self.data_set),
            "VersionDescription": f"{_MADE_FROM}{want.definition}",
        }


def build(meta: Meta, settings: QuicksightDashboardSettings, context: Context) -> QuicksightDashboard:
    data_set = Thing(context.cloud, "data_set", context.name_of(settings.data_set)).arn
    groups = context.settings[settings.subscription]
    return QuicksightDashboard(meta, context.cloud, settings, data_set, groups, context.tags)
