"""The shipped runbook in an empty account, phase by phase. These tests build on each other.

pytest takes files by name: policies and open questions come after this, what_is_left is the end.
"""

from __future__ import annotations

from tests.live.account import Account


def test_phase_1_is_made_and_proved(account: Account) -> None:
    ran = account("provision", "--phase", "1", "--json")
    assert ran.code == 0, ran.err
    proved = account("validate", "--phase", "1", "--json")
    assert proved.code == 0, proved.err
    assert {each["status"] for each in proved.json["checks"]} == {"passed"}


def test_phase_2_turns_a_recording_into_a_result(account: Account) -> None:
    """Transcribe's later phase writes with the rights of the function's role (aws-facts 20.2), or this fails."""
    ran = account("provision", "--phase", "2", "--json")
    assert ran.code == 0, ran.err
    results, s3 = account.name("results-bucket"), account.client("s3")
    found = s3.list_objects_v2(Bucket=results, Prefix="demo-tenant/2")["Contents"]
    assert [each["Key"].endswith(".json") for each in found] == [True]
    head = s3.head_object(Bucket=results, Key=found[0]["Key"])
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", account.key_arn)
    queue = account.client("sqs").get_queue_url(QueueName=account.name("processor-failures"))["QueueUrl"]
    waiting = account.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessages"] == "0"


def test_what_was_changed_by_hand_is_named_and_repaired(account: Account) -> None:
    account.client("logs").put_retention_policy(logGroupName=account.name("processor-logs"), retentionInDays=1)
    account.client("s3").delete_bucket_policy(Bucket=account.name("results-bucket"))
    plan = account("plan", "--phase", "1-2", "--check", "--json")
    assert plan.code == 3
    changed = {each["id"]: each["action"] for each in plan.json["steps"] if each["action"] not in ("keep", "none")}
    assert set(changed) == {"processor-logs", "results-tls"}
    assert account("provision", "--phase", "1-2").code == 0


def test_a_second_provision_writes_nothing(account: Account) -> None:
    ran = account("provision", "--phase", "1-2", "--json")
    assert ran.code == 0, ran.err
    assert [each["event"] for each in ran.lines] == ["summary"]


def test_phase_3_shows_the_call_as_a_row(account: Account) -> None:
    ran = account("provision", "--phase", "3")
    assert ran.code == 0, ran.err
    asked = account("query", "SELECT tenant_id, summary, sentiment_label FROM results ORDER BY 1 DESC", "--json")
    assert asked.code == 0, asked.err
    assert [tenant for tenant, *_ in asked.json["rows"]] == ["demo-tenant"]
