"""IAM policies: values that compare by meaning, and the statements this project writes. Knows nothing of boto3."""

from cci_lite.aws.policy.buckets import bucket_statements, tls_only
from cci_lite.aws.policy.document import (
    PolicyDocument,
    Statement,
    dead_principals,
    statement,
    with_statement,
    without,
    without_dead_principals,
)

__all__ = [
    "PolicyDocument",
    "Statement",
    "bucket_statements",
    "dead_principals",
    "statement",
    "tls_only",
    "with_statement",
    "without",
    "without_dead_principals",
]
