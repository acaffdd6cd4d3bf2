"""What a tenant wishes that a step of the runbook cannot do. May import steps.kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from cci_lite.runbook.drafts import Draft
from cci_lite.runbook.source import Source
from cci_lite.steps.kind import Tenant

#: Characters of a standard parameter's value (aws-facts 9).
_PARAMETER = 4096


def check_tenants(source: Source, tenants: Mapping[str, Tenant], drafts: Iterable[Draft]) -> None:
    """Complaints go to the source."""
    for name, tenant in tenants.items():
        _fits_its_parameter(source, name, tenant)
    for draft in drafts:
        if draft.kind == "lifecycle_rules" and draft.settings is not None and "tenants" in draft.own:
            _kept_no_longer_than_the_bucket_keeps(source, tenants, draft)


def _fits_its_parameter(source: Source, name: str, tenant: Tenant) -> None:
    size = len(json.dumps(tenant.registered(name), sort_keys=True))
    if size > _PARAMETER:
        reason = f"tenant `{name}` is {size:,} characters in Parameter Store, which takes {_PARAMETER:,}"
        source.refuse(("tenants", name), reason, "shorten its `qa_rubric`, `categories` or `outcomes`")


def _kept_no_longer_than_the_bucket_keeps(source: Source, tenants: Mapping[str, Tenant], draft: Draft) -> None:
    """S3 applies the shortest rule of all that match: a longer one would be no rule at all."""
    setting, most = f"retention_days_{draft.own['tenants']}", int(draft.own["days"])
    for name, tenant in tenants.items():
        if (days := getattr(tenant, setting)) > most:
            reason = f"`{setting}` of tenant `{name}` is {days}, but step `{draft.id}` deletes all after {most} days"
            source.refuse(("tenants", name, setting), reason, f"raise `days` of that step, or write at most {most}")
