"""A copy of the results in SPICE that is complete: observed, and brought about when there is none.

Source: aws-facts 12. QuickSight starts one by itself when the data set is made or changed; at most 32 in 24 hours may
be asked for by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, absent, code
from cci_lite.engine.clock import Patience
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings
from cci_lite.steps.quicksight_things import QuickSightFailedError

_UNDER_WAY = ("INITIALIZED", "QUEUED", "RUNNING")
_DEADLINE_S = 1800.0


class QuicksightIngestionSettings(Settings):
    data_set: Annotated[str, Refers(("quicksight_data_set",), whole=True)]


@dataclass(frozen=True)
class QuicksightIngestionSpec:
    """completed: whether the newest ingestion that has ended came to a good end."""

    completed: bool


@dataclass(frozen=True)
class QuicksightIngestion:
    meta: Meta
    cloud: Cloud
    data_set: str

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> QuicksightIngestionSpec:
        return QuicksightIngestionSpec(True)

    def observe(self, known: Known) -> Observed | None:
        ended = [each for each in self._listed() if each["IngestionStatus"] not in _UNDER_WAY]
        if not ended:
            return None
        newest = ended[-1]
        spec = QuicksightIngestionSpec(newest["IngestionStatus"] == "COMPLETED")
        return Observed(spec, {"id": str(newest["IngestionId"])}, stays="the copy goes with its data set")

    def apply(self, want: QuicksightIngestionSpec, have: Observed | None, changes: Changes) -> None:
        """One that is under way, or has ended well since we looked, is as good as one of ours."""
        good = [each for each in self._listed()[-1:] if each["IngestionStatus"] in (*_UNDER_WAY, "COMPLETED")]
        self._await(str(good[0]["IngestionId"]) if good else self._started())

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """aws-facts 19: rows came in, and none was dropped."""
        rows = self._described(have.facts["id"]).get("RowInfo", {})
        ingested, dropped = int(rows.get("RowsIngested", 0)), int(rows.get("RowsDropped", 0))
        hint = "`cci-lite validate --step query-workgroup` shows what Athena sees"
        yield check(self, "rows", ingested > 0, f"{ingested} rows ingested", hint)
        yield check(self, "dropped", dropped == 0, f"{dropped} rows dropped", "QuickSight -> the data set -> Refresh")

    def remove(self, have: Observed, known: Known) -> None:
        """Nothing of its own: the rows belong to the data set."""

    @property
    def _which(self) -> dict[str, str]:
        return {"AwsAccountId": self.cloud.site.account, "DataSetId": self.data_set}

    def _listed(self) -> list[dict[str, Any]]:
        """Oldest first; none when the data set is absent."""
        try:
            found = self.cloud.pages("quicksight", "list_ingestions", "Ingestions", **self._which)
        except ClientError as error:
            if absent("quicksight", error):
                return []
            raise
        return sorted(found, key=lambda each: each["CreatedTime"])

    def _described(self, ingestion: str) -> dict[str, Any]:
        answer = self.cloud.read("quicksight", "describe_ingestion", **self._which, IngestionId=ingestion)
        return dict(answer["Ingestion"])

    def _started(self) -> str:
        """Its id. Named after the moment, so that a request that is sent twice starts one."""
        ingestion = f"cci-lite-{self.cloud.clock.utc():%Y%m%dT%H%M%SZ}"
        try:
            self.cloud.write("quicksight", "create_ingestion", **self._which, IngestionId=ingestion)
        except ClientError as error:
            if code(error) not in ALREADY:
                raise
        return ingestion

    def _await(self, ingestion: str) -> None:
        for waited in Patience(self.cloud.clock, _DEADLINE_S, first=1.0):
            found = self._described(ingestion)
            if found["IngestionStatus"] == "COMPLETED":
                return
            if found["IngestionStatus"] not in _UNDER_WAY:
                told = found.get("ErrorInfo", {})
                why = f"{told.get('Type', found['IngestionStatus'])}: {told.get('Message', 'no reason was given')}"
                raise QuickSightFailedError(f"ingestion {ingestion} of {self.data_set}: {why}")
            self.cloud.wait("QuickSight to copy the results", waited)
        raise QuickSightFailedError(f"ingestion {ingestion} has run for {_DEADLINE_S / 60:.0f} minutes")


def build(meta: Meta, settings: QuicksightIngestionSettings, context: Context) -> QuicksightIngestion:
    return QuicksightIngestion(meta, context.cloud, context.name_of(settings.data_set))
