"""One statement of a function's resource policy: who may invoke it, from where. Foreign statements stay.

Source: aws-facts 7. A bucket's ARN holds no account, so that the account is part of the condition. A rule's ARN holds
it, and there the account may not be asked for: EventBridge does not say it, and its events would not get through
(docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code
from cci_lite.aws.propagation import FUNCTION, propagated
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps import forms
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings


class LambdaPermissionSettings(Settings):
    """Exactly one of bucket and rule: whose events may invoke the function; sid: the statement's id."""

    function: Annotated[str, Refers(("lambda_function",), whole=True)]
    sid: Annotated[str, forms.name("-_", 100)]
    bucket: Annotated[str, Refers(("bucket",))] | None = None
    rule: Annotated[str, Refers(("event_rule",), order=False)] | None = None

    def model_post_init(self, context: Any) -> None:
        if (self.bucket is None) == (self.rule is None):
            raise ValueError("give exactly one of `bucket` and `rule`")


@dataclass(frozen=True)
class LambdaPermissionSpec:
    """source_account: "" where the statement asks for none."""

    principal: str
    action: str
    source_arn: str
    source_account: str


@dataclass(frozen=True)
class LambdaPermission:
    meta: Meta
    cloud: Cloud
    settings: LambdaPermissionSettings
    function: str
    want: LambdaPermissionSpec

    @property
    def traits(self) -> Traits:
        return Traits(settle_s=180)  # Lambda itself puts the statement beside the others

    def desired(self, known: Known) -> LambdaPermissionSpec:
        return self.want

    def observe(self, known: Known) -> Observed | None:
        found = self.cloud.find("lambda", "get_policy", FunctionName=self.function)
        statements = json.loads(found["Policy"])["Statement"] if found else []
        mine = next((each for each in statements if each.get("Sid") == self.settings.sid), None)
        return Observed(_parsed(mine)) if mine else None

    def apply(self, want: LambdaPermissionSpec, have: Observed | None, changes: Changes) -> None:
        """A statement cannot be changed in place: it is taken out and put in again."""
        if have is not None:
            self._call("remove_permission")
        whose = {"SourceAccount": want.source_account} if want.source_account else {}
        try:
            self._call(
                "add_permission", Action=want.action, Principal=want.principal, SourceArn=want.source_arn, **whose
            )
        except ClientError as error:
            if code(error) != "ResourceConflictException":  # otherwise an earlier try had worked; settling compares
                raise

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        spec: LambdaPermissionSpec = have.spec
        yield check(self, "statement", spec == self.desired(known), f"{spec.principal} from {spec.source_arn}")

    def remove(self, have: Observed, known: Known) -> None:
        self._call("remove_permission")

    def _call(self, operation: str, **params: Any) -> None:
        which = {"FunctionName": self.function, "StatementId": self.settings.sid, "alone": f"function {self.function}"}
        propagated(self.cloud, lambda: self.cloud.write("lambda", operation, **which, **params), *FUNCTION)


def _parsed(statement: Mapping[str, Any]) -> LambdaPermissionSpec:
    """Lambda writes the conditions itself: ArnLike AWS:SourceArn and StringEquals AWS:SourceAccount."""
    values = {
        key.lower(): str(value) for test in statement.get("Condition", {}).values() for key, value in test.items()
    }
    principal = statement.get("Principal", {})
    return LambdaPermissionSpec(
        str(principal.get("Service", principal) if isinstance(principal, Mapping) else principal),
        str(statement.get("Action", "")),
        values.get("aws:sourcearn", ""),
        values.get("aws:sourceaccount", ""),
    )


def build(meta: Meta, settings: LambdaPermissionSettings, context: Context) -> LambdaPermission:
    site, function = context.cloud.site, context.name_of(settings.function)
    if settings.bucket is not None:
        principal, source, account = "s3.amazonaws.com", site.bucket_arn(context.name_of(settings.bucket)), site.account
    else:
        rule = context.name_of(str(settings.rule))
        principal, source, account = "events.amazonaws.com", site.arn("events", f"rule/{rule}"), ""
    want = LambdaPermissionSpec(principal, "lambda:InvokeFunction", source, account)
    return LambdaPermission(meta, context.cloud, settings, function, want)
