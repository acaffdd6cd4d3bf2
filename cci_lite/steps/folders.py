"""Folder markers, so that people see where things go. They mean nothing to S3; the bucket's rules spare them.

Source: aws-facts 7, 8, 15: markers are made before the notification, with the headers the policy demands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import absent
from cci_lite.aws.propagation import BUCKET, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms, objects
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

_STAYS = "only the markers go; a folder shows as long as anything lies in it"


_Folder = Annotated[
    str, forms.form(r"([^/{}]|\{tenant\})([^{}]|\{tenant\})*/", "end with / and hold no braces but {tenant}")
]


class FoldersSettings(Settings):
    """folders: prefixes that end in "/"; `{tenant}` stands for every tenant of the runbook."""

    bucket: Annotated[str, Refers(("bucket",), whole=True)]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    folders: tuple[_Folder, ...]


@dataclass(frozen=True)
class FoldersSpec:
    """key: what the markers are encrypted with when they are made; markers: folder -> whether it shows."""

    key: str
    markers: Mapping[str, bool]


@dataclass(frozen=True)
class Folders:
    meta: Meta
    cloud: Cloud
    bucket: str
    key: str
    folders: tuple[str, ...]
    step: str

    @property
    def traits(self) -> Traits:
        return Traits(guards=self.step)

    def desired(self, known: Known) -> FoldersSpec:
        return FoldersSpec(known.fact(self.key, "arn"), dict.fromkeys(self.folders, True))

    def observe(self, known: Known) -> Observed | None:
        """Listed with a delimiter, so that the cost grows with pages of folders and never with calls."""
        seen = set[str]()
        for delimiter in dict.fromkeys(_delimiter(each) for each in self.folders):
            seen |= self._listed(delimiter)
        found = {each: each in seen for each in self.folders}
        if not any(found.values()):
            return None
        return Observed(FoldersSpec(known.fact(self.key, "arn"), found), stays=_STAYS)

    def apply(self, want: FoldersSpec, have: Observed | None, changes: Changes) -> None:
        for folder in changes.keys("markers"):
            self._make(folder, want.key)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        for folder, there in have.spec.markers.items():
            name = folder.strip("/").replace("/", "-")
            yield check(self, name, there, f"{folder}: {'there' if there else 'missing'}")

    def remove(self, have: Observed, known: Known) -> None:
        """Only the markers: what was put below them is not theirs."""
        objects.delete(self.cloud, self.bucket, ({"Key": each} for each in self.folders))

    def _which(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}

    def _listed(self, delimiter: str) -> set[str]:
        try:
            pages = self.cloud.pages("s3", "list_objects_v2", "CommonPrefixes", **self._which(), Delimiter=delimiter)
        except ClientError as error:
            if absent("s3", error):
                return set()
            raise
        return {str(each["Prefix"]) for each in pages}

    def _make(self, folder: str, key: str) -> None:
        def put() -> None:
            self.cloud.write(
                "s3", "put_object", **self._which(), Key=folder, ServerSideEncryption="aws:kms", SSEKMSKeyId=key
            )

        propagated(self.cloud, put, *BUCKET)


def _delimiter(folder: str) -> str:
    """What follows the first part: "calls/" for TENANT/calls/, so that one listing shows every tenant's folder."""
    return folder.split("/", 1)[1] or "/"


def build(meta: Meta, settings: FoldersSettings, context: Context) -> Folders:
    folders = [
        each.replace("{tenant}", tenant)
        for each in settings.folders
        for tenant in (context.tenants if "{tenant}" in each else [""])
    ]
    return Folders(meta, context.cloud, context.name_of(settings.bucket), settings.key, tuple(folders), settings.bucket)
