"""What QuickSight refuses, and what it takes and then fails at. Source: aws-facts 12, botocore's model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal
from tests.aws_rules.athena import _found as _workgroup
from tests.aws_rules.principals import _known

if TYPE_CHECKING:
    from tests.aws_rules import Rules

Params = Mapping[str, Any]

#: Users, groups and the subscription: only in the identity region.
_IDENTITY = ("DescribeAccountSubscription", "ListGroups")
_MANUAL_A_DAY = 32
#: ResourcePermissionList; UpdateResourcePermissionList, which only analyses and dashboards have.
_PERMISSIONS, _CHANGED_PERMISSIONS = 64, 100


def who_and_where(rules: Rules, operation: str, region: str) -> Answer | None:
    """Nothing is there before somebody has signed up; identities are looked up at home."""
    q = rules.quicksight
    if not q.edition:
        text = f"Directory information for account {rules.account} is not found."
        return refusal("ResourceNotFoundException", text, 404)
    if operation in _IDENTITY and region != q.region:
        text = f"Operation is being called from endpoint {region}, but your identity region is {q.region}. "
        return refusal("AccessDeniedException", f"{text}Please use the {q.region} endpoint.", 401)
    if operation == "CreateRefreshSchedule" and q.edition == "STANDARD":
        return refusal("UnsupportedUserEditionException", "This feature needs the Enterprise edition.", 403)
    return None


def of_write(rules: Rules, noun: str, params: Params) -> Answer | None:
    """What a create or an update is refused for at once."""
    permissions = params.get("Permissions", [])
    refused = _too_many("permissions", permissions, _PERMISSIONS) or _principals(rules, permissions)
    if refused is None and noun == "DataSet":
        refused = _source(rules, params) or _rules_data_set(rules, params)
    return refused


def of_grants(rules: Rules, noun: str, params: Params) -> Answer | None:
    """What a change of permissions is refused for."""
    most = _CHANGED_PERMISSIONS if noun in ("Analysis", "Dashboard") else _PERMISSIONS
    granted, revoked = (params.get(f"{each}Permissions", []) for each in ("Grant", "Revoke"))
    refused = _too_many("grantPermissions", granted, most) or _too_many("revokePermissions", revoked, most)
    return refused or _principals(rules, granted)


def _too_many(name: str, permissions: list[Params], most: int) -> Answer | None:
    if len(permissions) <= most:
        return None
    text = f"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length less"
    return _invalid(f"{text} than or equal to {most}")


def _principals(rules: Rules, permissions: list[Params]) -> Answer | None:
    known = {rules.quicksight.group(rules, each) for each in rules.quicksight.groups}
    for each in permissions:
        if each["Principal"] not in known:
            return _invalid(f"The principal {each['Principal']} does not exist")
    return None


def of_ingestion(rules: Rules, params: Params) -> Answer | None:
    """Ids are used once, and so many are started by hand within a day."""
    begun = rules.quicksight.ingestions.get(params["DataSetId"], [])
    if any(each["IngestionId"] == params["IngestionId"] for each in begun):
        return refusal("ResourceExistsException", "An ingestion of this id exists", 409)
    since = rules.clock.utc() - timedelta(days=1)
    if sum(each["RequestSource"] == "MANUAL" and each["CreatedTime"] > since for each in begun) >= _MANUAL_A_DAY:
        return refusal("LimitExceededException", "You have exceeded the number of manual ingestions in 24 hours", 409)
    return None


def errors_of(rules: Rules, noun: str, params: Params) -> dict[str, Any]:
    """What goes wrong after the request was taken: ErrorInfo of data sources, Errors of what has a definition."""
    if noun == "DataSource":
        told = _connection(rules, params["DataSourceParameters"]["AthenaParameters"])
        return {"ErrorInfo": {"Type": told[0], "Message": told[1]}} if told else {}
    errors = [{"Type": kind, "Message": text} for kind, text in _definition(rules, params["Definition"])]
    return {"Errors": errors} if errors else {}


def _source(rules: Rules, params: Params) -> Answer | None:
    """The data source has to be there and to work, and a table's columns need a type each."""
    for table in params["PhysicalTableMap"].values():
        (shape,) = table.values()
        found = rules.quicksight.things.get(shape["DataSourceArn"])
        if found is None or found["Status"].endswith("FAILED"):
            return _invalid(f"The data source {shape['DataSourceArn']} does not exist or does not work")
    return None


def _rules_data_set(rules: Rules, params: Params) -> Answer | None:
    wanted = params.get("RowLevelPermissionDataSet")
    if wanted is None:
        return None
    if rules.quicksight.edition == "STANDARD":
        return refusal("UnsupportedUserEditionException", "Row-level security needs the Enterprise edition.", 403)
    if wanted["PermissionPolicy"] == "DENY_ACCESS":
        return _invalid("DENY_ACCESS is not supported for new RLS datasets")
    found = rules.quicksight.things.get(wanted["Arn"])
    if found is None or found.get("UseAs") != "RLS_RULES":
        return _invalid(f"The rules dataset {wanted['Arn']} does not exist or is none")
    restricted = set(columns(found)) - {"GroupName", "UserName"}
    if len(restricted) == len(columns(found)) or not restricted <= columns(params).keys():
        return _invalid("The rules dataset names nobody, or a column that the dataset does not have")
    return None


def columns(data_set: Params) -> dict[str, str]:
    """Name -> type of a data set's columns, after its transformations."""
    (physical,), (logical,) = data_set["PhysicalTableMap"].values(), data_set["LogicalTableMap"].values()
    (table,) = physical.values()
    found = {each["Name"]: each["Type"] for each in table.get("InputColumns", table.get("Columns", []))}
    for each in logical.get("DataTransforms", []):
        if "RenameColumnOperation" in each:
            found[each["RenameColumnOperation"]["NewColumnName"]] = found.pop(
                each["RenameColumnOperation"]["ColumnName"]
            )
        if "CastColumnTypeOperation" in each:
            found[each["CastColumnTypeOperation"]["ColumnName"]] = each["CastColumnTypeOperation"]["NewColumnType"]
    return found


def _connection(rules: Rules, athena: Params) -> tuple[str, str] | None:
    """QuickSight assumes the role and asks the workgroup."""
    if rules.quicksight.denied:
        rules.quicksight.denied -= 1
        return "ACCESS_DENIED", "Access denied by IAM"
    arn, iam = athena["RoleArn"], rules.look("iam")
    if not _known(rules, arn):
        return "ACCESS_DENIED", f"{arn} cannot be assumed"
    role = iam.get_role(RoleName=arn.rsplit("/", 1)[-1])["Role"]
    if "quicksight.amazonaws.com" not in json.dumps(role["AssumeRolePolicyDocument"]):
        return "ACCESS_DENIED", f"{arn} does not trust quicksight.amazonaws.com"
    if not iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
        return "ACCESS_DENIED", f"{arn} may do nothing"
    if _workgroup(rules, athena["WorkGroup"]) is None:
        return "GENERIC_SQL_FAILURE", f"WorkGroup {athena['WorkGroup']} is not found."
    return None


def _definition(rules: Rules, definition: Params) -> Iterator[tuple[str, str]]:
    """Every data set, column and type that a definition speaks of; ids of fields and visuals may not repeat."""
    data_sets = {}
    for each in definition["DataSetIdentifierDeclarations"]:
        found = rules.quicksight.things.get(each["DataSetArn"])
        if found is None:
            yield "DATA_SET_NOT_FOUND", each["DataSetArn"]
            return
        data_sets[each["Identifier"]] = columns(found)
    seen: set[str] = set()
    for kind, part in _parts(definition["Sheets"]):
        id_ = part.get("FieldId") if "Column" in part else part.get("VisualId")
        if id_ in seen:
            yield "PARAMETER_VALUE_INCOMPATIBLE", f"{id_} is there twice"
        seen |= {id_} if id_ else set()
        if "Column" in part:
            yield from _column(data_sets[part["Column"]["DataSetIdentifier"]], kind, part["Column"]["ColumnName"])


def _column(known: Mapping[str, str], kind: str, name: str) -> Iterator[tuple[str, str]]:
    if name not in known:
        yield "COLUMN_REPLACEMENT_MISSING", f"there is no column {name}"
        return
    fitting = {"NumericalMeasureField": ("INTEGER", "DECIMAL"), "DateDimensionField": ("DATETIME",)}
    if known[name] not in fitting.get(kind, (known[name],)):
        yield "COLUMN_TYPE_MISMATCH", f"{name} is {known[name]}"


def _parts(value: Any, kind: str = "") -> Iterator[tuple[str, Params]]:
    """Every structure inside, with the name of the member it is."""
    if isinstance(value, Mapping):
        yield kind, value
        for name, each in value.items():
            yield from _parts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _parts(each, kind)


def _invalid(text: str) -> Answer:
    return refusal("InvalidParameterValueException", text)
