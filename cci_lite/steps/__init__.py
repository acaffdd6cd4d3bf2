"""The kinds of steps a runbook can name. One line a kind, written out by hand."""

from __future__ import annotations

from collections.abc import Mapping

from cci_lite.steps import (
    athena_workgroup,
    bedrock_model,
    bucket,
    bucket_notifications,
    bucket_statement,
    event_rule,
    folders,
    glue_database,
    glue_table,
    iam_role,
    iam_role_policy,
    kms_key,
    kms_key_member,
    lambda_alarm,
    lambda_function,
    lambda_permission,
    lifecycle_rules,
    log_group,
    model_parameter,
    sample_call,
    sns_subscription,
    sns_topic,
    sqs_queue,
    tenant_registry,
    transcribe_vocabulary,
    transcribe_vocabulary_filter,
)
from cci_lite.steps.kind import Kind

REGISTRY: Mapping[str, Kind] = {
    "kms_key": Kind(kms_key.KmsKeySettings, kms_key.build),
    "kms_key_administrator": Kind(kms_key_member.KmsKeyAdministratorSettings, kms_key_member.administrator),
    "kms_key_user": Kind(kms_key_member.KmsKeyUserSettings, kms_key_member.user),
    "bucket": Kind(bucket.BucketSettings, bucket.build),
    "bucket_statement": Kind(bucket_statement.BucketStatementSettings, bucket_statement.build),
    "bucket_notifications": Kind(bucket_notifications.BucketNotificationsSettings, bucket_notifications.build),
    "lifecycle_rules": Kind(lifecycle_rules.LifecycleRulesSettings, lifecycle_rules.build),
    "folders": Kind(folders.FoldersSettings, folders.build),
    "iam_role": Kind(iam_role.IamRoleSettings, iam_role.build),
    "iam_role_policy": Kind(iam_role_policy.IamRolePolicySettings, iam_role_policy.build),
    "bedrock_model": Kind(bedrock_model.BedrockModelSettings, bedrock_model.build),
    "model_parameter": Kind(model_parameter.ModelParameterSettings, model_parameter.build),
    "tenant_registry": Kind(tenant_registry.TenantRegistrySettings, tenant_registry.build),
    "transcribe_vocabulary": Kind(transcribe_vocabulary.TranscribeVocabularySettings, transcribe_vocabulary.build),
    "transcribe_vocabulary_filter": Kind(
        transcribe_vocabulary_filter.TranscribeVocabularyFilterSettings, transcribe_vocabulary_filter.build
    ),
    "log_group": Kind(log_group.LogGroupSettings, log_group.build),
    "sqs_queue": Kind(sqs_queue.SqsQueueSettings, sqs_queue.build),
    "lambda_function": Kind(lambda_function.LambdaFunctionSettings, lambda_function.build),
    "lambda_permission": Kind(lambda_permission.LambdaPermissionSettings, lambda_permission.build),
    "event_rule": Kind(event_rule.EventRuleSettings, event_rule.build),
    "sample_call": Kind(sample_call.SampleCallSettings, sample_call.build),
    "sns_topic": Kind(sns_topic.SnsTopicSettings, sns_topic.build),
    "sns_subscription": Kind(sns_subscription.SnsSubscriptionSettings, sns_subscription.build),
    "lambda_alarm": Kind(lambda_alarm.LambdaAlarmSettings, lambda_alarm.build),
    "glue_database": Kind(glue_database.GlueDatabaseSettings, glue_database.build),
    "glue_table": Kind(glue_table.GlueTableSettings, glue_table.build),
    "athena_workgroup": Kind(athena_workgroup.AthenaWorkgroupSettings, athena_workgroup.build),
}
