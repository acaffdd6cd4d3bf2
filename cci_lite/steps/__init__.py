"""The kinds of steps a runbook can name. One line a kind, written out by hand."""

from __future__ import annotations

from collections.abc import Mapping

from cci_lite.steps import (
    athena_workgroup,
    bedrock_model,
    bucket,
    bucket_encryption,
    bucket_notifications,
    bucket_statement,
    event_rule,
    folders,
    glue_crawl,
    glue_crawler,
    glue_crawler_schedule,
    glue_database,
    glue_role_policy,
    glue_table,
    iam_role,
    iam_role_policy,
    kms_key,
    kms_key_member,
    lambda_alarm,
    lambda_event_invoke_config,
    lambda_function,
    lambda_permission,
    lifecycle_rules,
    log_group,
    model_parameter,
    quicksight_analysis,
    quicksight_dashboard,
    quicksight_data_set,
    quicksight_data_source,
    quicksight_ingestion,
    quicksight_refresh_schedule,
    quicksight_role_policy,
    quicksight_row_rules,
    quicksight_subscription,
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
    "bucket_encryption": Kind(bucket_encryption.BucketEncryptionSettings, bucket_encryption.build),
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
    "lambda_event_invoke_config": Kind(
        lambda_event_invoke_config.LambdaEventInvokeConfigSettings, lambda_event_invoke_config.build
    ),
    "lambda_permission": Kind(lambda_permission.LambdaPermissionSettings, lambda_permission.build),
    "event_rule": Kind(event_rule.EventRuleSettings, event_rule.build),
    "sample_call": Kind(sample_call.SampleCallSettings, sample_call.build),
    "sns_topic": Kind(sns_topic.SnsTopicSettings, sns_topic.build),
    "sns_subscription": Kind(sns_subscription.SnsSubscriptionSettings, sns_subscription.build),
    "lambda_alarm": Kind(lambda_alarm.LambdaAlarmSettings, lambda_alarm.build),
    "glue_database": Kind(glue_database.GlueDatabaseSettings, glue_database.build),
    "glue_table": Kind(glue_table.GlueTableSettings, glue_table.build),
    "glue_role_policy": Kind(glue_role_policy.GlueRolePolicySettings, glue_role_policy.build),
    "glue_crawler": Kind(glue_crawler.GlueCrawlerSettings, glue_crawler.build),
    "glue_crawl": Kind(glue_crawl.GlueCrawlSettings, glue_crawl.build),
    "glue_crawler_schedule": Kind(glue_crawler_schedule.GlueCrawlerScheduleSettings, glue_crawler_schedule.build),
    "athena_workgroup": Kind(athena_workgroup.AthenaWorkgroupSettings, athena_workgroup.build),
    "quicksight_subscription": Kind(
        quicksight_subscription.QuicksightSubscriptionSettings, quicksight_subscription.build
    ),
    "quicksight_role_policy": Kind(quicksight_role_policy.QuicksightRolePolicySettings, quicksight_role_policy.build),
    "quicksight_data_source": Kind(quicksight_data_source.QuicksightDataSourceSettings, quicksight_data_source.build),
    "quicksight_row_rules": Kind(quicksight_row_rules.QuicksightRowRulesSettings, quicksight_row_rules.build),
    "quicksight_data_set": Kind(quicksight_data_set.QuicksightDataSetSettings, quicksight_data_set.build),
    "quicksight_ingestion": Kind(quicksight_ingestion.QuicksightIngestionSettings, quicksight_ingestion.build),
    "quicksight_refresh_schedule": Kind(
        quicksight_refresh_schedule.QuicksightRefreshScheduleSettings, quicksight_refresh_schedule.build
    ),
    "quicksight_analysis": Kind(quicksight_analysis.QuicksightAnalysisSettings, quicksight_analysis.build),
    "quicksight_dashboard": Kind(quicksight_dashboard.QuicksightDashboardSettings, quicksight_dashboard.build),
}
