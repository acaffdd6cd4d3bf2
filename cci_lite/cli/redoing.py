"""call redo: a finished call done again from a stage, without buying its transcript again."""

from __future__ import annotations

import difflib
from pathlib import Path

from cci_lite.cli.calls import CAUGHT_UP, Found, buckets_of, show_found
from cci_lite.cli.exits import BLOCKED, DONE, FAILED, INTERRUPTED, USAGE, Stop
from cci_lite.cli.options import Common
from cci_lite.cli.screen import safe
from cci_lite.cli.session import Session, open_session
from cci_lite.engine.clock import Interrupted, Patience
from cci_lite.engine.model import Known
from cci_lite.payload.processor.naming import media_format
from cci_lite.payload.processor.stages import STAGES
from cci_lite.runbook.problems import nearest
from cci_lite.steps import recordings, redoing
from cci_lite.steps.recordings import Buckets
from cci_lite.steps.redoing import Place

_DEADLINE_S = 900.0
_SHOWN = 5


def run_redo(common: Common, call: str, tenant: str | None, stage: str, wait: bool) -> int:
    """`cci-lite call redo`: the exit code."""
    if stage not in STAGES:
        hint = f"{nearest(stage, STAGES)} A transcript is bought with `cci-lite call submit` only.".strip()
        raise Stop(USAGE, f"there is no stage `{stage}` to begin with", hint)
    session = open_session(common, read_only=False)
    tenants = _tenants(session, tenant)
    buckets = buckets_of(session)
    place = _found(call, redoing.results(session.cloud, buckets, tenants), tenants)
    function = _function(session)
    request = redoing.ask(session.cloud, function, place, stage)
    session.screen.say(f"{safe(place.call)} of {safe(place.tenant)} is done again from stage {stage}.")
    if wait:
        found = _await(session, buckets, place, request)
        if found.result is None:
            session.screen.warn("It could not be done; the result stays as it was.")
        return show_found(session, buckets, found)
    told = {"schema": "cci-lite/redo/1", "call_id": place.call, "tenant": place.tenant, "from": stage}
    session.screen.document({**told, "request": request, "key": place.key})
    session.screen.show(f"Its result: {session.say_again(f'call result {place.call} --tenant {place.tenant}')}")
    return DONE


def _tenants(session: Session, tenant: str | None) -> list[str]:
    known = list(session.runbook.tenants)
    if tenant is not None and tenant not in known:
        raise Stop(USAGE, f"the runbook has no tenant `{tenant}`", nearest(tenant, known))
    return [tenant] if tenant else known


def _found(call: str, places: list[Place], tenants: list[str]) -> Place:
    """The result that is meant by a call id or by the name of the file that was submitted. Raises Stop."""
    names = {call}
    if media_format(call) is not None:
        names |= {recordings.id_of(f"{each}/calls/{Path(call).name}") for each in tenants}
    meant = [each for each in places if each.call in names]
    if len(meant) > 1:
        raise Stop(USAGE, f"several tenants have a call {call}", f"give one: --tenant {meant[0].tenant}")
    if not meant:
        raise Stop(FAILED, f"there is no result of a call {call}", _nearest(call, places))
    return meant[0]


def _nearest(call: str, places: list[Place]) -> str:
    known = sorted({each.call for each in places})
    close = difflib.get_close_matches(call, known, n=_SHOWN, cutoff=0.4)
    if close:
        return f"did you mean {' or '.join(f'`{each}`' for each in close)}?"
    return f"without a result there is nothing to do again: results expire with their retention; {CAUGHT_UP}"


def _function(session: Session) -> str:
    """The name of the runbook's function. Raises Stop while it is absent."""
    step = next(each for each in session.graph.steps if each.meta.kind == "lambda_function")
    if (have := step.observe(Known())) is None:
        raise Stop(BLOCKED, f"step `{step.meta.id}` is not in place", session.say_again("provision"))
    return have.facts["name"]


def _await(session: Session, buckets: Buckets, place: Place, request: str) -> Found:
    again = session.say_again(f"call result {place.call} --tenant {place.tenant}")
    try:
        for _ in Patience(session.cloud.clock, _DEADLINE_S, first=0.5, growth=1.25):
            found = redoing.answer(session.cloud, buckets, place, request)
            if found is not None:
                return Found(found.result, found.failure, place.key)
    except Interrupted as error:
        raise Stop(INTERRUPTED, "stopped waiting; the call goes on without us", again) from error
    looks = session.say_again("validate --phase 2")
    raise Stop(FAILED, f"no answer after {_DEADLINE_S / 60:.0f} minutes", f"{again}; `{looks}` tells what is wrong")
