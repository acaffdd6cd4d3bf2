"""A bucket: place, public access, ownership, tags. Its encryption, rules, policy and events are other steps.

Source: aws-facts 1.8, 1.9, 2, 15. A bucket is never replaced, and never deleted while it holds anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from botocore.exceptions import ClientError
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import ALREADY, code
from cci_lite.aws.propagation import BUCKET, BUCKET_BUSY, propagated
from cci_lite.engine.model import IMMUTABLE, Blocked, Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import objects
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings

_BLOCK = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _bucket_name(value: str) -> str:
    """Checked as it reads in an account; a placeholder that is unknown is refused elsewhere, with its own reason."""
    try:
        name = value.format(account="1" * 12, region="eu-central-1", partition="aws")
    except (KeyError, IndexError, ValueError):
        return value
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name):
        words = "have 3 to 63 small letters, digits, dots and hyphens, account and region included"
        raise PydanticCustomError("must", "{words}", {"words": words})
    return value


class BucketSettings(Settings):
    """name: may hold {account} and {region}."""

    name: Annotated[str, AfterValidator(_bucket_name)]


@dataclass(frozen=True)
class BucketSpec:
    region: str = field(
        metadata={IMMUTABLE: "a bucket cannot move; choose another name, or delete the bucket yourself"}
    )
    public_access_block: Mapping[str, bool]
    ownership: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Bucket:
    meta: Meta
    cloud: Cloud
    name: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits(document=f"bucket {self.name}", settle_s=180)

    def desired(self, known: Known) -> BucketSpec:
        return BucketSpec(self.cloud.site.region, dict.fromkeys(_BLOCK, True), "BucketOwnerEnforced", self.tags)

    def observe(self, known: Known) -> Observed | None:
        head, tagging, block, owner = self.cloud.whole(
            self._head,
            lambda: self._find("get_bucket_tagging"),
            lambda: self._find("get_public_access_block"),
            lambda: self._find("get_bucket_ownership_controls"),
        )
        if head is None:
            return None
        found = tags.as_map((tagging or {}).get("TagSet", []))
        spec = BucketSpec(
            str(head.get("BucketRegion", self.cloud.site.region)),
            _public_access_block(block or {}),
            _ownership(owner or {}),
            tags.among(found, self.tags),
        )
        facts = {"name": self.name, "arn": self.cloud.site.bucket_arn(self.name)}
        return Observed(spec, facts, tags.owned(found))

    def apply(self, want: BucketSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._create(want)
            changes = Changes(tuple(each for each in changes if not each.path.startswith(("tags", "ownership"))))
        if changes.touch("public_access_block"):
            self._put("put_public_access_block", PublicAccessBlockConfiguration=dict(want.public_access_block))
        if changes.touch("ownership"):
            self._put(
                "put_bucket_ownership_controls", OwnershipControls={"Rules": [{"ObjectOwnership": want.ownership}]}
            )
        if changes.touch("tags"):
            self._tag(want)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec: BucketSpec = have.spec
        yield check(self, "region", spec.region == self.cloud.site.region, spec.region)
        closed = all(spec.public_access_block.values()) and len(spec.public_access_block) == len(_BLOCK)
        yield check(self, "public-access", closed, f"blocked: {sum(spec.public_access_block.values())} of 4")
        yield check(self, "ownership", spec.ownership == "BucketOwnerEnforced", f"ACLs: {spec.ownership}")

    def retained(self, have: Observed, consent: frozenset[str]) -> str:
        """A bucket with anything in it but our own folder markers stays unless it was named."""
        if not have.owned or self.name in consent or objects.only_ours(self.cloud, self.name):
            return ""
        return f"it is not empty; to delete it with everything in it: --delete-data {self.name}"

    def empty(self, have: Observed, consent: frozenset[str]) -> None:
        if have.owned:
            objects.delete_all(self.cloud, self.name, whose="anybody" if self.name in consent else "ours")

    def remove(self, have: Observed, known: Known) -> None:
        """S3 itself refuses while anything is in it: what came at the last moment is not lost."""
        if not have.owned:
            return
        propagated(self.cloud, lambda: self.cloud.write("s3", "delete_bucket", **self._which()), *BUCKET[:1])

    def _which(self) -> dict[str, str]:
        return {"Bucket": self.name, "ExpectedBucketOwner": self.cloud.site.account}

    def _find(self, operation: str) -> dict[str, Any] | None:
        return self.cloud.find("s3", operation, **self._which())

    def _put(self, operation: str, **params: Any) -> None:
        alone = self.traits.document
        propagated(
            self.cloud, lambda: self.cloud.write("s3", operation, alone=alone, **self._which(), **params), *BUCKET
        )

    def _head(self) -> dict[str, Any] | None:
        try:
            return self._find("head_bucket")
        except ClientError as error:
            if code(error) in ("403", "AccessDenied"):  # HEAD answers have no body: the code is the status
                raise Blocked(
                    f"the bucket name {self.name} belongs to another account, or reading it is forbidden; "
                    f"choose another `name` in step `{self.meta.id}`"
                ) from error
            raise

    def _create(self, want: BucketSpec) -> None:
        """Tags go into the create call: a crash right after it leaves a bucket that is known to be ours."""
        place: dict[str, Any] = {"Tags": tags.as_list(tags.ours(self.meta.id, want.tags))}
        if want.region != "us-east-1":
            place["LocationConstraint"] = want.region
        create = partial(
            self.cloud.write,
            "s3",
            "create_bucket",
            Bucket=self.name,
            ObjectOwnership=want.ownership,
            CreateBucketConfiguration=place,
            **_namespace(self.name, self.cloud.site.account, want.region),
        )
        try:
            propagated(self.cloud, create, BUCKET_BUSY)  # for minutes after a bucket of the name was deleted
        except ClientError as error:
            if code(error) not in ALREADY:
                raise

    def _tag(self, want: BucketSpec) -> None:
        """PutBucketTagging replaces the whole set, so everybody else's tags are put back with ours."""
        found = tags.as_map((self._find("get_bucket_tagging") or {}).get("TagSet", []))
        self._put("put_bucket_tagging", Tagging={"TagSet": tags.as_list({**found, **want.tags})})


def _public_access_block(found: Mapping[str, Any]) -> dict[str, bool]:
    block = found.get("PublicAccessBlockConfiguration", {})
    return {each: bool(block.get(each, False)) for each in _BLOCK}


def _ownership(found: Mapping[str, Any]) -> str:
    rules = found.get("OwnershipControls", {}).get("Rules", [])
    return str(rules[0]["ObjectOwnership"]) if rules else "ObjectWriter"


def _namespace(name: str, account: str, region: str) -> dict[str, str]:
    """Names of the form PREFIX-ACCOUNT-REGION-an live in the account's own namespace: nobody else can take them."""
    return {"BucketNamespace": "account-regional"} if name.endswith(f"-{account}-{region}-an") else {}


def build(meta: Meta, settings: BucketSettings, context: Context) -> Bucket:
    return Bucket(meta, context.cloud, context.cloud.site.fill(settings.name), context.tags)
