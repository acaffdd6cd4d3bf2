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
    s3 = rules.look("s3")
    told = s3.get_bucket_notification_configuration(Bucket=params["Bucket"])
    if not told.get("LambdaFunctionConfigurations"):
        return
    tenant, call = params["Key"].split("/")[0], call_id(params["Key"])
    result = {"schema_version": "cci-lite-v1.1", "tenant_id": tenant, "call_id": call, "transcript_excerpt": "a word"}
    s3.put_object(
        Bucket=params["Bucket"].replace("input", "results"),
        Key=f"{tenant}/2026/11/24/{call}.json",
        Body=json.dumps(result).encode(),
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=params["SSEKMSKeyId"],
    )
