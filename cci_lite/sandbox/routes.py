"""The one table of what the layer does to which call. Imports the behaviours; knows no server."""

from __future__ import annotations

from dataclasses import dataclass

from cci_lite.sandbox import athena, bedrock, comprehend, functions, kms, lakeformation, limits, notifications, s3
from cci_lite.sandbox.ages import Ages
from cci_lite.sandbox.athena import Athena
from cci_lite.sandbox.calls import Hook
from cci_lite.sandbox.jobs import Jobs
from cci_lite.sandbox.mail import Mail
from cci_lite.sandbox.principals import Principals
from cci_lite.sandbox.transcribe import Transcribe
from cci_lite.sandbox.word_lists import WordLists

# service -> IAM action without its prefix -> hooks, outermost first. "*" is every action of the service.
Routes = dict[str, dict[str, tuple[Hook, ...]]]


@dataclass(frozen=True)
class Table:
    """The routes of one daemon."""

    routes: Routes

    def hooks(self, service: str, action: str) -> tuple[Hook, ...]:
        """The hooks of a call, outermost first."""
        table = self.routes.get(service, {})
        return (*table.get("*", ()), *table.get(action, ()))


def table(jobs: Jobs, mail: Mail, queries: Athena) -> Table:
    """The table, with the behaviours that keep something."""
    ages = Ages()
    principals = Principals(ages)
    return Table(
        {
            "athena": {
                "DeleteWorkGroup": (queries.delete_work_group,),
                "GetQueryResults": (queries.get_query_results,),
                "GetWorkGroup": (athena.get_work_group,),
                "StartQueryExecution": (queries.start_query_execution,),
                "StopQueryExecution": (queries.stop_query_execution,),
                "UpdateWorkGroup": (athena.update_work_group,),
            },
            "transcribe": {"*": (Transcribe(jobs, WordLists(jobs.folder.parent / "word-lists")).serve,)},
            "comprehend": {"*": (comprehend.serve,)},
            "bedrock": {"*": (bedrock.control,)},
            "bedrock-runtime": {"*": (bedrock.runtime,)},
            "s3": {
                "*": (limits.bucket_owner,),
                "CreateBucket": (s3.create_bucket,),
                "GetEncryptionConfiguration": (s3.get_bucket_encryption,),
                "GetObject": (s3.get_object,),
                "GetObjectVersion": (s3.get_object,),
                "PutBucketNotification": (notifications.put,),
                "PutBucketPolicy": (principals.bucket_policy,),
                "PutEncryptionConfiguration": (s3.put_bucket_encryption,),
                "PutObject": (s3.put_object,),
            },
            "kms": {
                "CreateAlias": (kms.create_alias,),
                "DescribeKey": (kms.describe_key,),
                "CreateKey": (principals.key_policy, kms.create_key),
                "PutKeyPolicy": (principals.key_policy, kms.put_key_policy),
            },
            "iam": {
                "CreateRole": (principals.trust_policy, ages.create),
                "CreateUser": (ages.create,),
                "UpdateAssumeRolePolicy": (principals.trust_policy,),
            },
            "lambda": {
                "*": (functions.put_concurrency, functions.put_event_invoke_config),
                "CreateFunction": (ages.function_role,),
                "UpdateFunctionConfiguration": (ages.function_role,),
            },
            "lakeformation": {"*": (lakeformation.serve,)},
            "monitoring": {"PutMetricAlarm": (limits.put_metric_alarm,)},
            "sns": {
                "ListSubscriptions": (mail.listed,),
                "ListSubscriptionsByTopic": (mail.listed,),
                "Subscribe": (mail.subscribe,),
                "Unsubscribe": (mail.unsubscribe,),
            },
            "ssm": {
                "GetParameters": (limits.get_parameters,),
                "PutParameter": (limits.put_parameter,),
            },
        }
    )
