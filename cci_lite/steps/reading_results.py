"""The right to read the results of some tenants and nothing else in S3. Not a step; knows aws.site and inline_policy.

IAM takes 10,240 characters in all inline policies of a role: with the bucket in each of ninety tenants' lines that is
too little. So each line says what a result's key looks like in any bucket, and two denials say which bucket it is and
that no key with more slashes than a result's can be meant: a `*` alone would also stand for folders.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cci_lite.aws.site import Site
from cci_lite.steps.inline_policy import allow

_READ = ("s3:GetObject",)
#: Below the tenant: YYYY/MM/DD/CALL.json.
_DAY = "2???/??/??/*"
#: A key with one slash more than TENANT/YYYY/MM/DD/CALL.json.
_DEEPER = "*/*/*/*/*/*"


def read_results(site: Site, results: str, tenants: Iterable[str]) -> list[dict[str, Any]]:
    """Statements. They deny other buckets and deeper keys, also where the rest of the policy allows s3:GetObject."""
    bucket = site.bucket_arn(results)
    denial = {"Effect": "Deny", "Action": list(_READ)}
    return [
        allow("ReadResults", _READ, *(f"{site.bucket_arn('*')}/{each}/{_DAY}" for each in tenants)),
        {"Sid": "NoOtherBucket", **denial, "NotResource": [f"{bucket}/*"]},
        {"Sid": "NothingDeeper", **denial, "Resource": [f"{bucket}/{_DEEPER}"]},
    ]
