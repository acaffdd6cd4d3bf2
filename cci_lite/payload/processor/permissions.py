"""Every AWS action the function's code makes, by service. The role's policy is made from this; imports nothing."""

from __future__ import annotations

IAM_ACTIONS: dict[str, tuple[str, ...]] = {
    "s3": ("s3:GetObject", "s3:PutObject", "s3:ListBucket"),
    "kms": ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey"),
    "transcribe": ("transcribe:StartTranscriptionJob", "transcribe:GetTranscriptionJob"),
    "comprehend": (
        "comprehend:BatchDetectSentiment",
        "comprehend:BatchDetectKeyPhrases",
        "comprehend:BatchDetectEntities",
        "comprehend:DetectPiiEntities",
    ),
    "bedrock": ("bedrock:InvokeModel",),
    "ssm": ("ssm:GetParameter", "ssm:GetParametersByPath"),
}
