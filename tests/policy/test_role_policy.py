"""The policy that the runbook gives the function's role, against what the code calls and what it must never do."""

from __future__ import annotations

import json

import boto3

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request
from cci_lite.aws.policy.prove import role_can_exactly
from cci_lite.aws.site import Site
from cci_lite.engine.model import Known, Meta
from cci_lite.steps.iam_role_policy import IamRolePolicy, IamRolePolicySettings, Names

SITE = Site("111122223333", "eu-central-1")
KEY = SITE.arn("kms", "key/11111111-2222-3333-4444-555555555555")
OTHER_KEY = SITE.arn("kms", "key/99999999-8888-7777-6666-555555555555")
PROFILE = SITE.arn("bedrock", "inference-profile/eu.model")
MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/model"
INPUT, RESULTS = "arn:aws:s3:::the-input", "arn:aws:s3:::the-results"
RECORDING = f"{INPUT}/demo-tenant/calls/call.wav"
CONFIG = SITE.arn("ssm", "parameter/cci-lite/config/models")
START, INVOKE = "transcribe:StartTranscriptionJob", "bedrock:InvokeModel"
OUTPUT = {"transcribe:OutputBucketName": "the-results", "transcribe:OutputEncryptionKMSKeyId": KEY}
LOGS = SITE.arn("logs", "log-group:/aws/lambda/cci-lite-processor:log-stream:x")


def role_policy() -> PolicyDocument:
    settings = IamRolePolicySettings(
        role="role",
        name="policy",
        input="in",
        results="out",
        key="key",
        model="model",
        queue="queue",
        log_group="logs",
        config_path="/cci-lite/config",
    )
    names = Names("the-input", "the-results", "failures", "/aws/lambda/cci-lite-processor")
    cloud = Cloud(boto3.Session(region_name=SITE.region), SITE)
    step = IamRolePolicy(
        Meta("p", "iam_role_policy", 1, "Policy"), cloud, "cci-lite-lambda-role", "policy", settings, names
    )
    known = Known({"key": {"arn": KEY}, "model": {"arn": PROFILE, "models": json.dumps([MODEL])}})
    return step.desired(known).document


def call(action: str, resource: str, **context: str) -> Request:
    return Request(SITE.role_arn("cci-lite-lambda-role"), SITE.account, action, resource, context)


REQUIRED = [
    call("s3:GetObject", RECORDING),
    call("s3:ListBucket", INPUT),
    call("s3:PutObject", f"{RESULTS}/tmp/demo-tenant/job/.write_access_check_file.temp"),
    call("s3:GetObject", f"{RESULTS}/tmp/demo-tenant/job/transcript.json"),
    call("s3:PutObject", f"{RESULTS}/demo-tenant/2026/01/31/call.json"),
    call("kms:Decrypt", KEY),
    call("kms:Encrypt", KEY),
    call("kms:GenerateDataKey", KEY),
    call(START, "*", **OUTPUT),
    call("transcribe:GetTranscriptionJob", SITE.arn("transcribe", "transcription-job/cci-lite-0123")),
    call("comprehend:BatchDetectSentiment", "*"),
    call(INVOKE, PROFILE),
    call(INVOKE, MODEL, **{"bedrock:InferenceProfileArn": PROFILE}),
    call("ssm:GetParameter", CONFIG),
    call("logs:PutLogEvents", LOGS),
    call("sqs:SendMessage", SITE.arn("sqs", "failures")),
]

FORBIDDEN = [
    call("s3:PutObject", RECORDING),
    call("s3:DeleteObject", RECORDING),
    call("s3:DeleteObject", f"{RESULTS}/demo-tenant/2026/01/31/call.json"),
    call("s3:PutBucketPolicy", INPUT),
    call("s3:GetObject", f"{INPUT}/demo-tenant/private.wav"),
    call("s3:GetObject", "arn:aws:s3:::another-bucket/demo-tenant/calls/call.wav"),
    call("s3:PutObject", "arn:aws:s3:::the-results-of-others/x"),
    call("kms:ScheduleKeyDeletion", KEY),
    call("kms:PutKeyPolicy", KEY),
    call("kms:Decrypt", OTHER_KEY),
    call("iam:PassRole", SITE.role_arn("cci-lite-lambda-role")),
    call("iam:PutRolePolicy", SITE.role_arn("cci-lite-lambda-role")),
    call(START, "*"),
    call(START, "*", **{**OUTPUT, "transcribe:OutputBucketName": "another-bucket"}),
    call(START, "*", **{**OUTPUT, "transcribe:OutputEncryptionKMSKeyId": OTHER_KEY}),
    call("transcribe:GetTranscriptionJob", SITE.arn("transcribe", "transcription-job/somebody-elses")),
    call(INVOKE, MODEL),
    call("ssm:PutParameter", CONFIG),
    call("ssm:GetParameter", SITE.arn("ssm", "parameter/secrets")),
    call("logs:CreateLogGroup", SITE.arn("logs", "log-group:/aws/lambda/cci-lite-processor")),
    call("lambda:InvokeFunction", SITE.arn("lambda", "function:cci-lite-processor")),
]


def test_the_role_can_do_what_the_code_does_and_nothing_sensitive() -> None:
    claim = role_can_exactly(role_policy(), REQUIRED, FORBIDDEN)
    assert (claim.verdict, claim.counterexample) == ("PROVED", None)
