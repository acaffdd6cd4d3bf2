"""Transcribe: what a job needs, what it makes of the media, and who hears of its end."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cci_lite.sandbox import control
from tests.sandbox.conftest import CODE, Account, allow, operator, refusal, silence, until


def job(name: str, media: str = "call.wav", **changed: Any) -> dict[str, Any]:
    request = {
        "TranscriptionJobName": name,
        "Media": {"MediaFileUri": f"s3://jobs-in/t/calls/{media}"},
        "LanguageCode": "en-GB",
        "OutputBucketName": "jobs-out",
        "OutputKey": f"tmp/t/{name}/",
    }
    return {k: v for k, v in {**request, **changed}.items() if v is not None}


def ended(aws: Account, name: str) -> dict[str, Any]:
    transcribe = aws.client("transcribe")

    def end() -> dict[str, Any] | None:
        found: dict[str, Any] = transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
        return found if found["TranscriptionJobStatus"] in ("COMPLETED", "FAILED") else None

    return dict(until(end, 60))


@pytest.fixture(scope="module")
def done(aws: Account, buckets: tuple[str, str]) -> dict[str, Any]:
    """A finished job of the sample call, transcribed once for the whole module."""
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    settings = {"ChannelIdentification": True}
    tags = [{"Key": "Project", "Value": "CCI-Lite"}]
    request = job("done", OutputEncryptionKMSKeyId=key, Settings=settings, Tags=tags)
    started = aws.client("transcribe").start_transcription_job(**request)["TranscriptionJob"]
    assert started["TranscriptionJobStatus"] == "IN_PROGRESS"
    assert "Transcript" not in started
    return {**ended(aws, "done"), "key": key}


def test_a_job_writes_the_spoken_words_where_it_was_told_to(aws: Account, done: dict[str, Any]) -> None:
    assert done["Transcript"] == {
        "TranscriptFileUri": "https://s3.eu-central-1.amazonaws.com/jobs-out/tmp/t/done/done.json"
    }
    written = aws.client("s3").get_object(Bucket="jobs-out", Key="tmp/t/done/done.json")
    document = json.load(written["Body"])
    said = (CODE / "sample" / "truth.txt").read_text().lower().split()
    heard = document["results"]["transcripts"][0]["transcript"].lower().split()
    assert len(set(said) & set(heard)) > 0.7 * len(set(said))
    assert document["jobName"] == "done"
    assert document["accountId"] == "111122223333"


def test_the_output_is_under_the_key_the_job_was_given(aws: Account, done: dict[str, Any]) -> None:
    shown = aws.client("s3").head_object(Bucket="jobs-out", Key="tmp/t/done/done.json")
    assert (shown["ServerSideEncryption"], shown["SSEKMSKeyId"]) == ("aws:kms", done["key"])


def test_a_job_tells_its_media_language_settings_tags_and_times(done: dict[str, Any]) -> None:
    assert done["Media"] == {"MediaFileUri": "s3://jobs-in/t/calls/call.wav"}
    assert done["LanguageCode"] == "en-GB"
    assert done["Settings"] == {"ChannelIdentification": True}
    assert done["Tags"] == [{"Key": "Project", "Value": "CCI-Lite"}]
    assert done["CreationTime"] <= done["StartTime"] <= done["CompletionTime"]


def test_the_probe_object_of_the_write_check_stays_beside_the_output(aws: Account, done: dict[str, Any]) -> None:
    aws.client("s3").head_object(Bucket="jobs-out", Key="tmp/t/done/.write_access_check_file.temp")


def test_a_name_is_used_once_and_free_again_after_deletion(aws: Account, done: dict[str, Any]) -> None:
    transcribe = aws.client("transcribe")
    assert refusal(transcribe.start_transcription_job, **job("done"))[0] == "ConflictException"
    transcribe.start_transcription_job(**job("again", "text.wav"))
    transcribe.delete_transcription_job(TranscriptionJobName="again")
    assert refusal(transcribe.get_transcription_job, TranscriptionJobName="again")[0] == "NotFoundException"
    transcribe.delete_transcription_job(TranscriptionJobName="again")
    transcribe.start_transcription_job(**job("again", "text.wav"))
    ended(aws, "again")


def test_a_job_deleted_while_it_runs_leaves_the_next_one_alone(aws: Account, buckets: tuple[str, str]) -> None:
    transcribe = aws.client("transcribe")
    transcribe.start_transcription_job(**job("deleted"))
    transcribe.delete_transcription_job(TranscriptionJobName="deleted")
    transcribe.start_transcription_job(**job("next", "short.wav"))
    assert ended(aws, "next")["TranscriptionJobStatus"] == "COMPLETED"
    written = aws.client("s3").get_object(Bucket="jobs-out", Key="tmp/t/next/next.json")
    assert json.load(written["Body"])["jobName"] == "next"
    assert aws.client("s3").list_objects_v2(Bucket="jobs-out", Prefix="tmp/t/deleted/deleted")["KeyCount"] == 0


def test_media_that_is_no_sound_ends_as_failed_with_a_reason(aws: Account, buckets: tuple[str, str]) -> None:
    aws.client("transcribe").start_transcription_job(**job("bad", "text.wav"))
    failed = ended(aws, "bad")
    assert failed["TranscriptionJobStatus"] == "FAILED"
    assert failed["FailureReason"]
    assert "Transcript" not in failed


def test_a_redacted_transcript_has_its_own_name(aws: Account, buckets: tuple[str, str]) -> None:
    redaction = {"RedactionType": "PII", "RedactionOutput": "redacted_and_unredacted"}
    aws.client("transcribe").start_transcription_job(**job("pii", "short.wav", ContentRedaction=redaction))
    base = "https://s3.eu-central-1.amazonaws.com/jobs-out/tmp/t/pii/"
    assert ended(aws, "pii")["Transcript"] == {
        "TranscriptFileUri": f"{base}pii.json",
        "RedactedTranscriptFileUri": f"{base}redacted-pii.json",
    }
    aws.client("s3").head_object(Bucket="jobs-out", Key="tmp/t/pii/redacted-pii.json")


def test_an_output_key_that_is_no_json_name_is_a_folder(aws: Account, buckets: tuple[str, str]) -> None:
    for output, written in (("plain", "plain/key-1.json"), ("plain/named.json", "plain/named.json")):
        aws.client("transcribe").start_transcription_job(**job("key-1", "short.wav", OutputKey=output))
        uri = ended(aws, "key-1")["Transcript"]["TranscriptFileUri"]
        assert uri == f"https://s3.eu-central-1.amazonaws.com/jobs-out/{written}"
        aws.client("transcribe").delete_transcription_job(TranscriptionJobName="key-1")


def test_language_identification_of_less_than_30_seconds_fails(aws: Account, buckets: tuple[str, str]) -> None:
    request = job("short", "short.wav", LanguageCode=None, IdentifyLanguage=True)
    aws.client("transcribe").start_transcription_job(**request)
    assert ended(aws, "short")["TranscriptionJobStatus"] == "FAILED"


@pytest.mark.parametrize(
    "wrong",
    [
        {"TranscriptionJobName": "with space"},
        {"OutputBucketName": "no-such-bucket"},
        {"OutputBucketName": None},
        {"OutputKey": "tenant=a/"},
        {"Media": {"MediaFileUri": "s3://jobs-in/t/calls/missing.wav"}},
        {"Media": {"MediaFileUri": "/tmp/call.wav"}},
        {"LanguageCode": None},
        {"OutputEncryptionKMSKeyId": "arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000"},
        {"MediaFormat": "aiff"},
    ],
)
def test_a_request_aws_would_refuse_is_a_bad_request(aws: Account, buckets: tuple[str, str], wrong: Any) -> None:
    start = aws.client("transcribe", parameter_validation=False).start_transcription_job
    assert refusal(start, **job("wrong", **wrong))[0] == "BadRequestException"


START = allow("transcribe:StartTranscriptionJob")
READ = allow("s3:GetObject", on="arn:aws:s3:::jobs-in/*")
WRITE = allow("s3:PutObject", on="arn:aws:s3:::jobs-out/*")


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ((READ, WRITE), "AccessDeniedException"),
        ((START, WRITE), "BadRequestException"),
        ((START, READ), "BadRequestException"),
    ],
)
def test_the_caller_must_be_allowed_to_start_to_read_and_to_write(
    role, buckets: tuple[str, str], statements: tuple[Any, ...], code: str
) -> None:
    start = role(*statements).client("transcribe").start_transcription_job
    assert refusal(start, **job("denied"))[0] == code


def test_the_output_bucket_and_key_are_conditions_of_the_callers_policy(
    role, aws: Account, buckets: tuple[str, str], key: str
) -> None:
    only = {"StringEquals": {"transcribe:OutputBucketName": "jobs-out", "transcribe:OutputEncryptionKMSKeyId": key}}
    session = role(allow("transcribe:StartTranscriptionJob", **only), READ, WRITE, allow("kms:*", on=key))
    transcribe = session.client("transcribe")
    assert refusal(transcribe.start_transcription_job, **job("other"))[0] == "AccessDeniedException"
    transcribe.start_transcription_job(**job("conditions", "text.wav", OutputEncryptionKMSKeyId=key))
    ended(aws, "conditions")


def test_a_job_is_read_under_its_own_arn(role, done: dict[str, Any]) -> None:
    mine = "arn:aws:transcribe:eu-central-1:111122223333:transcription-job/do*"
    transcribe = role(allow("transcribe:GetTranscriptionJob", on=mine)).client("transcribe")
    transcribe.get_transcription_job(TranscriptionJobName="done")
    assert refusal(transcribe.get_transcription_job, TranscriptionJobName="bad")[0] == "AccessDeniedException"


def test_jobs_are_listed_in_pages_newest_first(aws: Account, done: dict[str, Any]) -> None:
    transcribe = aws.client("transcribe")
    for name in ("list-a", "list-b"):
        transcribe.start_transcription_job(**job(name, "text.wav"))
        ended(aws, name)
    first = transcribe.list_transcription_jobs(JobNameContains="list-", MaxResults=1)
    second = transcribe.list_transcription_jobs(JobNameContains="list-", MaxResults=1, NextToken=first["NextToken"])
    names = [p["TranscriptionJobSummaries"][0]["TranscriptionJobName"] for p in (first, second)]
    assert names == ["list-b", "list-a"]
    assert "NextToken" not in second
    completed = transcribe.list_transcription_jobs(Status="COMPLETED")["TranscriptionJobSummaries"]
    assert {j["TranscriptionJobStatus"] for j in completed} == {"COMPLETED"}


def heard(aws: Account, queue: str) -> Callable[[], dict[str, Any] | None]:
    def receive() -> dict[str, Any] | None:
        messages = aws.client("sqs").receive_message(QueueUrl=queue).get("Messages", [])
        return json.loads(messages[0]["Body"]) if messages else None

    return receive


def listen(aws: Account, name: str, statuses: list[str]) -> str:
    """A queue that hears of jobs whose name starts with `name`."""
    sqs, events = aws.client("sqs"), aws.client("events")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    detail = {"TranscriptionJobStatus": statuses, "TranscriptionJobName": [{"prefix": name}]}
    pattern = {"source": ["aws.transcribe"], "detail-type": ["Transcribe Job State Change"], "detail": detail}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return str(queue)


def test_the_end_of_a_job_is_an_event_on_the_default_bus(aws: Account, buckets: tuple[str, str], name: str) -> None:
    queue = listen(aws, name, ["FAILED"])
    aws.client("transcribe").start_transcription_job(**job(f"{name}-job", "text.wav"))
    event = until(heard(aws, queue))
    assert (event["source"], event["detail-type"]) == ("aws.transcribe", "Transcribe Job State Change")
    assert event["detail"]["TranscriptionJobName"] == f"{name}-job"
    assert event["detail"]["TranscriptionJobStatus"] == "FAILED"
    assert event["detail"]["FailureReason"]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    control.down(tmp_path / "state")


def test_a_job_that_a_kill_interrupts_is_finished_after_the_restart(other: Path) -> None:
    killed = control.up(other)
    aws = operator(killed)
    for bucket in ("jobs-in", "jobs-out"):
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    aws.client("s3").put_object(Bucket="jobs-in", Key="t/calls/short.wav", Body=silence(seconds=3))
    queue = listen(aws, "killed", ["COMPLETED"])
    aws.client("transcribe").start_transcription_job(**job("killed", "short.wav"))
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: control.running(other) is None)
    back = operator(control.up(other))
    assert ended(back, "killed")["TranscriptionJobStatus"] == "COMPLETED"
    assert until(heard(back, queue))["detail"]["TranscriptionJobName"] == "killed"
