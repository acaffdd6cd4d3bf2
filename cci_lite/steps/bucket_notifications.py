"""New recordings invoke the function: one notification a tenant, merged into whatever the bucket already tells others.

Source: aws-facts 7. The PUT replaces the whole configuration, also an empty EventBridgeConfiguration, which means
"on"; so that everything foreign is put back exactly as it was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.propagation import BUCKET, NOTIFICATION, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

_OURS = "LambdaFunctionConfigurations"


class BucketNotificationsSettings(Settings):
    """prefix_id: a tenant's notification is called PREFIX_ID-TENANT; folder: below the tenant's own."""

    bucket: Annotated[str, Refers(("bucket",), whole=True)]
    function: Annotated[str, Refers(("lambda_function",))]
    permission: Annotated[str, Refers(("lambda_permission",))]
    prefix_id: Annotated[
        str, forms.form(r"[a-z][a-z0-9-]{1,60}", "be 2 to 61 small letters, digits and -, with a letter first")
    ] = "on-new-call"
    folder: Annotated[str, forms.form(r"[a-z]+/", "be small letters and a slash")] = "calls/"


@dataclass(frozen=True)
class Notification:
    function: str
    events: frozenset[str]
    prefix: str


@dataclass(frozen=True)
class BucketNotificationsSpec:
    notifications: Mapping[str, Notification | None]


@dataclass(frozen=True)
class BucketNotifications:
    """function: its ARN."""

    meta: Meta
    cloud: Cloud
    bucket: str
    function: str
    settings: BucketNotificationsSettings
    tenants: tuple[str, ...]

    @property
    def traits(self) -> Traits:
        return Traits(document=f"notifications of {self.bucket}", shared=True, settle_s=180)

    def desired(self, known: Known) -> BucketNotificationsSpec:
        events = frozenset({"s3:ObjectCreated:*"})
        folder = self.settings.folder
        return BucketNotificationsSpec(
            {self._id(each): Notification(self.function, events, f"{each}/{folder}") for each in self.tenants}
        )

    def observe(self, known: Known) -> Observed | None:
        found = {each["Id"]: _parsed(each) for each in self._found().get(_OURS, []) if self._mine(each)}
        return Observed(BucketNotificationsSpec(found)) if found else None

    def apply(self, want: BucketNotificationsSpec, have: Observed | None, changes: Changes) -> None:
        self._put([_written(name, each) for name, each in want.notifications.items() if each])

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: "Event row shows Enabled with Lambda target". S3 has no such field: present means enabled."""
        for name, want in self.desired(known).notifications.items():
            seen = have.spec.notifications.get(name)
            yield check(self, name, seen == want, f"{seen.prefix} -> {seen.function}" if seen else "missing")

    def remove(self, have: Observed, known: Known) -> None:
        self._put([])

    def _id(self, tenant: str) -> str:
        return f"{self.settings.prefix_id}-{tenant}"

    def _mine(self, configuration: Mapping[str, Any]) -> bool:
        return str(configuration.get("Id", "")).startswith(f"{self.settings.prefix_id}-")

    def _which(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}

    def _found(self) -> dict[str, Any]:
        return self.cloud.find("s3", "get_bucket_notification_configuration", **self._which()) or {}

    def _put(self, ours: list[dict[str, Any]]) -> None:
        def put() -> None:
            """Read anew for every try: who held the bucket busy may have written a notification of their own."""
            whole = self._found()
            foreign = [each for each in whole.get(_OURS, []) if not self._mine(each)]
            whole = {**whole, _OURS: [*foreign, *ours]}
            if not whole[_OURS]:
                del whole[_OURS]
            self.cloud.write(
                "s3",
                "put_bucket_notification_configuration",
                alone=f"bucket {self.bucket}",
                **self._which(),
                NotificationConfiguration=whole,
            )

        propagated(self.cloud, put, NOTIFICATION, *BUCKET)


def _parsed(configuration: Mapping[str, Any]) -> Notification:
    """S3 answers filter names in lower or upper case, depending on who wrote them."""
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    filters = {str(each["Name"]).lower(): str(each["Value"]) for each in rules}
    prefix = filters.pop("prefix", "") + "".join(f" {name}={value}" for name, value in sorted(filters.items()))
    return Notification(str(configuration["LambdaFunctionArn"]), frozenset(configuration["Events"]), prefix)


def _written(name: str, each: Notification) -> dict[str, Any]:
    return {
        "Id": name,
        "LambdaFunctionArn": each.function,
        "Events": sorted(each.events),
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": each.prefix}]}},
    }


def build(meta: Meta, settings: BucketNotificationsSettings, context: Context) -> BucketNotifications:
    bucket = context.name_of(settings.bucket)
    function = context.cloud.site.function_arn(context.name_of(settings.function))
    return BucketNotifications(meta, context.cloud, bucket, function, settings, tuple(context.tenants))
