"""Glue: a table whose partitions are projected has to say where from. Source: aws-facts 11, Athena's user guide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

#: Days, or counted from NOW: docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
_END = r"\s*(\d{4}/\d\d/\d\d|NOW\s*([+-]\s*\d+\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?\s*)?)"
_RANGE = re.compile(f"{_END},{_END}")


def tables_are_sound(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """A column that is a partition key too, or a projection that is none, ends every query later on AWS."""
    if service != "glue" or operation not in ("CreateTable", "UpdateTable"):
        return None
    table = params["TableInput"]
    columns = [each["Name"] for each in table["StorageDescriptor"]["Columns"]]
    keys = [each["Name"] for each in table.get("PartitionKeys", [])]
    if len({*columns, *keys}) != len(columns) + len(keys):
        return refusal("InvalidInputException", "Duplicate column name")
    given = table.get("Parameters", {})
    if given.get("projection.enabled") == "true":
        for key in keys:
            if f"projection.{key}.type" not in given or f"${{{key}}}" not in given["storage.location.template"]:
                return refusal("InvalidInputException", f"projection of {key} is incomplete")
            if given[f"projection.{key}.type"] == "date" and not _RANGE.fullmatch(given[f"projection.{key}.range"]):
                return refusal("InvalidInputException", f"the range of {key} is none")
    return None


def versions_are_checked(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """UpdateTable with the version of another time changes nothing."""
    if (service, operation) != ("glue", "UpdateTable") or "VersionId" not in params:
        return None
    which = {"DatabaseName": params["DatabaseName"], "Name": params["TableInput"]["Name"]}
    there = rules.look("glue").get_table(**which)["Table"]["VersionId"]
    if there == params["VersionId"]:
        return None
    return refusal("ConcurrentModificationException", "Update table failed due to concurrent modifications.")


def tags_go_with_their_database(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """moto keeps the tags of a database that is gone, and gives them to the next of that name."""
    if (service, operation) == ("glue", "DeleteDatabase"):
        glue, arn = rules.look("glue"), f"arn:aws:glue:{rules.region}:{rules.account}:database/{params['Name']}"
        glue.untag_resource(ResourceArn=arn, TagsToRemove=list(glue.get_tags(ResourceArn=arn)["Tags"]))
    return None
