"""The KMS key that encrypts everything: alias, description, rotation, tags. Who may use it is other steps' business.

Source: aws-facts 3. CreateKey cannot be repeated safely and keys have no names, so the ownership tags go into the
create call: a key whose alias was never made is found again by them, and never made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any

from botocore.exceptions import ClientError
from pydantic import Field

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code
from cci_lite.aws.propagation import KMS_UNSEEN, made_once, propagated
from cci_lite.engine.model import IMMUTABLE, Blocked, Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Settings

_GONE = ("PendingDeletion", "PendingReplicaDeletion")
_FIXED = "a key's kind is fixed for good; use another alias"
_WINDOW_DAYS = 30
_Details = tuple[dict[str, str], bool]


class KmsKeySettings(Settings):
    """alias: with its `alias/` prefix; rotation: whether KMS rotates the material once a year."""

    alias: Annotated[
        str, forms.form(r"alias/(?!aws/)[a-zA-Z0-9/_-]{1,200}", "be an alias of your own such as alias/my-key")
    ]
    description: Annotated[str, Field(max_length=8192)] = "CCI Lite: call recordings and results"
    rotation: bool = True


@dataclass(frozen=True)
class KmsKeySpec:
    key_spec: str = field(metadata={IMMUTABLE: _FIXED})
    usage: str = field(metadata={IMMUTABLE: _FIXED})
    alias: str
    description: str
    rotation: bool
    tags: Mapping[str, str]


@dataclass(frozen=True)
class KmsKey:
    """last: the "id" that the last look found, "" for nothing. What is likely to be asked next is asked along with
    whether that still holds, and used only if it does: a round trip less for each look after the first."""

    meta: Meta
    cloud: Cloud
    settings: KmsKeySettings
    tags: Mapping[str, str]
    last: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def traits(self) -> Traits:
        return Traits(settle_reads=2)

    def desired(self, known: Known) -> KmsKeySpec:
        wish, kind = self.settings, ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        return KmsKeySpec(*kind, wish.alias, wish.description, wish.rotation, self.tags)

    def observe(self, known: Known) -> Observed | None:
        named, unnamed, likely = self._looked_up()
        key = named or unnamed
        self.last["id"] = key["KeyId"] if key else ""
        if key is None:
            return None
        if key["KeyState"] != "Enabled":
            raise Blocked(_unusable(key, self.settings.alias))
        found, rotates = likely.get(key["KeyId"]) or self._details(key["KeyId"])
        spec = KmsKeySpec(
            str(key.get("KeySpec", "SYMMETRIC_DEFAULT")),
            str(key["KeyUsage"]),
            self.settings.alias if named else "",
            str(key.get("Description", "")),
            rotates,
            tags.among(found, self.tags),
        )
        return Observed(spec, {"arn": key["Arn"], "id": key["KeyId"], "alias": self.settings.alias}, tags.owned(found))

    def apply(self, want: KmsKeySpec, have: Observed | None, changes: Changes) -> None:
        key = have.facts["id"] if have else self._create(want)
        first: list[Callable[[], object]] = []
        if changes.touch("alias"):
            first.append(lambda: self._name(key))
        if changes.touch("rotation") and want.rotation:
            first.append(lambda: self._known("enable_key_rotation", KeyId=key))
        self.cloud.together(*first)
        if have and changes.touch("rotation") and not want.rotation:
            self.cloud.write("kms", "disable_key_rotation", KeyId=key)
        if have and changes.touch("description"):
            self.cloud.write("kms", "update_key_description", KeyId=key, Description=want.description)
        if have and changes.touch("tags"):
            self.cloud.write("kms", "tag_resource", KeyId=key, Tags=tags.as_list(want.tags, "TagKey", "TagValue"))

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: "Key shows alias"."""
        key = self.cloud.read("kms", "describe_key", KeyId=self.settings.alias)["KeyMetadata"]
        right = key["Arn"] == have.facts["arn"] and key["KeyState"] == "Enabled"
        yield check(self, "alias", right, f"{self.settings.alias} -> {key['Arn']}, {key['KeyState']}")
        yield check(self, "rotation", have.spec.rotation == self.settings.rotation, f"rotation: {have.spec.rotation}")

    def retained(self, have: Observed, consent: frozenset[str]) -> str:
        """What was encrypted under a key is lost with it, so that it goes only when it was named."""
        if not have.owned or self.settings.alias in consent:
            return ""
        return f"what it encrypted would be lost; to schedule its deletion: --delete-data {self.settings.alias}"

    def remove(self, have: Observed, known: Known) -> None:
        if not have.owned:
            return
        if have.spec.alias:
            self.cloud.write("kms", "delete_alias", AliasName=have.spec.alias)
        try:
            self.cloud.write("kms", "schedule_key_deletion", KeyId=have.facts["id"], PendingWindowInDays=_WINDOW_DAYS)
        except ClientError as error:
            if code(error) != "KMSInvalidStateException":  # "... is pending deletion": the first answer was lost
                raise
        self.last["id"] = ""

    def _looked_up(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None, dict[str, _Details]]:
        """The key behind the alias, else ours without it, and details by id as far as they came along."""
        last, likely = self.last.get("id"), dict[str, _Details]()

        def ahead() -> dict[str, Any] | None:
            if last:
                with suppress(ClientError):  # asked again, and told, if it is the key
                    likely[last] = self._details(last)
            return self._unnamed() if last == "" else None

        named, unnamed = self.cloud.together(lambda: self._behind(self.settings.alias), ahead)
        return named, unnamed if named or last == "" else self._unnamed(), likely

    def _known(self, operation: str, **params: str) -> None:
        """A write about a key that may be new: the parts of KMS hear of it one after the other."""
        propagated(self.cloud, lambda: self.cloud.write("kms", operation, **params), KMS_UNSEEN)

    def _details(self, key: str) -> _Details:
        """Its tags, and whether it rotates. The key is there, whatever this part of KMS says of it at first."""
        found, rotation = self.cloud.together(
            lambda: propagated(
                self.cloud, lambda: self.cloud.pages("kms", "list_resource_tags", "Tags", KeyId=key), KMS_UNSEEN
            ),
            lambda: [
                propagated(self.cloud, lambda: self.cloud.read("kms", "get_key_rotation_status", KeyId=key), KMS_UNSEEN)
            ],
        )
        return tags.as_map(found, "TagKey", "TagValue"), bool(rotation[0]["KeyRotationEnabled"])

    def _behind(self, alias: str) -> dict[str, Any] | None:
        found = self.cloud.find("kms", "describe_key", KeyId=alias)
        return found["KeyMetadata"] if found else None

    def _unnamed(self) -> dict[str, Any] | None:
        """Our own key without its alias: a run that was cut off between CreateKey and CreateAlias left it."""
        for each in self.cloud.pages("kms", "list_keys", "Keys"):
            try:
                found = self._tags(each["KeyId"])
            except ClientError as error:
                if code(error) in ("AccessDeniedException", "NotFoundException"):  # somebody else's key, closed to us
                    continue
                raise
            if tags.owned(found) and found.get(tags.STEP_KEY) == self.meta.id:
                key: dict[str, Any] = self.cloud.read("kms", "describe_key", KeyId=each["KeyId"])["KeyMetadata"]
                if key["KeyState"] not in _GONE:
                    return key
        return None

    def _tags(self, key: str) -> dict[str, str]:
        return tags.as_map(self.cloud.pages("kms", "list_resource_tags", "Tags", KeyId=key), "TagKey", "TagValue")

    def _create(self, want: KmsKeySpec) -> str:
        marks = tags.as_list(tags.ours(self.meta.id, want.tags), "TagKey", "TagValue")
        create = self.cloud.client("kms", retry=False).create_key
        made = made_once(
            self.cloud,
            lambda: create(Description=want.description, KeySpec=want.key_spec, KeyUsage=want.usage, Tags=marks)[
                "KeyMetadata"
            ],
            self._unnamed,
            "the new key",
        )
        self.last["id"] = str(made["KeyId"])
        return self.last["id"]

    def _name(self, key: str) -> None:
        try:
            self._known("create_alias", AliasName=self.settings.alias, TargetKeyId=key)
        except ClientError as error:
            if code(error) != "AlreadyExistsException" or not self._points_to(key):
                raise

    def _points_to(self, key: str) -> bool:
        """After a lost answer the repeated CreateAlias is refused although ours was carried out."""
        found = self._behind(self.settings.alias)
        return found is not None and found["KeyId"] == key


def _unusable(key: dict[str, Any], alias: str) -> str:
    """Why nothing is done about the key, and what a person can do (aws-facts 3.6, 3.7)."""
    if key["KeyState"] in _GONE:
        return (
            f"the key {key['Arn']} behind {alias} is scheduled for deletion, and with it goes all that it encrypted; "
            f"to keep it: aws kms cancel-key-deletion --key-id {key['KeyId']} && aws kms enable-key --key-id "
            f"{key['KeyId']}; if the loss is meant: aws kms delete-alias --alias-name {alias}, and provision makes a "
            "new key"
        )
    return f"the key {key['Arn']} is {key['KeyState']}; to use it: aws kms enable-key --key-id {key['KeyId']}"


def build(meta: Meta, settings: KmsKeySettings, context: Context) -> KmsKey:
    return KmsKey(meta, context.cloud, settings, context.tags)
