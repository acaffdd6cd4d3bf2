"""Lake Formation as it is in an account where nobody has set it up: IAM decides who may use the catalog. Hooks.

Source: aws-facts 11. Nothing can be changed; a catalog under Lake Formation is beyond the sandbox.
"""

from __future__ import annotations

from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply, rest_reply

_OPEN = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]


async def serve(call: Call, _: Forward) -> Reply:
    """GetDataLakeSettings; every other operation is unknown."""
    if call.action != "GetDataLakeSettings":
        raise Refusal("UnknownOperationException", f"the sandbox does not know lakeformation {call.action}")
    settings = {"CreateDatabaseDefaultPermissions": _OPEN, "CreateTableDefaultPermissions": _OPEN}
    return rest_reply({"DataLakeSettings": {"DataLakeAdmins": [], **settings}})
