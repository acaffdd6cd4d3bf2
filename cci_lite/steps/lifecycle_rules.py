"""Lifecycle rules of one bucket: how long calls and results are kept. Foreign rules of the bucket stay.

Source: aws-facts 15. PutBucketLifecycleConfiguration replaces all rules, so that ours are merged by Id. Folder
markers have no bytes: rules for whole buckets spare objects of size 0, or "expire everything" would delete them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.propagation import BUCKET, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings, Tenant

_Days = Annotated[int, Field(ge=1, le=3650)]
UPLOADS = "unfinished-uploads-1d"
#: Bytes that an object must have more than to expire. Not 0, which S3 may give back as "no limit".
_MARKER = 1
_CHOOSE = {"Prefix", "ObjectSizeGreaterThan"}
_MEMBERS = {
    *("ID", "Status", "Filter", "Prefix", "Expiration", "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
}


class LifecycleRulesSettings(Settings):
    """rule: Id of the bucket-wide rule; days: its age; tenants: which of a tenant's settings may be shorter;
    prefixes: further rules, prefix -> days (Ids `expire-PREFIX`)."""

    bucket: Annotated[str, Refers(("bucket",))]
    rule: Annotated[str, Field(min_length=1, max_length=255)]
    days: _Days
    tenants: Annotated[str, Field(pattern="^(input|results)$")] | None = None
    prefixes: dict[str, _Days] = Field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One rule. days: age at which current and then noncurrent versions go; uploads: age of unfinished uploads;
    further: names of what it says besides (a filter by tag keeps what has no tag for ever)."""

    prefix: str
    above_bytes: int | None
    days: int | None
    uploads: int | None
    enabled: bool = True
    further: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LifecycleSpec:
    rules: Mapping[str, Rule | None]


@dataclass(frozen=True)
class LifecycleRules:
    meta: Meta
    cloud: Cloud
    bucket: str
    rules: Mapping[str, Rule]
    step: str

    @property
    def traits(self) -> Traits:
        return Traits(document=f"lifecycle of {self.bucket}", shared=True, settle_s=180, guards=self.step)

    def desired(self, known: Known) -> LifecycleSpec:
        return LifecycleSpec(self.rules)

    def observe(self, known: Known) -> Observed | None:
        found = {each["ID"]: _parsed(each) for each in self._found() if self._ours(each.get("ID", ""))}
        return Observed(LifecycleSpec(found), {"bucket": self.bucket}) if found else None

    def apply(self, want: LifecycleSpec, have: Observed | None, changes: Changes) -> None:
        """Rules of ours that the runbook no longer names go; everybody else's are put back as they were read."""
        foreign = [each for each in self._found() if not self._ours(each.get("ID", ""))]
        self._put([*foreign, *(_written(name, rule) for name, rule in want.rules.items() if rule)])

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        for name, rule in self.rules.items():
            yield check(self, name, have.spec.rules.get(name) == rule, f"{name}: {have.spec.rules.get(name)}")

    def remove(self, have: Observed, known: Known) -> None:
        foreign = [each for each in self._found() if not self._ours(each.get("ID", ""))]
        if foreign:
            self._put(foreign)
        else:
            self._call("delete_bucket_lifecycle")

    def _ours(self, rule: str) -> bool:
        return rule in self.rules or rule.startswith(("retention-", "expire-"))

    def _which(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}

    def _found(self) -> list[dict[str, Any]]:
        found = self.cloud.find("s3", "get_bucket_lifecycle_configuration", **self._which()) or {}
        return list(found.get("Rules", []))

    def _put(self, rules: list[dict[str, Any]]) -> None:
        self._call("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules})

    def _call(self, operation: str, **params: Any) -> None:
        alone = f"bucket {self.bucket}"
        propagated(
            self.cloud, lambda: self.cloud.write("s3", operation, alone=alone, **self._which(), **params), *BUCKET
        )


def _parsed(rule: Mapping[str, Any]) -> Rule:
    """Ours are written in one shape; a rule of another shape differs and is written anew."""
    where = rule.get("Filter", {})
    both = where.get("And", where)
    return Rule(
        str(both.get("Prefix", rule.get("Prefix", ""))),
        both.get("ObjectSizeGreaterThan"),
        rule.get("Expiration", {}).get("Days"),
        rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
        rule.get("Status") == "Enabled",
        _further(rule, both),
    )


def _further(rule: Mapping[str, Any], chosen: Mapping[str, Any]) -> frozenset[str]:
    """Filters and members that ours never have, and old versions that are kept for another time than ours are."""
    old = "NoncurrentVersionExpiration"
    changed = {old} if rule.get(old) != ({"NoncurrentDays": 1} if "Expiration" in rule else None) else set()
    return frozenset(changed | (chosen.keys() - _CHOOSE) | (rule.keys() - _MEMBERS))


def _written(name: str, rule: Rule) -> dict[str, Any]:
    written: dict[str, Any] = {"ID": name, "Status": "Enabled", "Filter": _filter(rule)}
    if rule.days is not None:
        written["Expiration"] = {"Days": rule.days}
        written["NoncurrentVersionExpiration"] = {"NoncurrentDays": 1}
    if rule.uploads is not None:
        written["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule.uploads}
    return written


def _filter(rule: Rule) -> dict[str, Any]:
    if rule.above_bytes is None:
        return {"Prefix": rule.prefix}
    if not rule.prefix:
        return {"ObjectSizeGreaterThan": rule.above_bytes}
    return {"And": {"Prefix": rule.prefix, "ObjectSizeGreaterThan": rule.above_bytes}}


def rules(settings: LifecycleRulesSettings, tenants: Mapping[str, int]) -> dict[str, Rule]:
    """The rules wanted. S3 applies the shortest of all that match, so a tenant can only keep things shorter."""
    wanted = {settings.rule: Rule("", _MARKER, settings.days, None), UPLOADS: Rule("", None, None, 1)}
    for prefix, days in settings.prefixes.items():
        wanted[f"expire-{prefix.strip('/').replace('/', '-')}"] = Rule(prefix, _MARKER, days, None)
    for tenant, days in tenants.items():
        if days < settings.days:
            wanted[f"retention-{tenant}"] = Rule(f"{tenant}/", _MARKER, days, None)
    return wanted


def raw_text(tenants: Mapping[str, Tenant]) -> dict[str, Rule]:
    """The rules of unredacted text. What is left of a tenant that does not want it any more goes within a day."""
    if not any(each.raw_text_days for each in tenants.values()):
        return {"expire-_raw": Rule("_raw/", _MARKER, 1, None)}
    return {
        f"expire-_raw-{name}": Rule(f"_raw/{name}/", _MARKER, each.raw_text_days or 1, None)
        for name, each in tenants.items()
    }


def build(meta: Meta, settings: LifecycleRulesSettings, context: Context) -> LifecycleRules:
    days: dict[str, int] = {}
    if settings.tenants:
        days = {name: getattr(each, f"retention_days_{settings.tenants}") for name, each in context.tenants.items()}
    raw = raw_text(context.tenants) if settings.tenants == "results" else {}
    wanted = {**rules(settings, days), **raw}
    return LifecycleRules(meta, context.cloud, context.name_of(settings.bucket), wanted, settings.bucket)
