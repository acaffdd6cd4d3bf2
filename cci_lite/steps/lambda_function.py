"""The function that turns a recording into a result: code, settings, environment. Its failures are another step.

Source: aws-facts 4, 8, 13. The package is packed reproducibly, so that unchanged sources have the same hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from botocore.exceptions import ClientError
from pydantic import Field

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code, message
from cci_lite.aws.propagation import FUNCTION, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.payload.pack import Package, pack
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

HANDLER = "processor.handler.lambda_handler"


class LambdaFunctionSettings(Settings):
    """memory in MiB, timeout in seconds."""

    name: Annotated[str, forms.name("-_", 64)]
    runtime: Literal["python3.12", "python3.13", "python3.14"] = "python3.13"
    memory: Annotated[int, Field(ge=128, le=10240)]
    timeout: Annotated[int, Field(ge=1, le=900)]
    role: Annotated[str, Refers(("iam_role",), facts=True)]
    policy: Annotated[str, Refers(("iam_role_policy",))]
    input: Annotated[str, Refers(("bucket",))]
    results: Annotated[str, Refers(("bucket",))]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    log_group: Annotated[str, Refers(("log_group",))]
    config_path: str = "/cci-lite/config"


@dataclass(frozen=True)
class LambdaFunctionSpec:
    """state: Lambda's own words for "ready" and "the last update worked"."""

    code_sha256: str
    runtime: str
    handler: str
    role: str
    memory: int
    timeout: int
    environment: Mapping[str, str]
    log_group: str
    state: str
    tags: Mapping[str, str]


_CODE = ("code_sha256",)
_CONFIGURATION = ("runtime", "handler", "role", "memory", "timeout", "environment", "log_group")
_READY = "Active, Successful"


@dataclass(frozen=True)
class LambdaFunction:
    meta: Meta
    cloud: Cloud
    settings: LambdaFunctionSettings
    buckets: tuple[str, str]
    log_group: str
    tags: Mapping[str, str]
    package: Package

    @property
    def traits(self) -> Traits:
        return Traits(document=f"function {self.settings.name}", settle_s=300)

    def desired(self, known: Known) -> LambdaFunctionSpec:
        wish = self.settings
        return LambdaFunctionSpec(
            code_sha256=self.package.code_sha256_base64,
            runtime=wish.runtime,
            handler=HANDLER,
            role=known.fact(wish.role, "arn"),
            memory=wish.memory,
            timeout=wish.timeout,
            environment=self._environment(known),
            log_group=self.log_group,
            state=_READY,
            tags=self.tags,
        )

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("lambda", "get_function", FunctionName=self.settings.name)
        if found is None:
            return None
        marks = found.get("Tags", {})
        facts = {"arn": found["Configuration"]["FunctionArn"], "name": self.settings.name}
        return Observed(_seen(found["Configuration"], tags.among(marks, self.tags)), facts, tags.owned(marks))

    def apply(self, want: LambdaFunctionSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._write("create_function", **_configuration(want), **self._new(want))
        else:
            self._update(want, have, changes)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """Active, the code that was packed here, and Lambda's own word that it would run it (a dry run, 204)."""
        spec: LambdaFunctionSpec = have.spec
        yield check(self, "state", spec.state == _READY, spec.state)
        yield check(self, "code", spec.code_sha256 == self.package.code_sha256_base64, f"sha256 {spec.code_sha256}")
        answer = self.cloud.read("lambda", "invoke", FunctionName=self.settings.name, InvocationType="DryRun")
        yield check(self, "invocable", answer["StatusCode"] == 204, f"dry run answered {answer['StatusCode']}")

    def remove(self, have: Observed, known: Known) -> None:
        if have.owned:
            self._write("delete_function")

    def _environment(self, known: Known) -> dict[str, str]:
        return {
            "INPUT_BUCKET": self.buckets[0],
            "OUTPUT_BUCKET": self.buckets[1],
            "RESULTS_TMP_PREFIX": "tmp/",
            "KMS_KEY_ARN": known.fact(self.settings.key, "arn"),
            "CONFIG_PATH": self.settings.config_path,
        }

    def _new(self, want: LambdaFunctionSpec) -> dict[str, Any]:
        return {"Code": {"ZipFile": self.package.zip_bytes}, "Tags": tags.ours(self.meta.id, want.tags)}

    def _update(self, want: LambdaFunctionSpec, have: Observed, changes: Changes) -> None:
        """Lambda carries out one update at a time; the second waits for the first."""
        if changes.touch(*_CODE):
            self._write("update_function_code", ZipFile=self.package.zip_bytes)
        if changes.touch(*_CONFIGURATION):
            self._write("update_function_configuration", **_configuration(want))
        if changes.touch("tags"):
            self.cloud.write("lambda", "tag_resource", Resource=have.facts["arn"], Tags=dict(want.tags))

    def _write(self, operation: str, **params: Any) -> None:
        name = self.settings.name
        try:
            propagated(
                self.cloud, lambda: self.cloud.write("lambda", operation, FunctionName=name, **params), *FUNCTION
            )
        except ClientError as error:
            # The answer to the first try was lost: the function is there, and settling will compare it.
            if code(error) != "ResourceConflictException" or "already exist" not in message(error).lower():
                raise


def _configuration(want: LambdaFunctionSpec) -> dict[str, Any]:
    return {
        "Runtime": want.runtime,
        "Handler": want.handler,
        "Role": want.role,
        "MemorySize": want.memory,
        "Timeout": want.timeout,
        "Environment": {"Variables": dict(want.environment)},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": want.log_group},
    }


def _seen(found: Mapping[str, Any], marks: Mapping[str, str]) -> LambdaFunctionSpec:
    return LambdaFunctionSpec(
        code_sha256=str(found.get("CodeSha256", "")),
        runtime=str(found.get("Runtime", "")),
        handler=str(found.get("Handler", "")),
        role=str(found.get("Role", "")),
        memory=int(found.get("MemorySize", 0)),
        timeout=int(found.get("Timeout", 0)),
        environment=found.get("Environment", {}).get("Variables", {}),
        log_group=str(found.get("LoggingConfig", {}).get("LogGroup", "")),
        state=f"{found.get('State', 'Active')}, {found.get('LastUpdateStatus', 'Successful')}",
        tags=marks,
    )


def build(meta: Meta, settings: LambdaFunctionSettings, context: Context) -> LambdaFunction:
    buckets = (context.name_of(settings.input), context.name_of(settings.results))
    group = context.name_of(settings.log_group)
    return LambdaFunction(meta, context.cloud, settings, buckets, group, context.tags, pack())
