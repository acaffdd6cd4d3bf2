"""The plan's end-to-end test as a step: a real recording goes in, and the step is in place when a result came out.

Source: plan phase 2 step 3, aws-facts 19. It costs about a minute of transcription; the sample and its results are
cci-lite's own files and go with a teardown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import absent
from cci_lite.engine.clock import Patience
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import objects, recordings
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings
from cci_lite.steps.recordings import Buckets

_DEADLINE_S = 900.0
_STAYS = "only the sample's own files go; results of calls stay with their bucket"


class SampleFailedError(Exception):
    """The pipeline recorded a failure for the sample call, or nothing came out in time."""


class SampleCallSettings(Settings):
    """permission: the rule's; tenant: whose folder the sample goes to; unset, the runbook's first."""

    input: Annotated[str, Refers(("bucket",))]
    results: Annotated[str, Refers(("bucket",), whole=True)]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    function: Annotated[str, Refers(("lambda_function",))]
    notifications: Annotated[str, Refers(("bucket_notifications",))]
    rule: Annotated[str, Refers(("event_rule",))]
    permission: Annotated[str, Refers(("lambda_permission",))]
    tenant: str | None = None


@dataclass(frozen=True)
class SampleCallSpec:
    """result: whether the pipeline has produced a result for the tenant; key: what it is encrypted with."""

    key: str
    result: bool


@dataclass(frozen=True)
class SampleCall:
    """raw_text: whether the tenant has its unredacted text kept."""

    meta: Meta
    cloud: Cloud
    settings: SampleCallSettings
    names: tuple[str, str]
    tenant: str
    raw_text: bool = False

    @property
    def traits(self) -> Traits:
        return Traits(settle_s=60, missing="no result exists yet; this step brings the first, from a real recording")

    def desired(self, known: Known) -> SampleCallSpec:
        return SampleCallSpec(known.fact(self.settings.key, "arn"), True)

    def observe(self, known: Known) -> Observed | None:
        """Any result of the tenant proves the pipeline; the earliest key is one call, however many there are."""
        which = {"Bucket": self.names[1], "ExpectedBucketOwner": self.cloud.site.account}
        try:
            found = self.cloud.find("s3", "list_objects_v2", **which, Prefix=f"{self.tenant}/2", MaxKeys=1) or {}
        except ClientError as error:
            if absent("s3", error):
                return None
            raise
        results = found.get("Contents", [])
        return self._observed(str(results[0]["Key"]), known.fact(self.settings.key, "arn")) if results else None

    def apply(self, want: SampleCallSpec, have: Observed | None, changes: Changes) -> Observed:
        buckets = Buckets(*self.names, want.key)
        call = recordings.id_of(self._key)
        with as_file(files("cci_lite.sample") / "call.wav") as path:
            sent = recordings.submit(
                self.cloud, buckets, self._key, Path(path), {}, anew=lambda etag: self._hopeless(buckets, call, etag)
            )
        return self._observed(self._await(buckets, call, sent.etag), want.key)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """A result that can be read, holds what was said, and lies under the right key.

        The plan's fourth line, that no event failed for good, is the queue's own check.
        """
        key, arn = have.facts["result"], known.fact(self.settings.key, "arn")
        buckets = Buckets(*self.names, arn)
        found, head = self.cloud.together(
            lambda: recordings.document(self.cloud, buckets, key),
            lambda: self.cloud.read("s3", "head_object", Bucket=buckets.results, Key=key),
        )
        result, head = found or {}, head or {}
        schema = str(result.get("schema_version", "none"))
        where = f"s3://{buckets.results}/{key}"
        told = f"{where}: schema {schema}, of {result.get('processed_at', 'no day')}"
        yield check(self, "result", schema.startswith("cci-lite-v1"), told)
        words = len(str(result.get("transcript_excerpt") or "").split())
        yield check(self, "transcript", words > 0 or result.get("speech") is False, f"{words} words in the excerpt")
        used = f"{head.get('ServerSideEncryption')} {head.get('SSEKMSKeyId')}"
        yield check(self, "encryption", used == f"aws:kms {arn}", used, "the function must write under the master key")

    def remove(self, have: Observed, known: Known) -> None:
        """The sample's own recording, results and failures; calls of customers stay."""
        objects.delete(self.cloud, self.names[0], iter([{"Key": self._key}]))
        objects.delete(self.cloud, self.names[1], self._produced())

    @property
    def _key(self) -> str:
        return f"{self.tenant}/calls/{objects.RECORDING}"

    def _produced(self) -> Iterator[dict[str, str]]:
        raw = [f"_raw/{self.tenant}/2"] if self.raw_text else []
        for prefix in (f"{self.tenant}/2", f"{self.tenant}/_failed/{objects.SAMPLE}", *raw):
            which = {"Bucket": self.names[1], "ExpectedBucketOwner": self.cloud.site.account, "Prefix": prefix}
            for each in self.cloud.pages("s3", "list_objects_v2", "Contents", **which):
                if objects.is_sample(each["Key"]):
                    yield {"Key": each["Key"]}

    def _failed(self, buckets: Buckets, call: str) -> dict[str, Any] | None:
        return recordings.failure(self.cloud, buckets, self.tenant, call)

    def _hopeless(self, buckets: Buckets, call: str, etag: str) -> bool:
        """Whether nothing more will come of the recording that lies there: it failed, or somebody lost its result."""
        failed = recordings.has_failed(self.cloud, buckets, self.tenant, call, etag)
        return failed or recordings.long_done(self.cloud, buckets.input, self._key)

    def _observed(self, result: str, key: str) -> Observed:
        return Observed(SampleCallSpec(key, True), {"result": result}, stays=_STAYS)

    def _await(self, buckets: Buckets, call: str, etag: str) -> str:
        """The key of the call's result. Raises SampleFailedError."""
        for waited in Patience(self.cloud.clock, _DEADLINE_S, first=0.5, growth=1.25):
            if found := recordings.result_key(self.cloud, buckets, self.tenant, call):
                return found
            failed = self._failed(buckets, call)
            if failed and failed.get("source", {}).get("etag", etag) == etag:
                raise SampleFailedError(_reason(failed))
            self.cloud.wait("the pipeline to turn the sample call into a result", waited)
        raise SampleFailedError(
            f"no result for s3://{buckets.input}/{self._key} after {_DEADLINE_S / 60:.0f} minutes; look at the "
            "function's log and at the queue of failed events"
        )


def _reason(failed: dict[str, Any]) -> str:
    return f"the pipeline failed at stage {failed.get('stage')}: {failed.get('code')}: {failed.get('reason')}"


def build(meta: Meta, settings: SampleCallSettings, context: Context) -> SampleCall:
    names = (context.name_of(settings.input), context.name_of(settings.results))
    tenant = settings.tenant or next(iter(context.tenants))
    raw_text = tenant in context.tenants and context.tenants[tenant].raw_text_days is not None
    return SampleCall(meta, context.cloud, settings, names, tenant, raw_text)
