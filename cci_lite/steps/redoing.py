"""Asking the function to do a finished call again. Not a step; knows aws.cloud and the payload's names.

The function is invoked asynchronously, with its own role: the operator needs lambda:InvokeFunction.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cci_lite.aws.cloud import Cloud
from cci_lite.steps import recordings
from cci_lite.steps.recordings import Buckets

_RESULT = re.compile(r"(?P<tenant>[^/]+)/(?P<day>\d{4}/\d\d/\d\d)/(?P<call>[^/]+)\.json")


@dataclass(frozen=True)
class Place:
    """Where a result lies; day: YYYY/MM/DD."""

    tenant: str
    day: str
    call: str

    @property
    def key(self) -> str:
        return f"{self.tenant}/{self.day}/{self.call}.json"


@dataclass(frozen=True)
class Answer:
    """What became of a wish: the new result, or the recorded reason why there is none."""

    result: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None


def results(cloud: Cloud, buckets: Buckets, tenants: Iterable[str]) -> list[Place]:
    """Each call's newest result. Reads pages of the tenants' results."""
    newest: dict[tuple[str, str], tuple[Any, Place]] = {}
    for tenant in tenants:
        which = {"Bucket": buckets.results, "ExpectedBucketOwner": cloud.site.account, "Prefix": f"{tenant}/2"}
        for each in cloud.pages("s3", "list_objects_v2", "Contents", **which):
            if (found := _RESULT.fullmatch(each["Key"])) is not None:
                place, moment = Place(**found.groupdict()), each["LastModified"]
                before = newest.get((tenant, place.call))
                if before is None or moment > before[0]:
                    newest[tenant, place.call] = moment, place
    return [place for _, place in newest.values()]


def ask(cloud: Cloud, function: str, place: Place, stage: str) -> str:
    """Invoke the function; the id of the wish, by which its answer is known."""
    request = uuid.uuid4().hex
    event = {"cci-lite": "redo", "tenant": place.tenant, "call": place.call, "day": place.day}
    payload = json.dumps({**event, "from": stage, "request": request}).encode()
    cloud.write("lambda", "invoke", FunctionName=function, InvocationType="Event", Payload=payload)
    return request


def answer(cloud: Cloud, buckets: Buckets, place: Place, request: str) -> Answer | None:
    """What became of the wish, None while nothing has."""
    result = recordings.document(cloud, buckets, place.key) or {}
    redone = (result.get("provenance") or {}).get("redone") or {}
    if redone.get("request") == request:
        return Answer(result=result)
    failed = recordings.failure(cloud, buckets, place.tenant, place.call)
    return Answer(failure=failed) if failed and failed.get("request") == request else None
