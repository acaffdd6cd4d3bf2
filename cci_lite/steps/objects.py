"""Objects in a bucket: listing, emptying. Not a step; knows aws.cloud.

Emptying takes versions, delete markers and unfinished uploads (aws-facts 16): DeleteBucket refuses while any is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

from cci_lite.aws.cloud import Cloud

_BATCH = 1000
#: How the names of the sample call's files begin, in every bucket; its recording; and what they are in full.
SAMPLE = "cci-lite-sample"
RECORDING = f"{SAMPLE}.wav"
_SAMPLES = re.compile(rf"(.*/)?({re.escape(RECORDING)}|{SAMPLE}-[0-9a-f]{{12}}\.json)")


class NotDeleted(Exception):
    """S3 answered DeleteObjects with 200 and refused some of the objects."""


def only_ours(cloud: Cloud, bucket: str) -> bool:
    """Whether the bucket holds nothing that could be a customer's."""
    which = {"Bucket": bucket, "ExpectedBucketOwner": cloud.site.account}
    for page in cloud.client("s3").get_paginator("list_object_versions").paginate(**which):
        if page.get("DeleteMarkers"):
            return False
        if not all(_ours(each) for each in page.get("Versions", [])):
            return False
    return not cloud.read("s3", "list_multipart_uploads", **which).get("Uploads")


def delete_all(cloud: Cloud, bucket: str, *, whose: Literal["anybody", "ours"]) -> None:
    """Delete every version, delete marker and unfinished upload; of "ours", what `only_ours` does not count.

    Raises NotDeleted when S3 keeps some.
    """
    which = {"Bucket": bucket, "ExpectedBucketOwner": cloud.site.account}
    if whose == "anybody":
        for upload in cloud.pages("s3", "list_multipart_uploads", "Uploads", **which):
            cloud.write("s3", "abort_multipart_upload", **which, Key=upload["Key"], UploadId=upload["UploadId"])
    delete(cloud, bucket, _versions(cloud, which, whose))


def delete(cloud: Cloud, bucket: str, items: Iterator[dict[str, str]]) -> None:
    """Delete objects given as {"Key", "VersionId"}, a thousand at a time, looking at each answer."""
    while batch := list(islice(items, _BATCH)):
        answer = cloud.write(
            "s3",
            "delete_objects",
            Bucket=bucket,
            ExpectedBucketOwner=cloud.site.account,
            Delete={"Objects": batch, "Quiet": True},
        )
        if answer.get("Errors"):
            first = answer["Errors"][0]
            raise NotDeleted(
                f"{len(answer['Errors'])} objects stay, first {first['Key']}: {first['Code']} {first['Message']}"
            )


def _versions(cloud: Cloud, which: dict[str, str], whose: str) -> Iterator[dict[str, str]]:
    for page in cloud.client("s3").get_paginator("list_object_versions").paginate(**which):
        markers = page.get("DeleteMarkers", []) if whose == "anybody" else []
        versions = (each for each in page.get("Versions", []) if whose == "anybody" or _ours(each))
        for each in [*versions, *markers]:
            yield {"Key": each["Key"], "VersionId": each["VersionId"]}


def _ours(version: dict[str, Any]) -> bool:
    """Folder markers, probes, the sample call's own files, and copies: `tmp/` of the pipeline, Athena's answers."""
    key = str(version["Key"])
    marker = key.endswith("/") and version["Size"] == 0
    return marker or key.startswith(("_cci-probe/", "tmp/", "athena-results/")) or is_sample(key)


def is_sample(key: str) -> bool:
    """Whether it is a file of the sample call: a customer's call may be named alike, and is not."""
    return _SAMPLES.fullmatch(key) is not None
