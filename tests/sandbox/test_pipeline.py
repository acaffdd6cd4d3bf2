"""The whole pipeline with the least-privilege role of aws-facts §5: an upload becomes a result, by two events."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.conftest import Account, allow, greeting, make_function, until

PROFILE = "eu.amazon.nova-lite-v1:0"
SOURCE = """
import json, os, boto3

def handler(event, context):
    return begin(event) if "Records" in event else finish(event)

def begin(event):
    s3 = event["Records"][0]["s3"]
    uri = "s3://%s/%s" % (s3["bucket"]["name"], s3["object"]["key"])
    boto3.client("transcribe").start_transcription_job(
        TranscriptionJobName="pipeline-1", Media={"MediaFileUri": uri}, LanguageCode="en-GB",
        OutputBucketName=os.environ["OUT"], OutputKey="tmp/t/pipeline-1/", OutputEncryptionKMSKeyId=os.environ["KEY"])

def finish(event):
    job = boto3.client("transcribe").get_transcription_job(
        TranscriptionJobName=event["detail"]["TranscriptionJobName"])["TranscriptionJob"]
    key = job["Transcript"]["TranscriptFileUri"].split(os.environ["OUT"] + "/", 1)[1]
    s3 = boto3.client("s3")
    document = json.load(s3.get_object(Bucket=os.environ["OUT"], Key=key)["Body"])
    text = document["results"]["transcripts"][0]["transcript"]
    mood = boto3.client("comprehend").detect_sentiment(Text=text[:4000], LanguageCode="en")["Sentiment"]
    said = boto3.client("bedrock-runtime").converse(modelId=os.environ["MODEL"], messages=[
        {"role": "user", "content": [{"text": "Summarise. <transcript>\\n[1] agent: " + text + "\\n</transcript>"}]}])
    tenants = boto3.client("ssm").get_parameters_by_path(Path="/pipeline/config", Recursive=True)["Parameters"]
    body = json.dumps({"mood": mood, "summary": said["output"]["message"]["content"][0]["text"], "ssm": len(tenants)})
    s3.put_object(Bucket=os.environ["OUT"], Key="t/result.json", Body=body, ServerSideEncryption="aws:kms",
                  SSEKMSKeyId=os.environ["KEY"])
"""


def statements(key: str, source: str, out: str, models: list[str]) -> list[dict[str, Any]]:
    region = "eu-central-1:111122223333"
    profile = f"arn:aws:bedrock:{region}:inference-profile/{PROFILE}"
    job = {"transcribe:OutputBucketName": out, "transcribe:OutputEncryptionKMSKeyId": key}
    parameters = f"arn:aws:ssm:{region}:parameter/pipeline/config"
    return [
        allow("s3:GetObject", on=f"arn:aws:s3:::{source}/*/calls/*"),
        allow("s3:GetObject", "s3:PutObject", on=f"arn:aws:s3:::{out}/*"),
        allow("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey", on=key),
        allow("transcribe:StartTranscriptionJob", StringEquals=job),
        allow("transcribe:GetTranscriptionJob", on=f"arn:aws:transcribe:{region}:transcription-job/pipeline-*"),
        allow("comprehend:DetectSentiment"),
        allow("bedrock:InvokeModel", on=profile),
        allow("bedrock:InvokeModel", on=models, StringEquals={"bedrock:InferenceProfileArn": profile}),
        allow("ssm:GetParametersByPath", on=[parameters, f"{parameters}/*"]),
    ]


def permit(aws: Account, function: str, service: str, source: str) -> None:
    aws.client("lambda").add_permission(
        FunctionName=function,
        StatementId=service.split(".")[0],
        Action="lambda:InvokeFunction",
        Principal=service,
        SourceArn=source,
    )


def test_an_uploaded_call_becomes_a_result(aws: Account, key: str) -> None:
    s3, events = aws.client("s3"), aws.client("events")
    source, out = "pipeline-in", "pipeline-out"
    for bucket in (source, out):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    aws.client("ssm").put_parameter(Name="/pipeline/config/tenants", Value="{}", Type="String")
    profile = aws.client("bedrock").get_inference_profile(inferenceProfileIdentifier=PROFILE)
    models = [model["modelArn"] for model in profile["models"]]
    variables = {"OUT": out, "KEY": key, "MODEL": PROFILE}
    granted = statements(key, source, out, models)
    function = make_function(aws, "pipeline", SOURCE, *granted, Environment={"Variables": variables}, Timeout=60)
    permit(aws, "pipeline", "s3.amazonaws.com", f"arn:aws:s3:::{source}")
    detail = {"TranscriptionJobStatus": ["COMPLETED"], "TranscriptionJobName": [{"prefix": "pipeline-"}]}
    pattern = json.dumps({"source": ["aws.transcribe"], "detail": detail})
    permit(aws, "pipeline", "events.amazonaws.com", events.put_rule(Name="pipeline", EventPattern=pattern)["RuleArn"])
    events.put_targets(Rule="pipeline", Targets=[{"Id": "f", "Arn": function}])
    filters = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "t/calls/"}]}}
    rule = {"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"], "Filter": filters}
    configuration = {"LambdaFunctionConfigurations": [rule]}
    s3.put_bucket_notification_configuration(Bucket=source, NotificationConfiguration=configuration)

    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Bucket=source, Key="t/calls/call.wav", Body=greeting(), **encrypted)

    def result() -> Any:
        found = s3.list_objects_v2(Bucket=out, Prefix="t/result.json")
        return json.load(s3.get_object(Bucket=out, Key="t/result.json")["Body"]) if found["KeyCount"] else None

    found = until(result, 60, 0.2)
    assert found["mood"] in ("POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED")
    assert found["summary"]
    assert found["ssm"] == 1
