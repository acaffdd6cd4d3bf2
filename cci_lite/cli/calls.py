"""call submit and call result: a recording in, what became of it out."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cci_lite.cli.exits import BLOCKED, DONE, FAILED, INTERRUPTED, USAGE, Stop
from cci_lite.cli.options import Common
from cci_lite.cli.render_result import failure_lines, result_lines
from cci_lite.cli.screen import safe
from cci_lite.cli.session import Session, open_session
from cci_lite.engine.clock import Interrupted, Patience
from cci_lite.engine.model import Known
from cci_lite.payload.processor.naming import media_format
from cci_lite.steps import objects, recordings
from cci_lite.steps.recordings import Buckets, Uploaded

#: Transcribe takes recordings of at most 2 GB (aws-facts 1.7).
_LARGEST = 2 * 1000**3
_DEADLINE_S = 900.0
#: What the step `catch-up` is for.
CAUGHT_UP = "a call without a result is caught up within the hour"


@dataclass(frozen=True)
class Found:
    """A result or a recorded failure, and the key it lies at."""

    result: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None
    key: str = ""


def run_submit(common: Common, file: Path, tenant: str, name: str | None, wait: bool) -> int:
    """`cci-lite call submit`: the exit code."""
    _check_file(file, name)
    session = open_session(common, read_only=False)
    _check_tenant(session, tenant)
    buckets = buckets_of(session)
    key = f"{tenant}/calls/{name or file.name}"
    call = recordings.id_of(key)
    started = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
    try:
        failed = partial(recordings.has_failed, session.cloud, buckets, tenant, call)
        sent = recordings.submit(session.cloud, buckets, key, file, {"call-started-at": started}, anew=failed)
    except recordings.OtherContentError as error:
        raise Stop(FAILED, str(error), "submit this one under another name with --as NAME") from error
    told = "was there already; nothing is bought twice" if sent.again else "is in"
    session.screen.say(f"s3://{buckets.input}/{safe(key)} {told}. Call id {safe(call)}.")
    again = session.say_again(f"call result {call} --tenant {tenant}")
    if not wait:
        session.screen.document({"schema": "cci-lite/call/1", "call_id": call, "key": key, "again": sent.again})
        session.screen.show(f"Its result: {again}")
        return DONE
    if sent.again and _in_vain(session, buckets, tenant, sent):
        raise Stop(FAILED, "its transcription has ended, but its result is missing", f"{CAUGHT_UP}; then {again}")
    return show_found(session, buckets, await_call(session, buckets, tenant, call, sent.etag))


def run_result(common: Common, call: str, tenant: str) -> int:
    """`cci-lite call result`: a call id, or the name of the file that was submitted."""
    session = open_session(common, read_only=True)
    _check_tenant(session, tenant)
    buckets = buckets_of(session)
    name = call if media_format(call) is None else recordings.id_of(f"{tenant}/calls/{Path(call).name}")
    found = look(session, buckets, tenant, name)
    if found is None:
        hint = f"it may still be at work: look again in a minute; {CAUGHT_UP}; {_looks(session)}"
        raise Stop(FAILED, f"call {name} of {tenant} has neither a result nor a recorded failure", hint)
    return show_found(session, buckets, found)


def _in_vain(session: Session, buckets: Buckets, tenant: str, sent: Uploaded) -> bool:
    """Whether nobody is at work on the recording although nothing has become of it."""
    found = look(session, buckets, tenant, recordings.id_of(sent.key), sent.etag)
    return found is None and recordings.long_done(session.cloud, buckets.input, sent.key)


def look(session: Session, buckets: Buckets, tenant: str, call: str, etag: str = "") -> Found | None:
    """What became of a call. With `etag`, what became of earlier uploads of that name is left aside."""
    key = recordings.result_key(session.cloud, buckets, tenant, call)
    if key is not None:
        result = recordings.document(session.cloud, buckets, key)
        if result is not None and _is_of(result, etag):
            return Found(result=result, key=key)
    failed = recordings.failure(session.cloud, buckets, tenant, call)
    return Found(failure=failed) if failed is not None and _is_of(failed, etag) else None


def _is_of(document: Mapping[str, Any], etag: str) -> bool:
    source = document.get("source") or {}
    return not etag or str(source.get("etag") or etag).strip('"') == etag


def buckets_of(session: Session) -> Buckets:
    """The two buckets and the key, found through the runbook's function. Raises Stop while they are absent."""
    settings = next((each.settings for each in session.runbook.entries if each.meta.kind == "lambda_function"), None)
    if settings is None:
        raise Stop(USAGE, "the runbook has no function", "add a step of kind lambda_function")
    known = Known()
    facts = {}
    for role in ("key", "input", "results"):
        step = session.graph[getattr(settings, role)]
        have = step.observe(known)
        known.learn(step.meta.id, have)
        if have is None:
            raise Stop(BLOCKED, f"step `{step.meta.id}` is not in place", session.say_again("provision"))
        facts[role] = have.facts
    return Buckets(facts["input"]["name"], facts["results"]["name"], facts["key"]["arn"])


def await_call(session: Session, buckets: Buckets, tenant: str, call: str, etag: str) -> Found:
    """Wait for the upload `etag` to become a result or a recorded failure. Raises Stop after 15 minutes."""
    session.screen.say("Waiting for the pipeline: transcription, then the result ...")
    again = session.say_again(f"call result {call} --tenant {tenant}")
    try:
        for _ in Patience(session.cloud.clock, _DEADLINE_S, first=0.5, growth=1.25):
            found = look(session, buckets, tenant, call, etag)
            if found is not None:
                return found
    except Interrupted as error:
        raise Stop(INTERRUPTED, "stopped waiting; the call goes on without us", again) from error
    hint = f"{CAUGHT_UP}: {again}; or {_looks(session)}"
    raise Stop(FAILED, f"no result after {_DEADLINE_S / 60:.0f} minutes", hint)


def show_lines(found: Found, buckets: Buckets) -> Iterator[str]:
    """What became of a call, for people."""
    if found.result is None:
        return failure_lines(found.failure or {})
    return result_lines(found.result, f"s3://{buckets.results}/{found.key}")


def show_found(session: Session, buckets: Buckets, found: Found) -> int:
    """What became of a call, on stdout; the exit code."""
    session.screen.document(found.result or found.failure)
    session.screen.show(*show_lines(found, buckets))
    return DONE if found.result else FAILED


def _looks(session: Session) -> str:
    return f"`{session.say_again('validate --phase 2')}` tells what is wrong"


def _check_file(file: Path, name: str | None) -> None:
    if not file.is_file():
        raise Stop(USAGE, f"{file} is no file", "give the recording's path")
    if not os.access(file, os.R_OK):
        raise Stop(USAGE, f"{file} cannot be read", "check its permissions")
    if media_format(name or file.name) is None:
        raise Stop(
            USAGE,
            f"{name or file.name}: Transcribe does not take files of this suffix",
            "mp3 mp4 wav flac ogg amr webm m4a are taken",
        )
    if file.stat().st_size > _LARGEST:
        raise Stop(USAGE, f"{file} is larger than the 2 GB that Transcribe takes", "split or compress it")
    if name and "/" in name:
        raise Stop(USAGE, f"--as {name} must be a file name without a folder")
    if not (name or file.name).isprintable():
        raise Stop(USAGE, f"the name of {file} holds a character that cannot be shown", "give another with --as NAME")
    if (name or file.name) == objects.RECORDING:
        raise Stop(USAGE, f"{objects.RECORDING} is the name of cci-lite's own sample", "give another with --as NAME")


def _check_tenant(session: Session, tenant: str) -> None:
    tenants = session.runbook.tenants
    if tenant not in tenants:
        close = difflib.get_close_matches(tenant, tenants, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"the runbook's tenants: {', '.join(tenants)}"
        raise Stop(USAGE, f"the runbook has no tenant `{tenant}`", hint)
