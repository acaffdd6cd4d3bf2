"""Tags in the forms that AWS answers them in. Knows botocore's ClientError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from botocore.exceptions import ClientError

Tags = Mapping[str, str]
#: Tags of a thing whose own policy keeps us out: it is somebody else's, and is told of.
UNREADABLE: Tags = {"": "may not be read"}
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"})


def pairs(items: Iterable[Mapping[str, str]], key: str = "Key", value: str = "Value") -> Tags:
    """AWS's list form as a mapping; KMS calls the parts TagKey and TagValue."""
    return {each[key]: each[value] for each in items}


def readable(read: Callable[[], Tags]) -> Tags:
    """What `read` answers, or UNREADABLE: policies of buckets, keys, queues and topics may deny even administrators."""
    try:
        return read()
    except ClientError as error:
        if error.response["Error"]["Code"] in _DENIED:
            return UNREADABLE
        raise
