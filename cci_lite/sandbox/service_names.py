"""The AWS services that a policy can name as principals, the usual ones. Pure data."""

from __future__ import annotations

import re

_REGIONAL = re.compile(r"\.[a-z]{2}(?:-[a-z]+)+-\d(?=\.amazonaws\.com$)")
_NAMES = (
    "access-analyzer apigateway appflow application-autoscaling appsync athena autoscaling backup batch "
    "batchoperations.s3 bedrock budgets cloudformation cloudfront cloudtrail cloudwatch codebuild codedeploy "
    "codepipeline cognito-idp comprehend config connect costalerts dataexchange datasync delivery.logs "
    "diode.connect dlm dms ds dynamodb ec2 ecs ecs-tasks edgelambda eks elasticache elasticbeanstalk "
    "elasticfilesystem elasticloadbalancing elasticmapreduce emr-serverless es events export.rds firehose fsx "
    "glue guardduty inspector2 iot kafka kinesis kinesisanalytics kms lakeformation lambda lex lexv2 logging.s3 "
    "logdelivery.elasticloadbalancing logs macie mediaconvert monitoring monitoring.rds opensearchservice "
    "personalize pipes quicksight rds redshift redshift-serverless rekognition replicator.lambda route53 s3 "
    "sagemaker scheduler secretsmanager securityhub serverlessrepo ses sns spotfleet sqs ssm states "
    "storagegateway sts support textract transcribe transcribe.streaming transfer translate trustedadvisor "
    "vpc-flow-logs wafv2 workspaces xray"
)
_KNOWN = frozenset(f"{name}.amazonaws.com" for name in _NAMES.split())


def known(principal: str) -> bool:
    """Whether the name, with a region in it or not, is one of AWS's."""
    return _REGIONAL.sub("", principal.lower()) in _KNOWN
