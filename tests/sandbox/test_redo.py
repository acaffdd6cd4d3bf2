"""A tenant with words and raw text in a sandbox of its own: what a call becomes, and what redo makes of it.

The tests of this file build on each other; the first takes the runbook's first two phases at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cci_lite.payload.processor.naming import call_id
from cci_lite.payload.processor.result_schema import RESULT_SCHEMA
from cci_lite.sandbox import control
from tests.e2e.conftest import ROOT, Product
from tests.ran import Ran
from tests.sandbox.conftest import until

RESULTS = "cci-lite-results-111122223333-eu-central-1-an"
CALL = call_id("acme/calls/cci-lite-sample.wav")
TENANTS = """\
tenants:
  acme:
    retention_days_input: 1
    retention_days_results: 30
    language: en-US
    agent_channel: 0
    raw_text_days: 7
    vocabulary: [Green-Garden]
    vocabulary_filter: [angry]
{categories}"""
CATEGORIES = "    categories: [{name: refund, any: [refund]}]\n"
LISTS = """\
      - {id: vocabularies, kind: transcribe_vocabulary, title: Words to know}
      - {id: filters, kind: transcribe_vocabulary_filter, title: Words to mask}
"""


class Operator:
    """The installed command with the runbook of these tests."""

    def __init__(self, home: Path) -> None:
        self.product, self.runbook = Product(home), home / "runbook.yaml"
        self.write("")

    def write(self, categories: str) -> None:
        text = (ROOT / "runbook.yaml").read_text()
        head, rest = text.split("tenants:\n", 1)
        before = "      - id: tenants-parameters\n"
        steps = rest[rest.index("phases:\n") :].replace(
            before, f"{LISTS}{before}        after: [vocabularies, filters]\n"
        )
        self.runbook.write_text(head + TENANTS.format(categories=categories) + steps)

    def __call__(self, *arguments: str) -> Ran:
        return self.product("--runbook", str(self.runbook), *arguments)

    def keys(self, prefix: str) -> list[str]:
        found = self.product.client("s3").list_objects_v2(Bucket=RESULTS, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", []) if not each["Key"].endswith("/")]

    def document(self, prefix: str) -> dict[str, Any]:
        """The only document below the prefix."""
        (key,) = self.keys(prefix)
        body = self.product.client("s3").get_object(Bucket=RESULTS, Key=key)["Body"].read()
        return dict(json.loads(body))

    def jobs(self) -> list[str]:
        listed = self.product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
        return [each["TranscriptionJobName"] for each in listed]


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    home = tmp_path_factory.mktemp("redo")
    yield Operator(home)
    control.down(home / "sandbox")


def test_the_runbook_makes_the_lists_and_the_sample_call_goes_through(operator: Operator) -> None:
    ran = operator("provision", "--phase", "1-2", "--json")
    assert ran.code == 4, ran.err  # a person has to confirm the mail
    made = {each["step"]: each["result"] for each in ran.lines if each["event"] == "step_finished"}
    assert [made[each] for each in ("vocabularies", "filters", "sample-call")] == ["created"] * 3


def test_filtered_words_are_masked_and_both_texts_lie_where_they_should(operator: Operator) -> None:
    result, raw = operator.document("acme/2"), operator.document("_raw/acme/2")
    assert "I am really *** about my order" in str(result["turns"])
    assert result["redacted"] == "transcribe" and "Daniel" in str(raw["turns"])
    assert (raw["schema_version"], raw["call_id"]) == ("cci-lite-raw-v1", CALL)
    (key,) = operator.keys("_raw/")
    head = operator.product.client("s3").head_object(Bucket=RESULTS, Key=key)
    assert head["ServerSideEncryption"] == "aws:kms" and ":key/" in head["SSEKMSKeyId"]


def test_new_rules_are_applied_without_a_new_transcript(operator: Operator) -> None:
    before, jobs = operator.document("acme/2"), operator.jobs()
    operator.write(CATEGORIES)
    assert operator("provision", "--step", "tenants-parameters").code == 0
    forget_configuration(operator)
    done = operator("call", "redo", CALL, "--from", "categories", "--wait", "--json")
    assert done.code == 0, done.err
    assert done.json["categories"] == ["refund"] and before["categories"] == []
    assert done.json["summary"] == before["summary"] and done.json["cost"]["bedrock"] == before["cost"]["bedrock"]
    assert operator.jobs() == jobs and operator.document("acme/2") == done.json
    jsonschema.Draft202012Validator(RESULT_SCHEMA).validate(done.json)


def forget_configuration(operator: Operator) -> None:
    """The function remembers tenants for five minutes; other variables give it a new container."""
    function = operator.product.client("lambda")
    there = function.get_function_configuration(FunctionName="cci-lite-processor")["Environment"]["Variables"]
    for variables in ({**there, "AGAIN": "1"}, there):
        function.update_function_configuration(FunctionName="cci-lite-processor", Environment={"Variables": variables})


def test_everything_can_be_done_again_from_the_transcript(operator: Operator) -> None:
    before = operator.document("acme/2")
    done = operator("call", "redo", "cci-lite-sample.wav", "--from", "transcript", "--wait", "--json")
    assert done.code == 0, done.err
    assert done.json["turns"] == before["turns"] and done.json["talk"] == before["talk"]
    assert done.json["provenance"]["redone"]["previous_processed_at"] == before["processed_at"]


def test_a_transcript_that_expired_is_said_to_be_gone_and_the_result_is_enough_for_the_rest(operator: Operator) -> None:
    before, s3 = operator.document("acme/2"), operator.product.client("s3")
    for key in operator.keys("tmp/acme/"):
        s3.delete_object(Bucket=RESULTS, Key=key)
    refused = operator("call", "redo", CALL, "--from", "transcript", "--wait")
    assert refused.code == 1
    assert "TranscriptGone" in refused.out and "the result stays as it was" in refused.err
    assert operator.document("acme/2") == before
    done = operator("call", "redo", CALL, "--wait", "--json")
    assert done.code == 0, done.err
    assert done.json["turns"] == before["turns"] and done.json["cost"]["comprehend"] > before["cost"]["comprehend"]


def test_redos_at_the_same_time_are_both_answered_and_leave_one_whole_result(operator: Operator) -> None:
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(operator, "call", "redo", CALL, "--from", "model", "--json") for _ in range(2)]
        requests = {each.result().json["request"] for each in asked}
    assert len(requests) == 2
    until(lambda: operator.document("acme/2")["provenance"]["redone"]["request"] in requests, 60)
    jsonschema.Draft202012Validator(RESULT_SCHEMA).validate(operator.document("acme/2"))


def test_a_result_is_only_written_over_the_one_that_was_read(operator: Operator) -> None:
    """The conditions the function relies on, in this S3 and under this bucket's policy."""
    s3, (key,) = operator.product.client("s3"), operator.keys("acme/2")
    there = s3.get_object(Bucket=RESULTS, Key=key)
    body, etag = there["Body"].read(), there["ETag"]
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"0123456789abcdef0123456789abcdef"'}):
        with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
            s3.put_object(Bucket=RESULTS, Key=key, Body=b"{}", **condition)
    assert s3.get_object(Bucket=RESULTS, Key=key)["ETag"] == etag
    s3.put_object(Bucket=RESULTS, Key=key, Body=body, IfMatch=etag)
