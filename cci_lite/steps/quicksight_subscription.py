"""The account's QuickSight subscription and the groups that dashboards are shown to. Observed, never applied.

Source: aws-facts 12. Signing up starts a bill for each user and fixes a name for ever: a person's decision, as is who
belongs to a group. Users and groups live in the identity region, which need not be the runbook's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws.cloud import Cloud
from cci_lite.engine.model import Blocked, Changes, Check, Clicks, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings
from cci_lite.steps.quicksight_region import find_identity

#: What can restrict rows and refresh on a schedule.
EDITIONS = ("ENTERPRISE", "ENTERPRISE_AND_Q")


class QuicksightSubscriptionSettings(Settings):
    """Groups by name. owners: may change everything and see all rows; readers: may look at the dashboard and see one
    tenant's rows, `{tenant}` in the name standing for the tenant's id. A group of such a name that is no tenant's may
    not look any more."""

    owners: Annotated[str, forms.name("._-", 100)]
    readers: Annotated[str, forms.form(r"[a-zA-Z0-9._-]{0,50}\{tenant\}[a-zA-Z0-9._-]{0,50}", "hold {tenant}")]
    namespace: Annotated[str, forms.name("._-", 64)] = "default"

    def readers_of(self, tenant: str) -> str:
        return self.readers.replace("{tenant}", tenant)

    def is_readers(self, principal: str) -> bool:
        """Whether an ARN is that of a group of readers, be there such a tenant or not."""
        before, after = (re.escape(each) for each in self.readers.split("{tenant}"))
        return bool(re.fullmatch(rf".*:group/{re.escape(self.namespace)}/{before}.+{after}", principal))


@dataclass(frozen=True)
class QuicksightSubscriptionSpec:
    enterprise: bool


@dataclass(frozen=True)
class QuicksightSubscription:
    """tenants: ids, each with a group of readers."""

    meta: Meta
    cloud: Cloud
    settings: QuicksightSubscriptionSettings
    tenants: tuple[str, ...]

    @property
    def traits(self) -> Traits:
        region = self.cloud.site.region
        groups = ", ".join([self.settings.owners, *self._readers])
        return Traits(
            clicks=Clicks(
                "the account is not signed up for QuickSight, which bills for each user: a person has to decide that",
                f"https://{region}.quicksight.aws.amazon.com/sn/start",
                (
                    f"No subscription yet: sign up, Enterprise edition, region {region}; leave the boxes for access to "
                    "S3 and Athena empty (the data source brings a role of its own)",
                    "Standard edition: your name (top right) -> Manage QuickSight -> Your subscriptions -> upgrade to "
                    "Enterprise",
                    f"Your name -> Manage QuickSight -> Manage groups -> New group, for each of: {groups}; then put "
                    "people into them",
                ),
            )
        )

    def desired(self, known: Known) -> QuicksightSubscriptionSpec:
        return QuicksightSubscriptionSpec(True)

    def observe(self, known: Known) -> Observed | None:
        _, answer = find_identity(self.cloud, "describe_account_subscription")
        account = (answer or {}).get("AccountInfo", {})
        state, edition = str(account.get("AccountSubscriptionStatus", "")), str(account.get("Edition", ""))
        if not account or state.startswith(("UNSUBSCRIBE", "ACCOUNT_DELET")):
            return None
        if state != "ACCOUNT_CREATED":
            return self._waiting(edition, f"QuickSight still sets the account up ({state}); look again in some minutes")
        if edition not in EDITIONS:
            return self._waiting(edition, f"the account has the {edition} edition; restricting rows needs ENTERPRISE")
        return self._with_groups(edition)

    def apply(self, want: QuicksightSubscriptionSpec, have: Observed | None, changes: Changes) -> None:
        """Never called: only a person may sign up."""

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        told = f"{have.facts['edition']} edition, identity region {have.facts['identity_region']}"
        yield check(self, "edition", have.facts["edition"] in EDITIONS, told)
        readers = json.loads(have.facts["readers"])
        yield check(self, "groups", len(readers) == len(self.tenants), f"readers: {', '.join(readers)}")

    def remove(self, have: Observed, known: Known) -> None:
        """Nothing of ours: the subscription, its users and groups belong to the account."""

    @property
    def _readers(self) -> list[str]:
        return [self.settings.readers_of(each) for each in self.tenants]

    def _waiting(self, edition: str, why: str) -> Observed:
        facts = {"edition": edition, "identity_region": "", "owners": "[]", "readers": "[]"}
        return Observed(QuicksightSubscriptionSpec(edition in EDITIONS), facts, owned=False, waiting_for=why)

    def _with_groups(self, edition: str) -> Observed:
        if self.settings.owners in self._readers:
            raise Blocked(f"the group {self.settings.owners} of a tenant would be that of the owners: rename `readers`")
        names = [self.settings.owners, *self._readers]
        region, arns = self._groups()
        missing = [name for name in names if name not in arns]
        if missing:
            return self._waiting(edition, f"these groups are missing in QuickSight: {', '.join(missing)}")
        facts = {
            "edition": edition,
            "identity_region": region,
            "owners": json.dumps([arns[self.settings.owners]]),
            "readers": json.dumps([arns[each] for each in self._readers]),
        }
        return Observed(QuicksightSubscriptionSpec(True), facts, owned=False)

    def _groups(self) -> tuple[str, dict[str, str]]:
        """The region that knows them, and the ARN of every group by name."""
        found: dict[str, str] = {}
        which: dict[str, Any] = {"Namespace": self.settings.namespace, "MaxResults": 100}
        while True:
            region, answer = find_identity(self.cloud, "list_groups", **which)
            page = answer or {}
            found |= {each["GroupName"]: each["Arn"] for each in page.get("GroupList", [])}
            if not page.get("NextToken"):
                return region, found
            which["NextToken"] = page["NextToken"]


def build(meta: Meta, settings: QuicksightSubscriptionSettings, context: Context) -> QuicksightSubscription:
    return QuicksightSubscription(meta, context.cloud, settings, tuple(context.tenants))
