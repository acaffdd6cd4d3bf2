"""One thing that a bucket's policy forbids, as statements with Sids of our own; foreign statements stay.

Source: aws-facts 1. The plan's single Deny never fires (its two conditions are ANDed); it is split into three that
hold. STRICT demands both headers on every PUT; DEFAULT-OK lets PUTs without headers through, which the bucket's
default then encrypts with the right key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import AMBIGUOUS
from cci_lite.aws.policy import (
    EMPTY,
    PolicyDocument,
    Statement,
    bucket_statements,
    with_statement,
    without,
    without_dead_principals,
)
from cci_lite.aws.propagation import BUCKET, S3_PRINCIPAL, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps.checks import check, skipped
from cci_lite.steps.kind import Context, Refers, Settings
from cci_lite.steps.probes import Probes

Deny = Literal["insecure-transport", "not-sse-kms", "wrong-kms-key"]
Mode = Literal["strict", "default-ok"]

_SIDS: Mapping[tuple[Deny, Mode], tuple[str, ...]] = {
    ("insecure-transport", "strict"): ("CciLiteDenyInsecureTransport",),
    ("insecure-transport", "default-ok"): ("CciLiteDenyInsecureTransport",),
    ("not-sse-kms", "strict"): ("CciLiteDenyNotSseKms",),
    ("not-sse-kms", "default-ok"): ("CciLiteDenyNotSseKms",),
    ("wrong-kms-key", "strict"): ("CciLiteDenyWrongKmsKey",),
    ("wrong-kms-key", "default-ok"): ("CciLiteDenyWrongKmsKey", "CciLiteDenyKeyWithoutSse"),
}


class BucketStatementSettings(Settings):
    """deny: what is forbidden; key: the only key uploads may use (not for insecure-transport); mode: see above.

    encryption: the step of the bucket's default, which default-ok relies on.
    """

    bucket: Annotated[str, Refers(("bucket",), whole=True)]
    deny: Deny
    key: Annotated[str, Refers(("kms_key",), facts=True)] | None = None
    mode: Mode = "strict"
    encryption: Annotated[str, Refers(("bucket_encryption",))] | None = None

    def model_post_init(self, context: Any) -> None:
        if (self.key is None) != (self.deny == "insecure-transport"):
            raise ValueError("`key` is needed for not-sse-kms and wrong-kms-key, and only for them")
        if self.mode == "default-ok" and self.encryption is None:
            raise ValueError("mode default-ok needs `encryption`: the step that gives the bucket its default")


@dataclass(frozen=True)
class BucketStatementSpec:
    statements: Mapping[str, Statement | None]


@dataclass(frozen=True)
class BucketStatement:
    meta: Meta
    cloud: Cloud
    bucket: str
    settings: BucketStatementSettings

    @property
    def traits(self) -> Traits:
        return Traits(document=f"policy of {self.bucket}", shared=True, settle_s=180, guards=self.settings.bucket)

    @property
    def sids(self) -> tuple[str, ...]:
        return _SIDS[self.settings.deny, self.settings.mode]

    def desired(self, known: Known) -> BucketStatementSpec:
        key = known.fact(self.settings.key, "arn") if self.settings.key else ""
        made = bucket_statements(self.cloud.site.bucket_arn(self.bucket), key, self.settings.mode)
        return BucketStatementSpec({sid: made[sid] for sid in self.sids})

    def observe(self, known: Known) -> Observed | None:
        policy = self._policy()
        found = {sid: policy.statement(sid) for sid in self._all()} if policy else {}
        seen = {sid: each for sid, each in found.items() if each}
        return Observed(BucketStatementSpec(seen)) if seen else None

    def apply(self, want: BucketStatementSpec, have: Observed | None, changes: Changes) -> None:
        self.apply_jointly([(self, want)])

    def apply_jointly(self, due: Sequence[tuple[Any, BucketStatementSpec]]) -> None:
        """What is due of one bucket, by one write."""

        def change(policy: PolicyDocument) -> PolicyDocument:
            for step, want in due:
                policy = step.edited(policy, want)
            return policy

        self._rewrite(change)

    def edited(self, policy: PolicyDocument, want: BucketStatementSpec) -> PolicyDocument:
        """`policy` with the statements wanted in the place of all of this step's own."""
        policy = self._without_ours(policy)
        for each in want.statements.values():
            policy = with_statement(policy, each) if each else policy
        return policy

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan's uploads: those that must work and those that must be refused (aws-facts 1.1, 19)."""
        probes = Probes(self.cloud, self.bucket)
        key = known.fact(self.settings.key, "arn") if self.settings.key else ""
        prove = {"insecure-transport": self._tls, "not-sse-kms": self._encrypted, "wrong-kms-key": self._right_key}
        yield from prove[self.settings.deny](probes, key)

    def remove(self, have: Observed, known: Known) -> None:
        self._rewrite(self._without_ours)

    def _tls(self, probes: Probes, key: str) -> Iterator[Check]:
        try:
            answer = probes.plain_http()
        except AMBIGUOUS as error:
            yield skipped(self, "plain-http", f"nothing answered without TLS: {error}", "is port 80 open to S3 here?")
            return
        yield check(self, "plain-http", answer.denied, f"signed request without TLS: {answer}")

    def _encrypted(self, probes: Probes, key: str) -> Iterator[Check]:
        strict = self.settings.mode == "strict"
        bare, plain = self.cloud.together(
            lambda: probes.put(403 if strict else 200), lambda: probes.put(403, ServerSideEncryption="AES256")
        )
        good = bare.denied if strict else bare.stored_under(key)
        yield check(self, "no-header", good, f"PUT without encryption headers: {bare}")
        yield check(self, "aes256", plain.denied, f"PUT with AES256: {plain}")

    def _right_key(self, probes: Probes, key: str) -> Iterator[Check]:
        no_key, right, signed, unsigned = self.cloud.together(
            lambda: probes.put(403, ServerSideEncryption="aws:kms"),
            lambda: probes.put(200, ServerSideEncryption="aws:kms", SSEKMSKeyId=key),
            lambda: probes.presigned(200, key, send=True),
            lambda: probes.presigned(403, key, send=False),
        )
        yield check(self, "no-key", no_key.denied, f"PUT with aws:kms and no key: {no_key}")
        yield check(self, "right-key", right.stored_under(key), f"PUT with aws:kms and the key: {right}")
        yield check(self, "presigned", signed.stored_under(key), f"presigned PUT with both headers: {signed}")
        yield check(self, "presigned-bare", unsigned.status == 403, f"presigned PUT without its headers: {unsigned}")

    def _all(self) -> frozenset[str]:
        """Also the Sids of the other mode: changing the mode leaves none of them behind."""
        return frozenset(sid for (deny, _), sids in _SIDS.items() if deny == self.settings.deny for sid in sids)

    def _policy(self) -> PolicyDocument | None:
        which = {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}
        found = self.cloud.find("s3", "get_bucket_policy", **which)
        return PolicyDocument.parse(found["Policy"]) if found else None

    def _without_ours(self, policy: PolicyDocument) -> PolicyDocument:
        for sid in self._all():
            policy = without(policy, sid)
        return policy

    def _rewrite(self, change: Callable[[PolicyDocument], PolicyDocument]) -> None:
        """S3 refuses a policy that names somebody who was deleted: those ids are dropped (aws-facts 3.3)."""

        def put() -> None:
            """Read anew for every try: others may have put statements of their own there in the meantime."""
            before = self._policy()
            after = change(without_dead_principals(before or EMPTY))
            if not after.empty:
                self._write("put_bucket_policy", Policy=after.to_json())
            elif before is not None:
                self._write("delete_bucket_policy")

        propagated(self.cloud, put, S3_PRINCIPAL, *BUCKET)

    def _write(self, operation: str, **params: Any) -> None:
        which = {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}
        self.cloud.write("s3", operation, alone=f"bucket {self.bucket}", **which, **params)


def build(meta: Meta, settings: BucketStatementSettings, context: Context) -> BucketStatement:
    return BucketStatement(meta, context.cloud, context.name_of(settings.bucket), settings)
