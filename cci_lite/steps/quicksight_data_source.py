"""QuickSight's way to Athena: the workgroup, and a role for this source alone.

Source: aws-facts 12. The role overrides the account-wide one, which no API can give access to S3 and Athena, and which
other people's dashboards depend on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.engine.clock import Patience
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings
from cci_lite.steps.quicksight_things import Grants, Thing, among, granted, proved, reason, status

OWNERS = (
    "DescribeDataSource",
    "DescribeDataSourcePermissions",
    "PassDataSource",
    "UpdateDataSource",
    "DeleteDataSource",
    "UpdateDataSourcePermissions",
)
#: DataSourceErrorInfoType while IAM does not show the role, or its policy, everywhere yet (aws-facts 4).
_DENIED = "ACCESS_DENIED"
_ROLE_S = 120.0


class QuicksightDataSourceSettings(Settings):
    """name: its id as well; policy: the step without whose rights the connection cannot be tested."""

    name: Annotated[str, forms.name("_-", 128)]
    subscription: Annotated[str, Refers(("quicksight_subscription",), facts=True)]
    workgroup: Annotated[str, Refers(("athena_workgroup",))]
    role: Annotated[str, Refers(("iam_role",), facts=True)]
    policy: Annotated[str, Refers(("quicksight_role_policy",))]


@dataclass(frozen=True)
class QuicksightDataSourceSpec:
    """working: QuickSight has tested the connection."""

    workgroup: str
    role: str
    working: bool
    grants: Grants
    tags: Mapping[str, str]


@dataclass(frozen=True)
class QuicksightDataSource:
    meta: Meta
    cloud: Cloud
    settings: QuicksightDataSourceSettings
    workgroup: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> QuicksightDataSourceSpec:
        return QuicksightDataSourceSpec(
            workgroup=self.workgroup,
            role=known.fact(self.settings.role, "arn"),
            working=True,
            grants=granted(known.fact(self.settings.subscription, "owners"), OWNERS),
            tags=self.tags,
        )

    def observe(self, known: Known) -> Observed | None:
        found = self._thing.found()
        if found is None:
            return None
        marks, grants = self._thing.marks(), self._thing.grants()
        athena = found.get("DataSourceParameters", {}).get("AthenaParameters", {})
        spec = QuicksightDataSourceSpec(
            workgroup=str(athena.get("WorkGroup", "")),
            role=str(athena.get("RoleArn", "")),
            working=status(found).endswith("_SUCCESSFUL"),
            grants=among(grants, self.desired(known).grants),
            tags=tags.among(marks, self.tags),
        )
        return Observed(spec, {"arn": self._thing.arn, "name": self.settings.name}, tags.owned(marks))

    def apply(self, want: QuicksightDataSourceSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._thing.create(self.meta.id, want.tags, want.grants, Type="ATHENA", **self._written(want))
            self._until_it_works(want)
            return
        if changes.touch("grants"):
            self._thing.grant(want.grants, have.spec.grants)
        if changes.touch("tags"):
            self._thing.tag(want.tags)
        if changes.touch("workgroup", "role", "working"):
            self._thing.ended()
            self._thing.write("update", **self._written(want))
            self._until_it_works(want)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """aws-facts 19: the status is one of success."""
        found = self._thing.found() or {}
        good = status(found).endswith("_SUCCESSFUL")
        told = f"{self.settings.name}: {status(found)}" if good else f"{self.settings.name}: {reason(found)}"
        yield check(self, "connected", good, told, "`cci-lite provision --phase 4` tests the connection again")

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self._thing.delete()

    @property
    def _thing(self) -> Thing:
        return Thing(self.cloud, "data_source", self.settings.name)

    def _written(self, want: QuicksightDataSourceSpec) -> dict[str, Any]:
        athena = {"WorkGroup": want.workgroup, "RoleArn": want.role}
        return {"Name": self.settings.name, "DataSourceParameters": {"AthenaParameters": athena}}

    def _until_it_works(self, want: QuicksightDataSourceSpec) -> None:
        """QuickSight tests a connection once; with a role that is new it has to be told to try again."""
        ended = self._thing.ended()
        for waited in Patience(self.cloud.clock, _ROLE_S, first=1.0):
            if ended.get("ErrorInfo", {}).get("Type") != _DENIED or status(ended).endswith("_SUCCESSFUL"):
                break
            self.cloud.wait("QuickSight to be able to use its role", waited)
            self._thing.write("update", **self._written(want))
            ended = self._thing.ended()
        proved(self._thing, ended)


def build(meta: Meta, settings: QuicksightDataSourceSettings, context: Context) -> QuicksightDataSource:
    return QuicksightDataSource(meta, context.cloud, settings, context.name_of(settings.workgroup), context.tags)
