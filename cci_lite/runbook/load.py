"""runbook.yaml -> Runbook. Refuses whatever is not understood, all of it at once, before any AWS call.

May import steps.kind and engine.*; never boto3 and no kind of step: the registry is handed in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from cci_lite.engine.model import Meta
from cci_lite.runbook.connect import connect
from cci_lite.runbook.drafts import Draft, read_phases
from cci_lite.runbook.model import Entry, Phase, Risk, Runbook
from cci_lite.runbook.shapes import Head, RiskPart, checked
from cci_lite.runbook.source import Source, read
from cci_lite.runbook.tenant_checks import check_tenants
from cci_lite.runbook.word_checks import check_words
from cci_lite.steps.kind import Kind, Tenant

SCHEMA = "cci-lite/runbook/1"
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{1,40}")
#: Prefixes of the results bucket that are not a tenant's.
_RESERVED = ("tmp", "athena-results")


def load(path: Path, registry: Mapping[str, Kind]) -> Runbook:
    """Raises RunbookError with every problem found. Makes no AWS call."""
    source = read(path)
    _expect_schema(source)
    head = checked(source, (), Head, source.data, "the runbook")
    _check_tags(source)
    tenants = _tenants(source)
    phases, drafts = read_phases(source, registry)
    connect(source, drafts, phases)
    check_tenants(source, tenants, (each for each in drafts if phases[each.phase].enabled))
    check_words(source, tenants, (each.kind for each in drafts if phases[each.phase].enabled))
    risks = _risks(source)
    source.stop_at_problems()
    assert head is not None, "a head that is refused comes with a reason"
    entries, off = (
        tuple(_entry(source, each, phases[each.phase]) for each in drafts if phases[each.phase].enabled is enabled)
        for enabled in (True, False)
    )
    return Runbook(path, head.account, head.region, head.tags, tenants, tuple(phases), entries, risks, off)


def _expect_schema(source: Source) -> None:
    """A file of another version is not looked at any further; one without a version is."""
    found = source.data.get("schema", SCHEMA)
    if found != SCHEMA:
        reason = f"`schema` is `{found}`, but this cci-lite reads `{SCHEMA}`"
        source.refuse(("schema",), reason, "use the cci-lite that wrote it, or write the file anew")
        source.stop_at_problems()


def _check_tags(source: Source) -> None:
    """Sizes and characters as AWS has them for most services; IAM is the strictest about reserved prefixes."""
    for key, value in source.section("tags").items():
        at = ("tags", key)
        if key.lower().startswith(("aws:", "cci-lite:")):
            source.refuse(at, f"the tag `{key}` is reserved", "choose a key without the prefix `aws:` or `cci-lite:`")
        if not 1 <= len(key) <= 128:
            source.refuse(at, f"the tag `{key}` must have a key of 1 to 128 characters, not {len(key)}")
        if isinstance(value, str) and len(value) > 256:
            source.refuse(at, f"the tag `{key}` must have a value of at most 256 characters, not {len(value)}")
        if not _fits_a_tag(key) or (isinstance(value, str) and not _fits_a_tag(value)):
            reason = f"the tag `{key}` has characters that AWS does not accept in tags"
            source.refuse(at, reason, "use letters, digits, spaces and _ . : / = + - @")


def _fits_a_tag(text: str) -> bool:
    """Letters, numbers and separators of any script, and a few signs."""
    return all(each in "_.:/=+-@" or unicodedata.category(each)[0] in "LNZ" for each in text)


def _tenants(source: Source) -> dict[str, Tenant]:
    found: dict[str, Tenant] = {}
    for name, data in source.section("tenants").items():
        at = ("tenants", name)
        if name in _RESERVED:
            source.refuse(at, f"the tenant id `{name}` is reserved", "choose another one")
        elif not _TENANT.fullmatch(name):
            reason = f"the tenant id `{name}` must have 2 to 41 small letters, digits and hyphens, and not begin with -"
            source.refuse(at, reason)
        tenant = checked(source, at, Tenant, data, f"tenant `{name}`")
        if tenant is not None:
            found[name] = tenant
    return found


def _risks(source: Source) -> tuple[Risk, ...]:
    given = enumerate(source.items("risks"))
    parts = [checked(source, ("risks", index), RiskPart, data, f"risk {index + 1}") for index, data in given]
    return tuple(Risk(each.service, each.code, each.contains, each.reason, each.hint) for each in parts if each)


def _entry(source: Source, draft: Draft, phase: Phase) -> Entry:
    part = draft.part
    assert part is not None and draft.settings is not None, "a step that is refused comes with a reason"
    needs, reads = frozenset(draft.needs), frozenset(draft.reads)
    meta = Meta(part.id, part.kind, phase.number, part.title, needs, reads, part.plan, part.adopt, draft.whole)
    return Entry(meta, draft.settings, source.line(*draft.path))
