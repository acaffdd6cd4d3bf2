"""The Athena workgroup that queries run in: own output folder, own key, a limit on what a query may scan.

Source: aws-facts 11. `primary` is shared with everybody and cannot be deleted: it is never touched. The answers that
Athena writes are copies of results, whole transcripts among them; whoever asks reads at once, so that the bucket's own
rule for athena-results/ lets them expire after a day, before any tenant's results do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError
from pydantic import Field

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import message
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import catalog_queries, forms, queries
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

OUTPUT = "athena-results/"
_ENGINE = "Athena engine version 3"
_GB = 1024**3
_NO_ROWS = "no result can be seen yet: `cci-lite validate --phase 2` proves the pipeline"
_NO_ANSWER = "see the reason; a line that is no JSON ends every query of results: the check of documents names its file"


class AthenaWorkgroupSettings(Settings):
    """scan_limit_gb: a query that would scan more is cancelled; database, table, documents: what validation asks."""

    name: Annotated[
        str,
        forms.form(r"(?!primary$)[a-zA-Z0-9._-]{1,128}", "be 1 to 128 letters, digits and . _ -, and not `primary`"),
    ]
    bucket: Annotated[str, Refers(("bucket",))]
    key: Annotated[str, Refers(("kms_key",), facts=True)]
    database: Annotated[str, Refers(("glue_database",))]
    table: Annotated[str, Refers(("glue_table",))]
    documents: Annotated[str, Refers(("glue_table",))]
    scan_limit_gb: Annotated[int, Field(ge=1, le=1024)] = 10


@dataclass(frozen=True)
class AthenaWorkgroupSpec:
    """enforced: clients cannot choose another output; owner: the account that must own the output's bucket."""

    enabled: bool
    enforced: bool
    output: str
    owner: str
    encryption: str
    key: str
    scan_limit_bytes: int
    engine: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class AthenaWorkgroup:
    meta: Meta
    cloud: Cloud
    settings: AthenaWorkgroupSettings
    bucket: str
    database: str
    table: str
    documents: str
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> AthenaWorkgroupSpec:
        return AthenaWorkgroupSpec(
            enabled=True,
            enforced=True,
            output=f"s3://{self.bucket}/{OUTPUT}",
            owner=self.cloud.site.account,
            encryption="SSE_KMS",
            key=known.fact(self.settings.key, "arn"),
            scan_limit_bytes=self.settings.scan_limit_gb * _GB,
            engine=_ENGINE,
            tags=self.tags,
        )

    def observe(self, known: Known) -> Observed | None:
        found = self._found()
        if found is None:
            return None
        answer = self.cloud.read("athena", "list_tags_for_resource", ResourceARN=self._arn)
        marks = tags.as_map(answer.get("Tags", []))
        facts = {"name": self.settings.name, "database": self.database, "table": self.table}
        return Observed(_seen(found, tags.among(marks, self.tags)), facts, tags.owned(marks))

    def apply(self, want: AthenaWorkgroupSpec, have: Observed | None, changes: Changes) -> None:
        if have is None:
            self._create(want)
            return
        if changes.touch("tags"):
            self.cloud.write("athena", "tag_resource", ResourceARN=self._arn, Tags=tags.as_list(want.tags))
        if any(not each.path.startswith("tags") for each in changes):
            self.cloud.write(
                "athena",
                "update_work_group",
                WorkGroup=self.settings.name,
                State="ENABLED",
                ConfigurationUpdates={
                    **_limits(want),
                    "ResultConfigurationUpdates": _output(want),
                },
            )

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: its query, run in the workgroup, returns rows. So does the table of whole results; lines of it that
        are no result are named, and fail nothing by themselves."""
        whole = catalog_queries.documents_query(self.database, self.documents)
        yield self._asked("rows", self.query, self.query, catalog_queries.rows)
        yield self._asked("documents", f"table {self.documents}", whole, catalog_queries.documents)

    def remove(self, have: Observed, known: Known) -> None:
        """With the history of its queries; without the option, Athena refuses a workgroup that has any."""
        if have.owned:
            self.cloud.write("athena", "delete_work_group", WorkGroup=self.settings.name, RecursiveDeleteOption=True)

    @property
    def query(self) -> str:
        """The plan's own query."""
        return catalog_queries.rows_query(self.database, self.table)

    @property
    def _arn(self) -> str:
        return self.cloud.site.arn("athena", f"workgroup/{self.settings.name}")

    def _asked(self, name: str, what: str, sql: str, count: Callable[[catalog_queries.Rows], tuple[int, str]]) -> Check:
        """Whether the answer holds anything; count: how much, and how that is told."""
        try:
            executed = queries.execute(self.cloud, self.settings.name, self.database, sql)
            number, told = count(list(queries.answer(self.cloud, executed).rows))
        except queries.QueryFailedError as error:
            return check(self, name, False, f"Athena: {error}", _NO_ANSWER)
        return check(self, name, number > 0, f"{what}: {told}, {executed.scanned_bytes} bytes scanned", _NO_ROWS)

    def _found(self) -> dict[str, Any] | None:
        answer = self.cloud.find("athena", "get_work_group", WorkGroup=self.settings.name)
        return dict(answer["WorkGroup"]) if answer else None

    def _create(self, want: AthenaWorkgroupSpec) -> None:
        try:
            self.cloud.write(
                "athena",
                "create_work_group",
                Name=self.settings.name,
                Description="Queries of CCI Lite",
                Configuration={**_limits(want), "ResultConfiguration": _output(want)},
                Tags=tags.as_list(tags.ours(self.meta.id, want.tags)),
            )
        except ClientError as error:  # "WorkGroup is already created": the answer to an earlier try was lost
            if "already" not in message(error):
                raise


def _limits(want: AthenaWorkgroupSpec) -> dict[str, Any]:
    return {
        "EnforceWorkGroupConfiguration": want.enforced,
        "BytesScannedCutoffPerQuery": want.scan_limit_bytes,
        "EngineVersion": {"SelectedEngineVersion": want.engine},
    }


def _output(want: AthenaWorkgroupSpec) -> dict[str, Any]:
    return {
        "OutputLocation": want.output,
        "ExpectedBucketOwner": want.owner,
        "EncryptionConfiguration": {"EncryptionOption": want.encryption, "KmsKey": want.key},
    }


def _seen(found: Mapping[str, Any], marks: Mapping[str, str]) -> AthenaWorkgroupSpec:
    configuration = found.get("Configuration", {})
    output = configuration.get("ResultConfiguration", {})
    encryption = output.get("EncryptionConfiguration", {})
    return AthenaWorkgroupSpec(
        enabled=found.get("State") == "ENABLED",
        enforced=bool(configuration.get("EnforceWorkGroupConfiguration", False)),
        output=str(output.get("OutputLocation", "")),
        owner=str(output.get("ExpectedBucketOwner", "")),
        encryption=str(encryption.get("EncryptionOption", "none")),
        key=str(encryption.get("KmsKey", "")),
        scan_limit_bytes=int(configuration.get("BytesScannedCutoffPerQuery", 0)),
        engine=str(configuration.get("EngineVersion", {}).get("SelectedEngineVersion", "")),
        tags=marks,
    )


def build(meta: Meta, settings: AthenaWorkgroupSettings, context: Context) -> AthenaWorkgroup:
    names = (context.name_of(settings.bucket), context.name_of(settings.database), context.name_of(settings.table))
    documents = context.name_of(settings.documents)
    return AthenaWorkgroup(meta, context.cloud, settings, *names, documents, context.tags)
