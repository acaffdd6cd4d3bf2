"""How a bucket encrypts what comes without a wish of its own: SSE-KMS with the master key, and a bucket key.

Source: aws-facts 1.8, 2, 15; S3 guide, "Blocking or unblocking SSE-C". S3 encrypts every bucket with keys of its own
(SSE-S3, AES256) and lets none of the uploader's in; where that is all there is, nobody has chosen anything, and this
counts as absent. A step of its own, so that buckets need not wait for the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.propagation import BUCKET, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import objects
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

_S3_OWN = "AES256"
#: Since April 2026 new buckets refuse SSE-C, whose key only the uploader has: nobody here could read such a recording.
#: It is part of the default encryption, and a PutBucketEncryption that does not repeat it takes it away.
_BLOCKED = ("SSE-C",)


class BucketEncryptionSettings(Settings):
    """bucket, key: the steps of the bucket and of the KMS key that encrypts in it by default."""

    bucket: Annotated[str, Refers(("bucket",), whole=True)]
    key: Annotated[str, Refers(("kms_key",), facts=True)]


@dataclass(frozen=True)
class BucketEncryptionSpec:
    """key: ARN; bucket_key: whether S3 keeps a data key for the bucket (fewer KMS calls); blocked: what an upload may
    not be encrypted with."""

    algorithm: str
    key: str
    bucket_key: bool
    blocked: tuple[str, ...]


@dataclass(frozen=True)
class BucketEncryption:
    meta: Meta
    cloud: Cloud
    bucket: str
    settings: BucketEncryptionSettings

    @property
    def traits(self) -> Traits:
        return Traits(shared=True, settle_s=180, guards=self.settings.bucket)  # accounts have robots that set it

    def desired(self, known: Known) -> BucketEncryptionSpec:
        return BucketEncryptionSpec("aws:kms", known.fact(self.settings.key, "arn"), True, _BLOCKED)

    def observe(self, known: Known) -> Observed | None:
        """Ours where it names our key, or where the bucket is ours: then somebody has changed it by hand."""
        found = self.cloud.find("s3", "get_bucket_encryption", **self._which())
        if found is None:
            return None
        seen = _seen(found)
        if (seen.algorithm, seen.blocked) == (_S3_OWN, _BLOCKED):
            return None
        return Observed(seen, owned=seen.key == self.desired(known).key or self._in_our_bucket())

    def apply(self, want: BucketEncryptionSpec, have: Observed | None, changes: Changes) -> None:
        self._put({"SSEAlgorithm": want.algorithm, "KMSMasterKeyID": want.key}, want.bucket_key, want.blocked)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: "default encryption SSE-KMS with the key"."""
        spec: BucketEncryptionSpec = have.spec
        refused = f"{', '.join(spec.blocked) or 'nothing'} refused"
        yield check(self, "default", spec == self.desired(known), f"{spec.algorithm} {spec.key}, {refused}")

    def retained(self, have: Observed, consent: frozenset[str]) -> str:
        """It stays, and its key with it, while there is anything that only the key can open."""
        named = self.bucket in consent or not self._in_our_bucket()
        if named or objects.only_ours(self.cloud, self.bucket):
            return ""
        return f"{self.bucket} is not empty; to delete it with everything in it: --delete-data {self.bucket}"

    def remove(self, have: Observed, known: Known) -> None:
        """Back to what S3 sets for a new bucket; what a DeleteBucketEncryption leaves blocked is not documented."""
        if have.owned:
            self._put({"SSEAlgorithm": _S3_OWN}, False, _BLOCKED)

    def _in_our_bucket(self) -> bool:
        found = self.cloud.find("s3", "get_bucket_tagging", **self._which()) or {}
        return tags.owned(tags.as_map(found.get("TagSet", [])))

    def _which(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}

    def _put(self, default: dict[str, str], bucket_key: bool, blocked: tuple[str, ...]) -> None:
        rule = {
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": bucket_key,
            "BlockedEncryptionTypes": {"EncryptionType": list(blocked)},
        }
        whole = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}, "alone": f"bucket {self.bucket}"}
        params: dict[str, Any] = {**self._which(), **whole}
        propagated(self.cloud, lambda: self.cloud.write("s3", "put_bucket_encryption", **params), *BUCKET)


def _seen(found: dict[str, Any]) -> BucketEncryptionSpec:
    rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    rule = rules[0] if rules else {}
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    algorithm, key = default.get("SSEAlgorithm", _S3_OWN), default.get("KMSMasterKeyID", "")
    blocked = rule.get("BlockedEncryptionTypes", {}).get("EncryptionType", [])
    return BucketEncryptionSpec(
        str(algorithm),
        str(key),
        bool(rule.get("BucketKeyEnabled", False)),
        tuple(sorted(each for each in blocked if each != "NONE")),
    )


def build(meta: Meta, settings: BucketEncryptionSettings, context: Context) -> BucketEncryption:
    return BucketEncryption(meta, context.cloud, context.name_of(settings.bucket), settings)
