"""Athena over results in S3: projected partitions, the workgroup's own settings, errors in Athena's words."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sandbox.conftest import Account, allow, refusal, until

COLUMNS = {"call_id": "string", "sentiment_label": "string", "duration_s": "double", "turns_count": "bigint"}
PLAIN = {"call_id": "c", "sentiment_label": "NEUTRAL", "duration_s": 1.5, "turns_count": 3}


@dataclass(frozen=True)
class Catalog:
    """A bucket with results, a table over it, and a workgroup, all of one name."""

    aws: Account
    name: str
    bucket: str
    key: str

    def put(self, key: str, body: str) -> None:
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body.encode())

    def result(self, key: str, **changes: Any) -> None:
        self.put(key, json.dumps({**PLAIN, **changes}) + "\n")

    def encrypted(self, key: str) -> None:
        """A result under the key."""
        sse = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.key}
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=json.dumps(PLAIN).encode(), **sse)

    def run(self, sql: str, who: Account | None = None, **params: Any) -> dict[str, Any]:
        """The execution, once it has ended."""
        athena = (who or self.aws).client("athena")
        given = {"WorkGroup": self.name, "QueryExecutionContext": {"Database": self.name}, **params}
        query = athena.start_query_execution(QueryString=sql, **given)["QueryExecutionId"]

        def ended() -> Any:
            found = self.aws.client("athena").get_query_execution(QueryExecutionId=query)["QueryExecution"]
            return found if found["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED") else None

        found: dict[str, Any] = until(ended)
        return found

    def rows(self, sql: str) -> list[list[str | None]]:
        """The rows below the header."""
        done = self.run(sql)
        assert done["Status"]["State"] == "SUCCEEDED", done["Status"]["StateChangeReason"]
        found = self.aws.client("athena").get_query_results(QueryExecutionId=done["QueryExecutionId"])
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in found["ResultSet"]["Rows"]][1:]

    def reason(self, sql: str) -> str:
        done = self.run(sql)
        assert done["Status"]["State"] == "FAILED"
        return str(done["Status"]["StateChangeReason"])

    def change_table(self, tenants: str, **changes: Any) -> None:
        self.aws.client("glue").update_table(DatabaseName=self.name, TableInput=table(self.bucket, tenants, **changes))


OPENX = "org.openx.data.jsonserde.JsonSerDe", {"ignore.malformed.json": "true"}
HIVE = "org.apache.hive.hcatalog.data.JsonSerDe", {"serialization.format": "1"}


def table(bucket: str, tenants: str, serde: tuple[str, dict[str, str]] = HIVE) -> dict[str, Any]:
    return {
        "Name": "results",
        "PartitionKeys": [{"Name": "tenant", "Type": "string"}, {"Name": "dt", "Type": "string"}],
        "StorageDescriptor": {
            "Location": f"s3://{bucket}/",
            "Columns": [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()],
            "SerdeInfo": {"SerializationLibrary": serde[0], "Parameters": serde[1]},
        },
        "Parameters": {
            "projection.enabled": "true",
            "projection.tenant.type": "enum",
            "projection.tenant.values": tenants,
            "projection.dt.type": "date",
            "projection.dt.format": "yyyy/MM/dd",
            "projection.dt.range": "2026/01/01,NOW",
            "storage.location.template": f"s3://{bucket}/${{tenant}}/${{dt}}/",
        },
    }


@pytest.fixture
def catalog(aws: Account, name: str, bucket: str, key: str) -> Catalog:
    made = Catalog(aws, name, bucket, key)
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_table(DatabaseName=name, TableInput=table(bucket, "acme,globex"))
    encryption = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    output = {"OutputLocation": f"s3://{bucket}/athena-results/", "EncryptionConfiguration": encryption}
    configuration = {"EnforceWorkGroupConfiguration": True, "ResultConfiguration": output}
    aws.client("athena").create_work_group(Name=name, Configuration=configuration)
    return made


def test_a_result_is_a_row_the_moment_it_lands(catalog: Catalog) -> None:
    assert catalog.rows("SELECT * FROM results") == []
    catalog.result("acme/2026/02/03/a.json", call_id="a")
    assert catalog.rows("SELECT * FROM results") == [["a", "NEUTRAL", "1.5", "3", "acme", "2026/02/03"]]
    catalog.result("globex/2026/03/04/b.json", call_id="b", sentiment_label=None)
    named = f'SELECT call_id, sentiment_label FROM "{catalog.name}"."results" ORDER BY 1 DESC'
    assert catalog.rows(named) == [["b", None], ["a", "NEUTRAL"]]


def test_only_projected_partitions_are_rows(catalog: Catalog) -> None:
    others = ("tmp/acme/job/asr.json", "athena-results/x.json", "acme/_failed/c.json", "_failed/d.json")
    for key in (*others, "stranger/2026/02/03/e.json", "acme/2025/12/31/f.json", "acme/2026/02/30/g.json"):
        catalog.result(key)
    catalog.result("acme/2026/02/03/_hidden.json")
    assert catalog.rows("SELECT * FROM results") == []
    catalog.change_table("acme,globex,stranger")
    assert catalog.rows("SELECT tenant FROM results") == [["stranger"]]


def test_partitions_can_be_asked_for(catalog: Catalog) -> None:
    for tenant, day in (("acme", "2026/02/03"), ("acme", "2026/02/04"), ("globex", "2026/02/04")):
        catalog.result(f"{tenant}/{day}/a.json")
    assert catalog.rows("SELECT count(*) FROM results WHERE tenant = 'acme' AND dt >= '2026/02/04'") == [["1"]]
    assert catalog.rows("SELECT dt, count(*) FROM results GROUP BY 1 ORDER BY 1") == [
        ["2026/02/03", "1"],
        ["2026/02/04", "2"],
    ]


def test_a_line_that_is_no_json_ends_a_query(catalog: Catalog) -> None:
    catalog.result("acme/2026/02/03/good.json")
    catalog.put("acme/2026/02/03/bad.json", '{"call_id": "cut of')
    assert catalog.reason("SELECT count(*) FROM results") == "HIVE_CURSOR_ERROR: Row is not a valid JSON Object"


def test_a_table_may_let_malformed_lines_pass_as_rows_of_nulls(catalog: Catalog) -> None:
    catalog.change_table("acme", serde=OPENX)
    catalog.result("acme/2026/02/03/good.json")
    catalog.put("acme/2026/02/03/bad.json", '{"call_id": "cut of')
    assert catalog.rows("SELECT count(*), count(call_id) FROM results") == [["2", "1"]]
    found = catalog.rows('SELECT "$path" FROM results WHERE call_id IS NULL')
    assert found == [[f"s3://{catalog.bucket}/acme/2026/02/03/bad.json"]]


def test_a_value_of_another_type_ends_the_query(catalog: Catalog) -> None:
    catalog.result("acme/2026/02/03/a.json", duration_s="long")
    assert catalog.reason("SELECT * FROM results").startswith("HIVE_BAD_DATA: Error parsing a column in the table")


def test_json_that_does_not_parse_is_null_where_athena_says_so(catalog: Catalog) -> None:
    texts = """(VALUES ('{"a": "x"}'), ('{"a": "x", "b"'), ('prose')) AS texts (t)"""
    assert catalog.rows(f"SELECT json_extract_scalar(try(json_parse(t)), '$.a') FROM {texts}") == [
        ["x"],
        [None],
        [None],
    ]
    assert catalog.rows(f"SELECT json_extract_scalar(t, '$.a') FROM {texts} WHERE t = 'prose'") == [[None]]
    assert catalog.reason("SELECT json_parse('prose')").startswith("INVALID_CAST_ARGUMENT: ")


def test_what_goes_wrong_inside_ends_the_query_too(catalog: Catalog) -> None:
    unready = table(catalog.bucket, "acme")
    del unready["Parameters"]["projection.dt.range"]
    catalog.aws.client("glue").update_table(DatabaseName=catalog.name, TableInput=unready)
    catalog.result("acme/2026/02/03/a.json")
    assert catalog.reason("SELECT * FROM results") == "GENERIC_INTERNAL_ERROR: KeyError('projection.dt.range')"


def test_types_and_functions_are_those_of_athena(catalog: Catalog) -> None:
    catalog.result("acme/2026/02/03/a.json")
    sql = (
        "SELECT turns_count / 2, turns_count > 1, from_iso8601_timestamp('2026-02-03T04:05:06Z'),"
        " approx_percentile(duration_s, 0.95), sum(turns_count) FROM results GROUP BY turns_count"
    )
    done = catalog.run(sql)
    found = catalog.aws.client("athena").get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]
    assert [each["Type"] for each in found["ResultSetMetadata"]["ColumnInfo"]] == [
        "bigint",
        "boolean",
        "timestamp",
        "double",
        "bigint",
    ]
    cells = [each["VarCharValue"] for each in found["Rows"][1]["Data"]]
    assert cells == ["1", "true", "2026-02-03 04:05:06.000", "1.5", "3"]


def test_the_answer_is_written_under_the_workgroups_key_and_nowhere_else(catalog: Catalog) -> None:
    catalog.result("acme/2026/02/03/a.json", call_id='say "hi"', sentiment_label=None)
    elsewhere = {"OutputLocation": f"s3://{catalog.bucket}/elsewhere/"}
    done = catalog.run("SELECT call_id, sentiment_label FROM results", ResultConfiguration=elsewhere)
    where = done["ResultConfiguration"]["OutputLocation"]
    assert where == f"s3://{catalog.bucket}/athena-results/{done['QueryExecutionId']}.csv"
    found = catalog.aws.client("s3").get_object(Bucket=catalog.bucket, Key=where.split("/", 3)[3])
    assert found["Body"].read().decode() == '"call_id","sentiment_label"\n"say ""hi""",\n'
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", catalog.key)


def test_bytes_scanned_are_those_of_the_results_and_have_a_limit(catalog: Catalog) -> None:
    catalog.result("acme/2026/02/03/a.json", call_id="x" * 1000)
    size = catalog.aws.client("s3").head_object(Bucket=catalog.bucket, Key="acme/2026/02/03/a.json")["ContentLength"]
    assert catalog.run("SELECT 1 FROM results")["Statistics"]["DataScannedInBytes"] == size
    catalog.put("acme/2026/02/03/large.json", "x" * 10_000_000)
    limit = {"BytesScannedCutoffPerQuery": 10_000_000}
    catalog.aws.client("athena").update_work_group(WorkGroup=catalog.name, ConfigurationUpdates=limit)
    status = catalog.run("SELECT 1 FROM results")["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT foo FROM results", "COLUMN_NOT_FOUND: line 1:8: Column 'foo' cannot be resolved"),
        ("SELECT 1\nFROM nope", "TABLE_NOT_FOUND: line 2:6: Table 'awsdatacatalog.{name}.nope' does not exist"),
        ("SELECT nofn(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nofn' not registered"),
        ("SELECT CAST('x' AS bigint)", "INVALID_CAST_ARGUMENT: "),
        ("DELETE FROM results", "NOT_SUPPORTED: "),
        ("SELECT * FROM read_text('/etc/hostname')", "GENERIC_USER_ERROR: "),
    ],
)
def test_what_cannot_be_answered_fails_with_the_reason(catalog: Catalog, sql: str, reason: str) -> None:
    assert catalog.reason(sql).startswith(reason.format(name=catalog.name))


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
        ("SELECT 1 FROM", "line 1:1: mismatched input '<EOF>'"),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed."),
    ],
)
def test_what_does_not_parse_is_refused_at_once(catalog: Catalog, sql: str, reason: str) -> None:
    start = catalog.aws.client("athena").start_query_execution
    code, message = refusal(start, QueryString=sql, WorkGroup=catalog.name)
    assert code == "InvalidRequestException" and message.startswith(reason)


def test_a_query_needs_an_output_and_a_workgroup_that_is_there_and_enabled(catalog: Catalog) -> None:
    athena = catalog.aws.client("athena")
    code, message = refusal(athena.start_query_execution, QueryString="SELECT 1")
    assert code == "InvalidRequestException" and message.startswith("No output location provided.")
    _, message = refusal(athena.start_query_execution, QueryString="SELECT 1", WorkGroup="nobodys")
    assert message == "WorkGroup nobodys is not found."
    _, message = refusal(athena.get_work_group, WorkGroup="nobodys")
    assert message == "WorkGroup nobodys is not found."
    athena.update_work_group(WorkGroup=catalog.name, State="DISABLED")
    _, message = refusal(athena.start_query_execution, QueryString="SELECT 1", WorkGroup=catalog.name)
    assert message == f"WorkGroup {catalog.name} is disabled."


def test_a_workgroup_with_a_history_goes_only_with_it(catalog: Catalog) -> None:
    query = catalog.run("SELECT 1 AS one")["QueryExecutionId"]
    athena, answer = catalog.aws.client("athena"), catalog.aws.sandbox.state / f"layer/query-answers/{query}.json"
    _, message = refusal(athena.delete_work_group, WorkGroup=catalog.name)
    assert message == f"WorkGroup {catalog.name} is not empty" and answer.exists()
    athena.delete_work_group(WorkGroup=catalog.name, RecursiveDeleteOption=True)
    refusal(athena.get_work_group, WorkGroup=catalog.name)
    refusal(athena.get_query_execution, QueryExecutionId=query)
    assert not answer.exists()


def test_the_owner_of_the_output_can_be_changed(catalog: Catalog) -> None:
    athena, updates = catalog.aws.client("athena"), {"ExpectedBucketOwner": "111122223333"}
    athena.update_work_group(WorkGroup=catalog.name, ConfigurationUpdates={"ResultConfigurationUpdates": updates})
    output = athena.get_work_group(WorkGroup=catalog.name)["WorkGroup"]["Configuration"]["ResultConfiguration"]
    assert output["ExpectedBucketOwner"] == "111122223333" and output["OutputLocation"].endswith("/athena-results/")


#: What a caller needs -> how the query ends without it.
NEEDED = {
    "glue:GetTable": "is not authorized to perform: glue:GetTable on resource: arn:aws:glue:eu-central-1:111122223333:",
    "s3:GetObject": "PERMISSION_DENIED: Permission denied on S3 path: s3://",
    "kms:Decrypt": "PERMISSION_DENIED: Permission denied on S3 path: s3://",
    "s3:PutObject": "Access denied when writing output to url: s3://",
    "kms:GenerateDataKey": "Access denied when writing output to url: s3://",
}


@pytest.mark.parametrize("missing", [None, *NEEDED])
def test_a_query_reads_and_writes_with_the_rights_of_its_caller(
    catalog: Catalog, role: Any, missing: str | None
) -> None:
    catalog.encrypted("acme/2026/02/03/a.json")
    status = catalog.run("SELECT * FROM results", role(allow("athena:*", *NEEDED.keys() - {missing})))["Status"]
    assert status["State"] == ("SUCCEEDED" if missing is None else "FAILED")
    assert NEEDED.get(missing or "", "") in status["StateChangeReason"]


def test_one_object_that_the_caller_may_not_read_ends_the_query(catalog: Catalog, role: Any) -> None:
    for tenant in ("acme", "globex"):
        catalog.result(f"{tenant}/2026/02/03/a.json")
    theirs = f"arn:aws:s3:::{catalog.bucket}/globex/*"
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": theirs}
    status = catalog.run("SELECT call_id FROM results", role(allow("athena:*", *NEEDED), deny))["Status"]
    reason = f"PERMISSION_DENIED: Permission denied on S3 path: s3://{catalog.bucket}/globex/2026/02/03/a.json"
    assert (status["State"], status["StateChangeReason"]) == ("FAILED", reason)


@pytest.mark.parametrize("pause_s", [0, 0.01, 0.02, 0.04, 0.3])
def test_a_query_that_is_stopped_stays_stopped(catalog: Catalog, pause_s: float) -> None:
    """At whatever moment: the answer comes when nobody works on it any more."""
    athena, endless = catalog.aws.client("athena"), "SELECT count(*) FROM range(9000000) a, range(9000000) b"
    query = athena.start_query_execution(QueryString=f"{endless} WHERE a.range < b.range", WorkGroup=catalog.name)[
        "QueryExecutionId"
    ]
    time.sleep(pause_s)
    athena.stop_query_execution(QueryExecutionId=query)
    status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
    assert status["State"] == "CANCELLED"
    assert catalog.rows("SELECT 1 AS one") == [["1"]]
    assert athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] == "CANCELLED"


@pytest.mark.parametrize("sql", ["DESCRIBE results", "desc `{name}`.`results`"])
def test_describe_answers_three_columns_and_rows_of_one_cell(catalog: Catalog, sql: str) -> None:
    done = catalog.run(sql.format(name=catalog.name))
    assert (done["Status"]["State"], done["StatementType"]) == ("SUCCEEDED", "UTILITY")
    found = catalog.aws.client("athena").get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]
    assert [each["Name"] for each in found["ResultSetMetadata"]["ColumnInfo"]] == ["col_name", "data_type", "comment"]
    assert {len(each["Data"]) for each in found["Rows"]} == {1}
    assert found["Rows"][0]["Data"][0]["VarCharValue"].split("\t") == [
        "call_id".ljust(20),
        "string".ljust(20),
        " " * 20,
    ]


def test_what_is_not_there_cannot_be_described(catalog: Catalog) -> None:
    assert catalog.reason("DESCRIBE nope") == "FAILED: SemanticException [Error 10001]: Table not found nope"


def test_long_answers_come_in_pages_with_one_header(catalog: Catalog) -> None:
    done = catalog.run("SELECT * FROM range(2500) AS numbers(n)")
    pages = catalog.aws.client("athena").get_paginator("get_query_results")
    found = [
        row["Data"][0]["VarCharValue"]
        for page in pages.paginate(QueryExecutionId=done["QueryExecutionId"])
        for row in page["ResultSet"]["Rows"]
    ]
    assert found == ["n", *(str(each) for each in range(2500))]
