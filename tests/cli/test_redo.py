"""Asking for a call to be done again, with a function and buckets that are a dictionary."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from cci_lite.cli import redoing as command
from cci_lite.payload.processor.naming import call_id
from cci_lite.payload.processor.redo import Wish
from cci_lite.steps import recordings, redoing
from cci_lite.steps.recordings import Buckets
from tests.cli.conftest import Run
from tests.cli.fakes import FakeCloud

Command = Callable[..., Run]
CALL = call_id("demo-tenant/calls/invoice.wav")
KEY = f"demo-tenant/2027/01/15/{CALL}.json"


@dataclass
class Function:
    """The results bucket and the function: a redo is answered by `outcome`, at once."""

    keys: dict[str, datetime] = field(default_factory=lambda: {KEY: datetime(2027, 1, 15, tzinfo=UTC)})
    events: list[dict[str, Any]] = field(default_factory=list)
    outcome: str = "result"

    def pages(self, service: str, operation: str, result: str, **params: Any) -> list[dict[str, Any]]:
        assert (service, operation, result) == ("s3", "list_objects_v2", "Contents")
        found = {key: each for key, each in self.keys.items() if key.startswith(params["Prefix"])}
        return [{"Key": key, "LastModified": each} for key, each in found.items()]

    def write(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        assert (service, operation) == ("lambda", "invoke")
        assert (params["FunctionName"], params["InvocationType"]) == ("cci-lite-processor", "Event")
        self.events.append(json.loads(params["Payload"]))
        return {"StatusCode": 202}

    def document(self, cloud: Any, buckets: Buckets, key: str) -> dict[str, Any] | None:
        redone = {"request": self.events[-1]["request"]} if self.outcome == "result" else None
        told = {"call_id": CALL, "tenant_id": "demo-tenant", "summary": "A second look."}
        return {**told, "provenance": {"redone": redone} if redone else {}}

    def failure(self, cloud: Any, buckets: Buckets, tenant: str, call: str) -> dict[str, Any] | None:
        if self.outcome != "failure":
            return {"call_id": call, "request": "an earlier one"}
        reason = {"stage": "read", "code": "TranscriptGone", "reason": "tmp/x.json is absent"}
        return {"call_id": call, "request": self.events[-1]["request"], **reason}


@pytest.fixture
def function(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> Function:
    made = Function()
    monkeypatch.setattr(cloud, "pages", made.pages, raising=False)
    monkeypatch.setattr(cloud, "write", made.write)
    monkeypatch.setattr(recordings, "document", made.document)
    monkeypatch.setattr(recordings, "failure", made.failure)
    monkeypatch.setattr(command, "buckets_of", lambda session: Buckets("in", "out", "arn:key"))
    monkeypatch.setattr(command, "_function", lambda session: "cci-lite-processor")
    return made


def test_the_function_is_asked_in_the_form_it_takes(run: Command, function: Function) -> None:
    done = run("call", "redo", CALL, "--from", "model")
    assert done.code == 0
    (event,) = function.events
    wish = Wish.read(event)
    assert (wish.tenant, wish.call, wish.key, wish.stage) == ("demo-tenant", CALL, KEY, "model")
    assert f"Its result: cci-lite call result {CALL} --tenant demo-tenant" in done.out


def test_everything_the_result_allows_is_done_again_unless_told_otherwise(run: Command, function: Function) -> None:
    run("call", "redo", CALL)
    assert function.events[0]["from"] == "analyse"


def test_the_name_of_the_file_names_the_call(run: Command, function: Function) -> None:
    assert run("call", "redo", "invoice.wav", "--tenant", "demo-tenant").code == 0
    assert function.events[0]["call"] == CALL


def test_the_newest_result_of_a_call_is_the_one_that_is_done_again(run: Command, function: Function) -> None:
    function.keys[f"demo-tenant/2027/01/20/{CALL}.json"] = datetime(2027, 1, 20, tzinfo=UTC)
    function.keys[f"demo-tenant/2027/01/10/{CALL}.json"] = datetime(2027, 1, 10, tzinfo=UTC)
    run("call", "redo", CALL)
    assert function.events[0]["day"] == "2027/01/20"


def test_waiting_ends_with_the_new_result(run: Command, function: Function) -> None:
    done = run("call", "redo", CALL, "--wait")
    assert done.code == 0
    assert "Summary:    A second look." in done.out and f"JSON: s3://out/{KEY}" in done.out


def test_waiting_ends_with_the_reason_why_not(run: Command, function: Function) -> None:
    function.outcome = "failure"
    done = run("call", "redo", CALL, "--from", "transcript", "--wait")
    assert done.code == 1
    assert "TranscriptGone: tmp/x.json is absent" in done.out
    assert "the result stays as it was" in done.err


def test_the_answer_to_an_earlier_wish_is_not_taken_for_this_one(run: Command, function: Function) -> None:
    function.outcome = "nothing"
    done = run("call", "redo", CALL, "--wait")
    assert done.code == 1
    assert "no answer after 15 minutes" in done.err


def test_json_tells_what_was_asked(run: Command, function: Function) -> None:
    told = json.loads(run("call", "redo", CALL, "--json").out)
    assert told == {
        "schema": "cci-lite/redo/1",
        "call_id": CALL,
        "tenant": "demo-tenant",
        "from": "analyse",
        "request": function.events[0]["request"],
        "key": KEY,
    }


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["invoice-0"], 1, f"did you mean `{CALL}`?"),
        (["zzz"], 1, "without a result there is nothing to do again"),
        (["zzz"], 1, "a call without a result is caught up within the hour"),
        ([CALL, "--tenant", "demo-tenat"], 2, "did you mean `demo-tenant`?"),
        ([CALL, "--from", "modle"], 2, "did you mean `model`?"),
        ([CALL, "--from", "transcribe"], 2, "A transcript is bought with `cci-lite call submit` only."),
    ],
)
def test_what_cannot_be_done_again_is_not_asked_for(
    run: Command, function: Function, arguments: list[str], code: int, told: str
) -> None:
    done = run("call", "redo", *arguments)
    assert done.code == code
    assert told in done.err
    assert function.events == []


def test_other_objects_of_the_tenants_folder_are_no_results(cloud: FakeCloud, function: Function) -> None:
    function.keys["demo-tenant/2027/01/notes.json"] = datetime(2027, 1, 1, tzinfo=UTC)
    function.keys["demo-tenant/2027/01/15/"] = datetime(2027, 1, 1, tzinfo=UTC)
    found = redoing.results(cloud, Buckets("in", "out", "arn:key"), ["demo-tenant"])  # type: ignore[arg-type]
    assert [each.key for each in found] == [KEY]
