"""Lifecycle rules of one bucket: how long calls and results are kept. Foreign rules of the bucket stay.

Source: aws-facts 15. PutBucketLifecycleConfiguration replaces all rules, so that ours are merged by Id. Folder
markers have no bytes: our rules spare objects of size 0, or "expire everything" would delete them. By that they are
known for ours under another Id as well, from a runbook of before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.propagation import BUCKET, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings, Tenant
from cci_lite.steps.lifecycle import MARKER, Rule, in_todays_form, parsed, shaped_like_ours, written

_Days = Annotated[int, Field(ge=1, le=3650)]
UPLOADS = "unfinished-uploads-1d"
#: How the Ids of tenants' rules begin: of recordings or results, and of unredacted text.
_TENANT, _RAW = "retention-", "expire-_raw-"
#: What the whole configuration says besides its rules; it is put back with them.
_BESIDES = "TransitionDefaultMinimumObjectSize"


class LifecycleRulesSettings(Settings):
    """rule: Id of the bucket-wide rule; days: its age; tenants: which of a tenant's settings may be shorter;
    prefixes: further rules, prefix -> days (Ids `expire-PREFIX`)."""

    bucket: Annotated[str, Refers(("bucket",), whole=True)]
    rule: Annotated[str, Field(min_length=1, max_length=255)]
    days: _Days
    tenants: Literal["input", "results"] | None = None
    prefixes: dict[Annotated[str, forms.form(r"[^/].*/", "end with /")], _Days] = Field(default_factory=dict)


@dataclass(frozen=True)
class LifecycleSpec:
    rules: Mapping[str, Rule | None]


@dataclass(frozen=True)
class LifecycleRules:
    """departed: whether the rule of this Id is of a tenant that the runbook no longer names."""

    meta: Meta
    cloud: Cloud
    bucket: str
    rules: Mapping[str, Rule]
    step: str
    departed: Callable[[str], bool] = lambda name: False

    @property
    def traits(self) -> Traits:
        return Traits(document=f"lifecycle of {self.bucket}", shared=True, settle_s=180, guards=self.step)

    def desired(self, known: Known) -> LifecycleSpec:
        return LifecycleSpec(self.rules)

    def observe(self, known: Known) -> Observed | None:
        found = {str(each["ID"]): parsed(each) for each in self._found() if self._compared(each)}
        return Observed(LifecycleSpec(found), {"bucket": self.bucket}) if found else None

    def apply(self, want: LifecycleSpec, have: Observed | None, changes: Changes) -> None:
        """Rules of ours that the runbook no longer names go, but those of tenants that left: without them their data
        would be kept as long as the bucket keeps anything. Everybody else's are put back as they were read."""
        wanted = [written(name, rule) for name, rule in want.rules.items() if rule]
        self._rewrite(self._compared, wanted)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        for name, rule in self.rules.items():
            seen = have.spec.rules.get(name)
            yield check(self, name, seen == rule, f"{name}: {seen or 'missing'}")

    def remove(self, have: Observed, known: Known) -> None:
        self._rewrite(self._ours, [])

    def _ours(self, rule: Mapping[str, Any]) -> bool:
        return rule.get("ID") in self.rules or shaped_like_ours(rule)

    def _compared(self, rule: Mapping[str, Any]) -> bool:
        name = str(rule.get("ID", ""))
        return name in self.rules or (shaped_like_ours(rule) and not self.departed(name))

    def _which(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}

    def _found(self) -> list[dict[str, Any]]:
        return list(self._configuration().get("Rules", []))

    def _configuration(self) -> dict[str, Any]:
        return self.cloud.find("s3", "get_bucket_lifecycle_configuration", **self._which()) or {}

    def _rewrite(self, replaced: Callable[[Mapping[str, Any]], bool], ours: list[dict[str, Any]]) -> None:
        """`ours` in the place of the rules that are `replaced`."""

        def put() -> None:
            """Read anew for every try: others may have put rules of their own there in the meantime."""
            before = self._configuration()
            rules = [*(in_todays_form(each) for each in before.get("Rules", []) if not replaced(each)), *ours]
            besides = {_BESIDES: before[_BESIDES]} if _BESIDES in before else {}
            if rules:
                told = {"LifecycleConfiguration": {"Rules": rules}, **besides}
                self._write("put_bucket_lifecycle_configuration", **told)
            elif before:
                self._write("delete_bucket_lifecycle")

        propagated(self.cloud, put, *BUCKET)

    def _write(self, operation: str, **params: Any) -> None:
        self.cloud.write("s3", operation, alone=f"bucket {self.bucket}", **self._which(), **params)


def rules(settings: LifecycleRulesSettings, tenants: Mapping[str, int]) -> dict[str, Rule]:
    """The rules wanted. S3 applies the shortest of all that match, so a tenant can only keep things shorter."""
    wanted = {settings.rule: Rule("", MARKER, settings.days, None), UPLOADS: Rule("", None, None, 1)}
    for prefix, days in settings.prefixes.items():
        wanted[f"expire-{prefix.strip('/').replace('/', '-')}"] = Rule(prefix, MARKER, days, None)
    for tenant, days in tenants.items():
        if days < settings.days:
            wanted[f"{_TENANT}{tenant}"] = Rule(f"{tenant}/", MARKER, days, None)
    return wanted


def raw_text(tenants: Mapping[str, Tenant]) -> dict[str, Rule]:
    """The rules of unredacted text. What is left of a tenant that does not want it any more goes within a day."""
    if not any(each.raw_text_days for each in tenants.values()):
        return {"expire-_raw": Rule("_raw/", MARKER, 1, None)}
    return {
        f"{_RAW}{name}": Rule(f"_raw/{name}/", MARKER, each.raw_text_days or 1, None) for name, each in tenants.items()
    }


def build(meta: Meta, settings: LifecycleRulesSettings, context: Context) -> LifecycleRules:
    days: dict[str, int] = {}
    if settings.tenants:
        days = {name: getattr(each, f"retention_days_{settings.tenants}") for name, each in context.tenants.items()}
    raw = raw_text(context.tenants) if settings.tenants == "results" else {}
    wanted = {**rules(settings, days), **raw}
    bucket, names = context.name_of(settings.bucket), frozenset(context.tenants)

    def departed(name: str) -> bool:
        return any(name.startswith(each) and name.removeprefix(each) not in names for each in (_TENANT, _RAW))

    return LifecycleRules(meta, context.cloud, bucket, wanted, settings.bucket, departed)
