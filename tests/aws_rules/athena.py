"""Athena: workgroups as AWS keeps them, and the validation's two queries, over columns and over whole documents.

moto cannot change a workgroup, finds one that is absent, and answers every query with no rows. Source: aws-facts 11.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from moto.athena.models import athena_backends

from tests.aws_rules.answers import Answer, answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_COLUMNS = ("tenant_id", "summary", "sentiment_label")
_DOCUMENTS = "json_parse(document)"
_TABLE = re.compile(r'"([^"]+)"\."([^"]+)"')


def workgroups(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    name = params.get("WorkGroup", params.get("Name", ""))
    if service != "athena":
        return None
    if operation == "CreateWorkGroup":
        return refusal("InvalidRequestException", "WorkGroup is already created") if _found(rules, name) else None
    if operation in ("GetWorkGroup", "UpdateWorkGroup", "DeleteWorkGroup") and _found(rules, name) is None:
        return refusal("InvalidRequestException", f"WorkGroup {name} is not found.")
    if operation == "UpdateWorkGroup":
        return _updated(rules, params)
    if operation == "DeleteWorkGroup":
        return _deleted(rules, params)
    if operation == "ListTagsForResource":  # moto refuses to list none
        return answer(Tags=_backend(rules).tagger.list_tags_for_resource(params["ResourceARN"])["Tags"])
    return None


def queries(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """A query needs a workgroup with an output; its rows are the results below the table's projected partitions."""
    if service != "athena":
        return None
    if operation == "StartQueryExecution":
        return _refused(rules, params)
    if operation == "GetQueryExecution":
        return _failed(rules, params["QueryExecutionId"])
    if operation == "GetQueryResults":
        sql = _backend(rules).executions[params["QueryExecutionId"]].query
        where = _TABLE.findall(sql)[0]
        columns = ("path", "_col1", "_col2") if _DOCUMENTS in sql else _COLUMNS
        found = _documents(rules, *where) if _DOCUMENTS in sql else _rows(rules, *where)
        info = [{"Name": each, "Type": "varchar"} for each in columns]
        listed = [{"Data": [{} if c is None else {"VarCharValue": c} for c in row]} for row in (columns, *found)]
        return answer(ResultSet={"Rows": listed, "ResultSetMetadata": {"ColumnInfo": info}})
    return None


def _failed(rules: Rules, query: str) -> Answer | None:
    """A line that is no JSON ends a query over columns."""
    sql = _backend(rules).executions[query].query
    where = _TABLE.findall(sql)
    if not where or _DOCUMENTS in sql or all(result is not None for _, result in _lines(rules, *where[0])):
        return None
    status = {"State": "FAILED", "StateChangeReason": "HIVE_CURSOR_ERROR: Row is not a valid JSON Object"}
    return answer(QueryExecution={"QueryExecutionId": query, "Status": status})


def _refused(rules: Rules, params: Mapping[str, Any]) -> Answer | None:
    found = _found(rules, params.get("WorkGroup", "primary"))
    if found is None:
        return refusal("InvalidRequestException", f"WorkGroup {params['WorkGroup']} is not found.")
    output = found.configuration.get("ResultConfiguration", {}).get("OutputLocation")
    if not output and "OutputLocation" not in params.get("ResultConfiguration", {}):
        return refusal("InvalidRequestException", "No output location provided.")
    return None


def _rows(rules: Rules, database: str, table: str) -> list[tuple[str | None, ...]]:
    """At most ten, as the plan's query asks; JSON of something else is a row of nulls."""
    return [tuple((result or {}).get(name) for name in _COLUMNS) for _, result in _lines(rules, database, table)][:10]


def _documents(rules: Rules, database: str, table: str) -> list[tuple[str | None, ...]]:
    """Of five lines, those first that are no result: where it lies, how many of all are results, how many are not."""
    found = [(path, "schema_version" in (result or {})) for path, result in _lines(rules, database, table)]
    good = sum(each for _, each in found)
    listed = sorted(found, key=lambda each: each[1])[:5]
    return [(path, str(good), str(len(found) - good)) for path, _ in listed]


def _lines(rules: Rules, database: str, table: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Path and content of every object below the table's projected partitions; None where it is no JSON."""
    found = rules.look("glue").get_table(DatabaseName=database, Name=table)["Table"]
    if found["Parameters"].get("projection.enabled") != "true":
        return
    tenants = found["Parameters"]["projection.tenant.values"].split(",")
    bucket, s3 = found["StorageDescriptor"]["Location"].split("/")[2], rules.look("s3")
    for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        if re.match(rf"({'|'.join(tenants)})/\d{{4}}/\d\d/\d\d/", each["Key"]):
            text = s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            yield f"s3://{bucket}/{each['Key']}", _parsed(text)


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        return dict(json.loads(text))
    except ValueError:
        return None


def _updated(rules: Rules, params: Mapping[str, Any]) -> Answer:
    found, changes = _found(rules, params["WorkGroup"]), dict(params.get("ConfigurationUpdates", {}))
    output = changes.pop("ResultConfigurationUpdates", {})
    found.state = params.get("State", found.state)
    found.configuration.update(changes)
    found.configuration["ResultConfiguration"] = {**found.configuration.get("ResultConfiguration", {}), **output}
    return answer()


def _deleted(rules: Rules, params: Mapping[str, Any]) -> Answer | None:
    """Not while it has a history, but with the option; moto keeps the tags."""
    backend, name = _backend(rules), params["WorkGroup"]
    if backend.list_query_executions(name) and not params.get("RecursiveDeleteOption"):
        return refusal("InvalidRequestException", f"WorkGroup {name} is not empty")
    backend.tagger.delete_all_tags_for_resource(backend.work_groups[name].arn)
    for each in backend.list_query_executions(name):
        del backend.executions[each]
    return None


def _found(rules: Rules, name: str) -> Any:
    return _backend(rules).work_groups.get(name)


def _backend(rules: Rules) -> Any:
    return athena_backends[rules.account][rules.region]
