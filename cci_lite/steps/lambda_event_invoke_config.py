"""What Lambda does with an event that the function could not handle: how often it tries again, and where it goes then.

Source: aws-facts 8, 13. Events come asynchronously; one that failed for good and has no destination is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.propagation import FUNCTION, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings


class LambdaEventInvokeConfigSettings(Settings):
    """retries: after the first try; max_age_s: seconds until an event is given up; on_failure: the queue's step."""

    function: Annotated[str, Refers(("lambda_function",), whole=True)]
    on_failure: Annotated[str, Refers(("sqs_queue",), facts=True)]
    retries: Annotated[int, Field(ge=0, le=2)] = 2
    max_age_s: Annotated[int, Field(ge=60, le=21600)] = 21600


@dataclass(frozen=True)
class LambdaEventInvokeConfigSpec:
    """None: as Lambda does by itself. on_failure: ARN."""

    retries: int | None
    max_age_s: int | None
    on_failure: str


@dataclass(frozen=True)
class LambdaEventInvokeConfig:
    meta: Meta
    cloud: Cloud
    settings: LambdaEventInvokeConfigSettings
    function: str

    @property
    def traits(self) -> Traits:
        return Traits(settle_s=180)

    def desired(self, known: Known) -> LambdaEventInvokeConfigSpec:
        wish = self.settings
        return LambdaEventInvokeConfigSpec(wish.retries, wish.max_age_s, known.fact(wish.on_failure, "arn"))

    def observe(self, known: Known) -> Observed | None:
        """Ours where it names our queue, or where the function is ours: then somebody has changed it by hand."""
        found = self.cloud.find("lambda", "get_function_event_invoke_config", FunctionName=self.function)
        if found is None:
            return None
        target = str(found.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", ""))
        spec = LambdaEventInvokeConfigSpec(
            found.get("MaximumRetryAttempts"), found.get("MaximumEventAgeInSeconds"), target
        )
        return Observed(spec, owned=target == self.desired(known).on_failure or self._on_our_function())

    def apply(self, want: LambdaEventInvokeConfigSpec, have: Observed | None, changes: Changes) -> None:
        """The call replaces the whole configuration."""
        self._write(
            "put_function_event_invoke_config",
            MaximumRetryAttempts=want.retries,
            MaximumEventAgeInSeconds=want.max_age_s,
            DestinationConfig={"OnFailure": {"Destination": want.on_failure}},
        )

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec: LambdaEventInvokeConfigSpec = have.spec
        said = f"after {spec.retries} retries, or {spec.max_age_s} s, to {spec.on_failure or 'nowhere'}"
        yield check(self, "destination", spec == self.desired(known), said)

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self._write("delete_function_event_invoke_config")

    def _on_our_function(self) -> bool:
        found = self.cloud.find("lambda", "get_function", FunctionName=self.function) or {}
        return tags.owned(found.get("Tags", {}))

    def _write(self, operation: str, **params: Any) -> None:
        which = {"FunctionName": self.function}
        propagated(self.cloud, lambda: self.cloud.write("lambda", operation, **which, **params), *FUNCTION)


def build(meta: Meta, settings: LambdaEventInvokeConfigSettings, context: Context) -> LambdaEventInvokeConfig:
    return LambdaEventInvokeConfig(meta, context.cloud, settings, context.name_of(settings.function))
