"""Lake Formation as nobody has set it up: the catalog is IAM's. Source: aws-facts 11."""

from __future__ import annotations

from collections.abc import Callable

from tests.sandbox.conftest import Account, allow, refusal


def test_new_databases_are_open_to_whom_iam_allows(aws: Account) -> None:
    settings = aws.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    (default,) = settings["CreateDatabaseDefaultPermissions"]
    assert default["Principal"] == {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}
    assert settings["DataLakeAdmins"] == []


def test_who_may_look_is_decided_by_iam(role: Callable[..., Account]) -> None:
    lake = role(allow("glue:*")).client("lakeformation")
    code, message = refusal(lake.get_data_lake_settings)
    assert code == "AccessDeniedException" and "lakeformation:GetDataLakeSettings" in message


def test_nothing_can_be_changed(aws: Account) -> None:
    put = aws.client("lakeformation").put_data_lake_settings
    code, message = refusal(put, DataLakeSettings={"DataLakeAdmins": []})
    assert code == "UnknownOperationException" and "PutDataLakeSettings" in message
