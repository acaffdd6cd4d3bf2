"""The unredacted text of a call, for tenants that ask for it: own prefix, own retention. Imports no AWS package.

It is put before the result, so that a try that dies in between is repeated, and repeated tries put the same again: the
function may write below `_raw/` and never reads there, not even whether there is something.
"""

from __future__ import annotations

from datetime import date

from .evidence import Absent
from .hearing import unredacted
from .naming import call_id, raw_key
from .parts import listed
from .understand import Call
from .work import Work

SCHEMA_VERSION = "cci-lite-raw-v1"


def keep(work: Work, call: Call, day: date) -> list[Absent]:
    """Writes the text when the tenant asks for it; says why when there is none to write."""
    if not call.tenant.raw_text:
        return []
    said = unredacted(work, call)
    if said is None:
        return [Absent("raw_text", "the job was started before the tenant asked for it")]
    name = call_id(call.recording.key)
    document = {
        "schema_version": SCHEMA_VERSION,
        "tenant_id": call.tenant.id,
        "call_id": name,
        "job_name": call.job["TranscriptionJobName"],
        "source": call.recording.source(),
        "language": call.language,
        "turns": listed(said.turns),
    }
    work.store.put(raw_key(call.tenant.id, day, name), document)
    return []
