"""Where QuickSight keeps users, groups and the subscription: one region an account, whatever region its data is in.

Knows aws.cloud. AWS names the region only in its refusal of a call to another one (aws-facts 12); there is no
operation that tells it.
"""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code, message

# "Operation is being called from endpoint eu-central-1, but your identity region is us-east-1. Please use the
# us-east-1 endpoint."
_TOLD = re.compile(r"your identity region is (?P<region>[a-z]{2}(?:-[a-z]+)+-\d)")


def find_identity(cloud: Cloud, operation: str, **params: Any) -> tuple[str, dict[str, Any] | None]:
    """One read about users, groups or the subscription: the region that answered, and the answer (None: no such thing).

    Any other refusal is raised as it is.
    """
    region = cloud.site.region
    which = {"AwsAccountId": cloud.site.account, **params}
    try:
        return region, cloud.find("quicksight", operation, **which)
    except ClientError as error:
        told = told_region(error)
        if told is None:
            raise
        return told, cloud.find("quicksight", operation, region=told, **which)


def told_region(error: ClientError) -> str | None:
    """The identity region, when this refusal names it."""
    found = _TOLD.search(message(error)) if code(error) == "AccessDeniedException" else None
    return found["region"] if found else None
