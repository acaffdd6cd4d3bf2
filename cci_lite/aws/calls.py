"""What each AWS call does to an account: reads or writes. Imports nothing; one table, used by guard and recorder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_READ = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search", "Select", "Simulate")

#: Operations whose name sounds like a read but which write, or cost money, or hand out access.
_NOT_READ = frozenset(
    {
        ("athena", "GetSessionEndpoint"),
        ("glue", "GetDashboardUrl"),
        ("glue", "GetSessionEndpoint"),
        ("kms", "GetParametersForImport"),
        ("quicksight", "GetDashboardEmbedUrl"),
        ("quicksight", "GetSessionEmbedUrl"),
        ("ssm", "GetAccessToken"),
        ("sts", "GetDelegatedAccessToken"),
        ("sts", "GetFederationToken"),
        ("sts", "GetSessionToken"),
        ("sts", "GetWebIdentityToken"),
    }
)
#: How botocore gets the credentials of a profile, with clients of the same session; the account stays as it was.
_SIGN_IN = frozenset(
    {
        ("sso-oidc", "CreateToken"),
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoleWithSAML"),
        ("sts", "AssumeRoleWithWebIdentity"),
    }
)


#: How the names of boto3's methods begin that take something away.
_REMOVALS = ("abort_", "delete_", "detach_", "remove_", "unsubscribe")


def is_removal(method: str) -> bool:
    """Whether the call only takes something away, so that finding nothing is success."""
    return method.startswith(_REMOVALS)


def is_read(service: str, operation: str, params: Mapping[str, Any] | None = None) -> bool:
    """Whether the call leaves the account as it was. An invocation of a function only as DryRun."""
    if (service, operation) == ("lambda", "Invoke"):
        return (params or {}).get("InvocationType") == "DryRun"
    if (service, operation) in _SIGN_IN:
        return True
    return operation.startswith(_READ) and (service, operation) not in _NOT_READ
