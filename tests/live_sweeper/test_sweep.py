"""What a lost live run left behind goes, all of it, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from cci_lite.runbook import Runbook, load
from cci_lite.steps import REGISTRY
from tests.live import runs, things
from tests.live.sweep import chosen, main, span, sweep
from tests.live.things import KINDS, Client, Thing
from tests.world import ACCOUNT, ROOT, World, account, reasons

RUN, OTHER = runs.Run("2611241345ab12"), runs.Run("2611241545cd34")
NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
OURS = {"cci-lite:created-by": "cci-lite", "Project": "CCI-Lite"}


def thing(name: str, **tags: str) -> Thing:
    return Thing("queue", name, {key.replace("_", "-"): value for key, value in tags.items()})


FOUND = [
    thing("cci-lite-production"),
    thing("older", cci_lite_live_run=RUN.id),
    thing("younger", cci_lite_live_run=OTHER.id),
    thing("odd", cci_lite_live_run="yes"),
]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["older", "younger"]),
        ({"age": timedelta(hours=2)}, ["older"]),
        ({"age": timedelta(minutes=135)}, ["older"]),
        ({"age": timedelta(minutes=136)}, []),
        ({"run": OTHER.id}, ["younger"]),
        ({"run": "production"}, []),
    ],
)
def test_only_what_carries_a_run_s_tag_is_chosen(asked: dict[str, Any], names: list[str]) -> None:
    assert [each.ref for each in chosen(FOUND, NOW, **asked)] == names


def test_spans_of_time() -> None:
    assert (span("90m"), span("2h"), span("3d")) == (timedelta(minutes=90), timedelta(hours=2), timedelta(days=3))
    for text in ("2", "h", "-1h", "1.5h", "2 h", ""):
        with pytest.raises(ValueError, match="no span of time"):
            span(text)


def runbook(run: runs.Run, folder: Path) -> Runbook:
    path = folder / "runbook.yaml"
    path.write_text(yaml.safe_dump(runs.runbook_of(run, yaml.safe_load((ROOT / "runbook.yaml").read_text()))))
    return load(path, REGISTRY)


@pytest.fixture
def left(tmp_path: Path) -> Iterator[World]:
    """An account with a person's own things, and all of a live run that was lost before its teardown."""
    with account(runbook(RUN, tmp_path)) as world:
        _foreign(world.rules.look)
        assert reasons(world.provision()) == {}
        _crawler(world.rules.look)
        yield world


@pytest.fixture
def look() -> Iterator[Client]:
    """Clients of an empty account."""
    with account() as world:
        yield world.rules.look


def _crawler(client: Client) -> None:
    """As the runbook's commented steps would make one."""
    client("glue").create_crawler(
        Name=RUN.named("cci-lite-results-crawler"),
        Role="cci-lite-glue-role",
        DatabaseName=RUN.named("cci-lite-db"),
        Targets={"S3Targets": [{"Path": "s3://results/"}]},
        Tags={**OURS, runs.TAG: RUN.id},
    )


def _foreign(client: Client) -> None:
    """Things that look like ours by name or by the product's own tags, but that no live run made."""
    client("sqs").create_queue(QueueName=RUN.named("cci-lite-processor-failures") + "-mine", tags=OURS)
    client("sns").create_topic(Name="cci-lite-alarms", Tags=[{"Key": "cci-lite-live-run", "Value": "mine"}])
    client("ssm").put_parameter(Name="/cci-lite/config/models", Value="{}", Type="String")
    client("iam").create_role(RoleName="cci-lite-lambda-role", AssumeRolePolicyDocument="{}")
    client("kms").create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in OURS.items()])
    client("logs").create_log_group(logGroupName="/aws/lambda/cci-lite-processor", tags=OURS)


def test_everything_of_the_run_goes_and_all_else_stays(left: World, capsys: pytest.CaptureFixture[str]) -> None:
    look = left.rules.look
    before = things.everything(look)
    doomed = chosen(before, NOW)
    assert {each.kind for each in doomed} == {each.name for each in KINDS}
    assert sweep(look, doomed, print) == []
    assert things.everything(look) == [each for each in before if each not in doomed]
    assert capsys.readouterr().out.count("removed ") == len(doomed) == 16


def test_without_yes_it_is_listed_and_nothing_is_written(
    left: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCI_LITE_LIVE_ACCOUNT", ACCOUNT)
    run = partial(main, client=left.rules.look, now=NOW)
    before = things.everything(left.rules.look)
    assert run([]) == 3
    told = capsys.readouterr().out.splitlines()
    assert f"function cci-lite-{RUN.id}-processor (run {RUN.id})" in told and len(told) == 16
    assert things.everything(left.rules.look) == before
    assert run(["--older-than", "3h", "--yes"]) == 0 and run(["--run", OTHER.id, "--yes"]) == 0
    assert things.everything(left.rules.look) == before
    assert run(["--yes"]) == 0
    capsys.readouterr()
    assert run([]) == 0 and capsys.readouterr().out == "nothing is left\n"


def test_another_account_than_the_pinned_one_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with account() as world:
        for pinned in (None, "111122223333"):
            monkeypatch.delenv("CCI_LITE_LIVE_ACCOUNT", raising=False)
            if pinned:
                monkeypatch.setenv("CCI_LITE_LIVE_ACCOUNT", pinned)
            assert main(["--yes"], client=world.rules.look, now=NOW) == 2
            assert (
                f"belong to account {ACCOUNT}, CCI_LITE_LIVE_ACCOUNT is {pinned or 'not set'}"
                in capsys.readouterr().err
            )


def test_one_that_cannot_be_removed_is_named_and_does_not_keep_the_others(look: Client) -> None:
    look("sqs").create_queue(QueueName="ours", tags={runs.TAG: RUN.id})
    doomed = [Thing("function", "gone-meanwhile", {}), *chosen(things.everything(look), NOW)]
    failed = sweep(look, doomed, lambda text: None)
    assert len(failed) == 1 and failed[0].startswith("function gone-meanwhile: ")
    assert things.everything(look) == []


def test_a_bucket_goes_with_versions_and_markers_and_unfinished_uploads(look: Client) -> None:
    s3, bucket = look("s3"), f"cci-lite-{RUN.id}-results"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key="twice", Body=body)
    s3.delete_object(Bucket=bucket, Key="twice")
    s3.create_multipart_upload(Bucket=bucket, Key="unfinished")
    aborted: list[str] = []  # moto deletes a bucket with unfinished uploads in it; S3 does not
    told = "before-parameter-build.s3.AbortMultipartUpload"
    s3.meta.events.register(told, lambda params, **_: aborted.append(params["Key"]))
    assert sweep(look, [Thing("bucket", bucket, {})], lambda text: None) == []
    assert aborted == ["unfinished"]
    assert bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]


def test_a_key_is_scheduled_for_deletion_and_its_alias_is_free_at_once(look: Client) -> None:
    kms, alias = look("kms"), RUN.named("alias/cci-lite-master-key")
    made = kms.create_key(Tags=[{"TagKey": runs.TAG, "TagValue": RUN.id}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=made)
    (key,) = chosen(things.everything(look), NOW)
    assert sweep(look, [key], lambda text: None) == []
    assert kms.describe_key(KeyId=key.ref)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert alias not in [each["AliasName"] for each in kms.list_aliases()["Aliases"]]
    assert key not in things.everything(look)


def test_a_thing_that_keeps_us_out_is_told_of_and_left_alone(
    look: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCI_LITE_LIVE_ACCOUNT", ACCOUNT)
    sqs = look("sqs")
    url = sqs.create_queue(QueueName="closed")["QueueUrl"]
    read = sqs.list_queue_tags
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListQueueTags")

    def closed(QueueUrl: str) -> Any:
        if QueueUrl == url:
            raise denied
        return read(QueueUrl=QueueUrl)

    monkeypatch.setattr(sqs, "list_queue_tags", closed)
    assert main(["--yes"], client=look, now=NOW) == 0
    assert capsys.readouterr().err == f"not looked at, its own policy denies it: queue {url}\n"
    assert url in sqs.list_queues()["QueueUrls"]
