"""Names and documents that the two plain scripts share. Imports nothing."""

from __future__ import annotations

import io
import json
import zipfile

ACCOUNT = "123456789012"
REGION = "eu-central-1"
INPUT = f"cci-lite-input-{ACCOUNT}-{REGION}"
RESULTS = f"cci-lite-results-{ACCOUNT}-{REGION}"
ALIAS = "alias/cci-lite-master-key"
ROLE = "cci-lite-lambda-role"
FUNCTION = "cci-lite-processor"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
LOGS = f"/aws/lambda/{FUNCTION}"
QUEUE = "cci-lite-processor-failures"
RULE = "cci-lite-transcribe-state"
RULE_ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{RULE}"
CATCH_UP = "cci-lite-catch-up"
CATCH_UP_ARN = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{CATCH_UP}"
TOPIC = "cci-lite-alarms"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}"
ALARM = "cci-lite-processor-errors"
MODEL = "eu.anthropic.claude-haiku-5-5"
TAGS = {"Project": "CCI-Lite", "Env": "prod", "Owner": "Conversant", "Data": "Voice"}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def tls_only(bucket: str) -> str:
    """The policy of aws-facts 1.6 that both buckets have."""
    statement = {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def publishers(topic: str) -> str:
    """Alarms may be published to the topic."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code() -> bytes:
    """The smallest deployable function."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "def lambda_handler(event, context):\n    return None\n")
    return packed.getvalue()
