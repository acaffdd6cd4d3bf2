"""What nobody could show without AWS (aws-facts 20), a test a line; 20.2 is phase 2's test in test_life_of_an_account.

A red test here is news about AWS: docs/fidelity.md and docs/live.md say what has to change then.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cci_lite.payload.processor.cost import TRANSCRIBE_USD_A_MINUTE
from tests.live.account import REGION, SHIPPED, Account

_PATIENCE_S = 600.0
_PAUSE_S = 2.0


def test_parts_of_an_upload_are_not_judged_by_the_encryption_conditions(account: Account) -> None:
    """20.1: CreateMultipartUpload names key and encryption; UploadPart cannot."""
    s3, bucket = account.client("s3"), account.name("input-bucket")
    which = {"Bucket": bucket, "Key": "_cci-probe/parts"}
    begun = s3.create_multipart_upload(**which, ServerSideEncryption="aws:kms", SSEKMSKeyId=account.key_arn)
    part = s3.upload_part(**which, UploadId=begun["UploadId"], PartNumber=1, Body=b"cci-lite probe")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**which, UploadId=begun["UploadId"], MultipartUpload=parts)
    head = s3.head_object(**which)
    s3.delete_object(**which)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", account.key_arn)


def test_transcribe_without_a_key_writes_under_s3_s_own(account: Account, transcript: str) -> None:
    """20.3: as Transcribe's page says, whatever the bucket's default is; the product always names its key."""
    head = account.client("s3").head_object(Bucket=account.name("results-bucket"), Key=transcript)
    assert head["ServerSideEncryption"] == "AES256"


def test_one_of_the_profiles_is_active_and_stays_in_europe(account: Account) -> None:
    """20.4: where a profile may send a call, as AWS itself says."""
    steps = [each for phase in SHIPPED["phases"] for each in phase["steps"]]
    candidates = next(each["candidates"] for each in steps if each["id"] == "summary-model")
    bedrock = account.client("bedrock")
    there = {each["inferenceProfileId"]: each for each in _profiles(bedrock)}
    active = [there[each] for each in candidates if each in there and there[each]["status"] == "ACTIVE"]
    assert active
    routed = {model["modelArn"].split(":")[3] for each in active for model in each["models"]}
    assert all(region.startswith("eu-") for region in routed), routed


def test_the_price_of_transcribe_is_the_one_that_results_tell(account: Account) -> None:
    """20.5: a price a second in the price list, ours a minute."""
    filters = [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION}]
    pages = account.client("pricing").get_paginator("get_products").paginate(ServiceCode="transcribe", Filters=filters)
    prices = {price for page in pages for each in page["PriceList"] for price in _usd(json.loads(each))}
    assert round(TRANSCRIBE_USD_A_MINUTE / 60, 6) in {round(each, 6) for each in prices}


def test_a_field_with_a_hyphen_can_be_asked_for_in_quotes(account: Account) -> None:
    """20.6: names of fields inside of structs, in Athena."""
    asked = account("query", """SELECT CAST(ROW(1) AS ROW("a-b" integer))."a-b" AS told""", "--json")
    assert asked.code == 0, asked.err
    assert asked.json["rows"] == [[1]]


@pytest.fixture
def transcript(account: Account) -> Iterator[str]:
    """Key of the transcript of a job that was started without a key; its name is none that the rule listens to."""
    transcribe, name = account.client("transcribe"), f"live-{account.run.id}"
    key = f"tmp/live/{name}.json"
    source = account.client("s3").list_objects_v2(Bucket=account.name("input-bucket"), Prefix="demo-tenant/calls/")
    recording = next(each["Key"] for each in source["Contents"] if each["Size"])
    transcribe.start_transcription_job(
        TranscriptionJobName=name,
        Media={"MediaFileUri": f"s3://{account.name('input-bucket')}/{recording}"},
        LanguageCode="en-GB",
        OutputBucketName=account.name("results-bucket"),
        OutputKey=key,
        Settings={"ChannelIdentification": True},  # as the pipeline's: the sandbox has heard that
    )
    try:
        assert _ended(transcribe, name) == "COMPLETED"
        yield key
    finally:
        transcribe.delete_transcription_job(TranscriptionJobName=name)


def _ended(transcribe: Any, name: str) -> str:
    """How the job ended; its last state when it did not."""
    until, state = time.monotonic() + _PATIENCE_S, "QUEUED"
    while state in ("QUEUED", "IN_PROGRESS") and time.monotonic() < until:
        time.sleep(_PAUSE_S)
        found = transcribe.get_transcription_job(TranscriptionJobName=name)
        state = found["TranscriptionJob"]["TranscriptionJobStatus"]
    return str(state)


def _profiles(bedrock: Any) -> Iterator[dict[str, Any]]:
    for page in bedrock.get_paginator("list_inference_profiles").paginate():
        yield from page["inferenceProfileSummaries"]


def _usd(product: dict[str, Any]) -> Iterator[float]:
    """Every on-demand price of a product of the price list, in USD."""
    for term in product["terms"].get("OnDemand", {}).values():
        for each in term["priceDimensions"].values():
            yield float(each["pricePerUnit"].get("USD", "nan"))
