"""That the function's role can do exactly what the function's code calls: the calls, and what must stay refused.

Made from the payload's own list of actions: an action that nobody has given a place here ends the plan.
Source: aws-facts 5, 6.5, 17.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from cci_lite.aws.policy.evaluate import Request
from cci_lite.aws.policy.prove import Claim, role_can_exactly
from cci_lite.engine.model import Known
from cci_lite.engine.values import holds_unknown
from cci_lite.payload.processor.permissions import IAM_ACTIONS
from cci_lite.steps.iam_role_policy import IamRolePolicy

_START, _INVOKE = "transcribe:StartTranscriptionJob", "bedrock:InvokeModel"
_PROFILE = "bedrock:InferenceProfileArn"


def exactly_what_the_code_calls(step: IamRolePolicy, known: Known) -> Claim:
    """The verdict on the policy that `step` wants."""
    calls = _Calls(step, known)
    return role_can_exactly(step.desired(known).document, list(calls.made()), list(calls.refused()))


class _Calls:
    """Requests of the function's role on things that stand for all of their kind."""

    def __init__(self, step: IamRolePolicy, known: Known) -> None:
        self.site, self.names, self.raw_text = step.cloud.site, step.names, step.raw_text
        self.role = self.site.role_arn(step.role)
        self.key = known.fact(step.settings.key, "arn")
        self.profile = known.fact(step.settings.model, "arn")
        models = known.fact(step.settings.model, "models")
        self.model = models if holds_unknown(models) else json.loads(models)[0].replace("*", "any")
        self.configuration = self.site.arn("ssm", f"parameter{step.settings.config_path}")
        self.input, self.results = self.site.bucket_arn(step.names.input), self.site.bucket_arn(step.names.results)
        self.output = {
            "transcribe:OutputBucketName": step.names.results,
            "transcribe:OutputEncryptionKMSKeyId": self.key,
        }

    def made(self) -> Iterator[Request]:
        """What the code calls, and what Lambda does in its name: logs, and the queue for events that failed."""
        for action in (action for actions in IAM_ACTIONS.values() for action in actions):
            for place in self._places(action):
                context = self.output if action == _START else {_PROFILE: self.profile} if place == self.model else {}
                yield self._call(action.removesuffix("*"), place, **context)
        yield self._call("logs:PutLogEvents", f"{self._group}:log-stream:any")
        yield self._call("sqs:SendMessage", self.site.arn("sqs", self.names.queue))

    def refused(self) -> Iterator[Request]:
        """The same actions elsewhere, and what would let it destroy, spread or invoke itself."""
        for action in ("s3:PutObject", "s3:DeleteObject"):
            yield self._call(action, self._recording)
        yield self._call("s3:GetObject", f"{self.input}/demo-tenant/elsewhere.wav")
        yield self._call("s3:DeleteObject", self._result)
        yield self._call("s3:GetObject", f"{self.results}/_raw/demo-tenant/call.json")
        if not self.raw_text:
            yield self._call("s3:PutObject", f"{self.results}/_raw/demo-tenant/call.json")
        for action, kind in (("s3:GetObject", "/any"), ("s3:PutObject", "/any"), ("s3:ListBucket", "")):
            yield self._call(action, f"{self.input}-of-others{kind}")
        yield self._call("kms:Decrypt", self.site.arn("kms", "key/of-others"))
        for action in ("kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"):
            yield self._call(action, self.key)
        yield self._call(_START, "*")
        for name in self.output:
            yield self._call(_START, "*", **{**self.output, name: "of-others"})
        yield self._call("transcribe:GetTranscriptionJob", self.site.arn("transcribe", "transcription-job/of-others"))
        yield self._call(_INVOKE, self.model)
        for action in IAM_ACTIONS["ssm"]:
            yield self._call(action, self.site.arn("ssm", "parameter/of-others"))
        yield self._call("ssm:PutParameter", f"{self.configuration}/models")
        yield self._call("logs:CreateLogGroup", self._group)
        for action in ("iam:PassRole", "iam:PutRolePolicy", "sts:AssumeRole"):
            yield self._call(action, self.role)
        yield self._call("lambda:InvokeFunction", self.site.function_arn("any"))

    def _places(self, action: str) -> tuple[str, ...]:
        """What the code calls `action` on. Raises KeyError for one that has no place here."""
        service = action.split(":")[0]
        if service in ("kms", "comprehend"):
            return {"kms": (self.key,), "comprehend": ("*",)}[service]
        return {
            "s3:GetObject": (self._recording, f"{self.results}/tmp/demo-tenant/job/transcript.json"),
            "s3:PutObject": (self._result, f"{self.results}/tmp/demo-tenant/job/transcript.json"),
            "s3:ListBucket": (self.input, self.results),
            _START: ("*",),
            "transcribe:GetTranscriptionJob": (self.site.arn("transcribe", "transcription-job/cci-lite-any"),),
            _INVOKE: (self.profile, self.model),
            "ssm:GetParameter": (f"{self.configuration}/models", f"{self.configuration}/tenants/demo-tenant"),
            "ssm:GetParametersByPath": (f"{self.configuration}/tenants",),
        }[action]

    @property
    def _recording(self) -> str:
        return f"{self.input}/demo-tenant/calls/call.wav"

    @property
    def _result(self) -> str:
        return f"{self.results}/demo-tenant/2026/01/31/call.json"

    @property
    def _group(self) -> str:
        return self.site.arn("logs", f"log-group:{self.names.log_group}")

    def _call(self, action: str, resource: str, **context: str) -> Request:
        return Request(self.role, self.site.account, action, resource, context)
