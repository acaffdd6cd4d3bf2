"""What the deployed function would do with a recording: moto runs no functions, so the result is put there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cci_lite.payload.processor.naming import call_id

if TYPE_CHECKING:
    from tests.aws_rules import Rules


def run(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> None:
    """An upload below TENANT/calls/ becomes a result, if the bucket tells the function of it."""
    if (service, operation) != ("s3", "PutObject") or "/calls/" not in params["Key"] or params["Key"].endswith("/"):
        return
    bucket = output_bucket(rules, params["Bucket"])
    if bucket is None:
        return
    tenant, call = params["Key"].split("/")[0], call_id(params["Key"])
    result = {"schema_version": "cci-lite-v1.1", "tenant_id": tenant, "call_id": call, "transcript_excerpt": "a word"}
    rules.look("s3").put_object(
        Bucket=bucket,
        Key=f"{tenant}/2026/11/24/{call}.json",
        Body=json.dumps(result).encode(),
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=params["SSEKMSKeyId"],
    )


def output_bucket(rules: Rules, bucket: str) -> str | None:
    """Where the function that `bucket` tells of recordings puts results; None while it tells none."""
    told = rules.look("s3").get_bucket_notification_configuration(Bucket=bucket)
    targets = [each["LambdaFunctionArn"] for each in told.get("LambdaFunctionConfigurations", [])]
    if not targets:
        return None
    function = rules.look("lambda").get_function_configuration(FunctionName=targets[0])
    return str(function["Environment"]["Variables"]["OUTPUT_BUCKET"])
