"""What the function's role may do: each call that its code makes, on the things it makes it on, and nothing else.

Source: aws-facts 5, 6.5, 17. The list of services and actions comes from the payload itself, so that code and
rights cannot drift apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws.site import Site
from cci_lite.engine.model import Known, Meta
from cci_lite.engine.values import holds_unknown
from cci_lite.payload.processor.permissions import IAM_ACTIONS
from cci_lite.steps import forms
from cci_lite.steps.inline_policy import Inline, InlinePolicy, allow
from cci_lite.steps.kind import Context, Refers


class IamRolePolicySettings(Inline):
    """Names of queue, log group and configuration are enough: they may be made later than the policy."""

    input: Annotated[str, Refers(("bucket",))]
    results: Annotated[str, Refers(("bucket",))]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    model: Annotated[str, Refers(("bedrock_model",), facts=True)]
    queue: Annotated[str, Refers(("sqs_queue",), order=False)]
    log_group: Annotated[str, Refers(("log_group",), order=False)]
    config_path: Annotated[str, forms.form(r"/[a-zA-Z0-9_./-]+[a-zA-Z0-9]", "be a path such as /cci-lite/config")]


@dataclass(frozen=True)
class Names:
    """Names of the things the policy speaks of."""

    input: str
    results: str
    queue: str
    log_group: str


@dataclass(frozen=True)
class IamRolePolicy(InlinePolicy):
    """raw_text: whether any tenant has its unredacted text kept."""

    settings: IamRolePolicySettings
    names: Names
    raw_text: bool = False

    def statements(self, known: Known) -> list[dict[str, Any]]:
        wish, site = self.settings, self.cloud.site
        key = known.fact(wish.key, "arn")
        return [
            *_storage(site, self.names, key),
            _raw_text(site, self.names, kept=self.raw_text),
            *_transcribe(site, self.names, key),
            *_understanding(known.fact(wish.model, "arn"), known.fact(wish.model, "models")),
            *_plumbing(site, self.names, wish.config_path),
        ]

    def told(self) -> str:
        count = sum(len(each) for each in IAM_ACTIONS.values())
        return f"{count} actions, each on named things where AWS allows it"


def _storage(site: Site, names: Names, key: str) -> list[dict[str, Any]]:
    """S3 and KMS. Recordings can be read, never written: the function cannot invoke itself."""
    source, results = site.bucket_arn(names.input), site.bucket_arn(names.results)
    return [
        allow("ReadInput", ("s3:GetObject",), f"{source}/*/calls/*"),
        allow("Results", ("s3:GetObject", "s3:PutObject"), f"{results}/*"),
        allow("List", ("s3:ListBucket",), source, results),
        allow("Key", ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"), key),
    ]


def _raw_text(site: Site, names: Names, *, kept: bool) -> dict[str, Any]:
    """Unredacted text is written where a tenant asks for it, and never read back."""
    actions = ("s3:GetObject",) if kept else ("s3:GetObject", "s3:PutObject")
    return {**allow("RawText", actions, f"{site.bucket_arn(names.results)}/_raw/*"), "Effect": "Deny"}


def _transcribe(site: Site, names: Names, key: str) -> list[dict[str, Any]]:
    """StartTranscriptionJob takes no resource; its output is pinned by conditions instead (aws-facts 5)."""
    output = {"transcribe:OutputBucketName": names.results, "transcribe:OutputEncryptionKMSKeyId": key}
    jobs = site.arn("transcribe", "transcription-job/cci-lite-*")
    return [
        allow("StartTranscription", ("transcribe:StartTranscriptionJob",), "*", StringEquals=output),
        allow("ReadTranscription", ("transcribe:GetTranscriptionJob",), jobs),
    ]


def _understanding(profile: str, models: str) -> list[dict[str, Any]]:
    """Comprehend takes no resource. Bedrock wants the profile and each model it may route to (aws-facts 6.5)."""
    through = {"bedrock:InferenceProfileArn": profile}
    routed = [models] if holds_unknown(models) else json.loads(models)
    return [
        allow("Comprehend", IAM_ACTIONS["comprehend"], "*"),
        allow("BedrockProfile", ("bedrock:InvokeModel",), profile),
        allow("BedrockModels", ("bedrock:InvokeModel",), *routed, StringEquals=through),
    ]


def _plumbing(site: Site, names: Names, config_path: str) -> list[dict[str, Any]]:
    """Configuration, logs (no CreateLogGroup: aws-facts 5), and the queue for failed events."""
    configuration = site.arn("ssm", f"parameter{config_path}")
    logs = site.arn("logs", f"log-group:{names.log_group}:*")
    return [
        allow("Configuration", IAM_ACTIONS["ssm"], configuration, f"{configuration}/*"),
        allow("Logs", ("logs:CreateLogStream", "logs:PutLogEvents"), logs),
        allow("OnFailure", ("sqs:SendMessage",), site.arn("sqs", names.queue)),
    ]


def build(meta: Meta, settings: IamRolePolicySettings, context: Context) -> IamRolePolicy:
    names = Names(
        input=context.name_of(settings.input),
        results=context.name_of(settings.results),
        queue=context.name_of(settings.queue),
        log_group=context.name_of(settings.log_group),
    )
    raw_text = any(each.raw_text_days for each in context.tenants.values())
    return IamRolePolicy(meta, context.cloud, context.name_of(settings.role), settings.name, settings, names, raw_text)
