"""When the copy in SPICE is made anew: daily and in full, so that what has expired is gone from it too.

Source: aws-facts 12. A schedule has no tags: its id says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings


class QuicksightRefreshScheduleSettings(Settings):
    """name: its id; at: HH:MM in `timezone`, a name as Java has them ("Europe/Berlin")."""

    name: Annotated[str, forms.form(r"cci-lite-[\w-]{1,100}", "begin with cci-lite-, then letters, digits and _ -")]
    data_set: Annotated[str, Refers(("quicksight_data_set",), whole=True)]
    at: Annotated[str, forms.form(r"([01]\d|2[0-3]):[0-5]\d", "be a time such as 03:30")]
    timezone: Annotated[str, forms.form(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*", "be a time zone such as Europe/London")] = (
        "UTC"
    )


@dataclass(frozen=True)
class QuicksightRefreshScheduleSpec:
    interval: str
    at: str
    timezone: str
    type: str


@dataclass(frozen=True)
class QuicksightRefreshSchedule:
    meta: Meta
    cloud: Cloud
    settings: QuicksightRefreshScheduleSettings
    data_set: str

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> QuicksightRefreshScheduleSpec:
        return QuicksightRefreshScheduleSpec("DAILY", self.settings.at, self.settings.timezone, "FULL_REFRESH")

    def observe(self, known: Known) -> Observed | None:
        which = {**self._which, "ScheduleId": self.settings.name}
        answer = self.cloud.find("quicksight", "describe_refresh_schedule", **which)
        if answer is None:
            return None
        found, frequency = answer["RefreshSchedule"], answer["RefreshSchedule"]["ScheduleFrequency"]
        spec = QuicksightRefreshScheduleSpec(
            interval=str(frequency["Interval"]),
            at=str(frequency.get("TimeOfTheDay", "")),
            timezone=str(frequency.get("Timezone", "")),
            type=str(found["RefreshType"]),
        )
        return Observed(spec, {"name": self.settings.name})

    def apply(self, want: QuicksightRefreshScheduleSpec, have: Observed | None, changes: Changes) -> None:
        schedule = {
            "ScheduleId": self.settings.name,
            "RefreshType": want.type,
            "ScheduleFrequency": {"Interval": want.interval, "TimeOfTheDay": want.at, "Timezone": want.timezone},
        }
        if have is not None:
            self._write("update_refresh_schedule", Schedule=schedule)
            return
        try:
            self._write("create_refresh_schedule", Schedule=schedule)
        except ClientError as error:
            if code(error) not in ALREADY:
                raise

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec = have.spec
        told = f"{spec.type} {spec.interval} {spec.at} {spec.timezone}"
        yield check(self, "daily", spec == self.desired(known), told)

    def remove(self, have: Observed, known: Known) -> None:
        try:
            self._write("delete_refresh_schedule", ScheduleId=self.settings.name)
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise

    @property
    def _which(self) -> dict[str, str]:
        return {"AwsAccountId": self.cloud.site.account, "DataSetId": self.data_set}

    def _write(self, operation: str, **params: Any) -> None:
        self.cloud.write("quicksight", operation, **self._which, **params)


def build(meta: Meta, settings: QuicksightRefreshScheduleSettings, context: Context) -> QuicksightRefreshSchedule:
    return QuicksightRefreshSchedule(meta, context.cloud, settings, context.name_of(settings.data_set))
