"""IAM policies: values that compare by meaning, and the statements this project writes. Knows nothing of boto3."""

from cci_lite.aws.policy.buckets import bucket_statements, tls_only
from cci_lite.aws.policy.document import (
    EMPTY,
    PolicyDocument,
    Statement,
    dead_principals,
    with_statement,
    without,
    without_dead_principals,
)
from cci_lite.aws.policy.members import Right

__all__ = [
    "EMPTY",
    "PolicyDocument",
    "Right",
    "Statement",
    "bucket_statements",
    "dead_principals",
    "tls_only",
    "with_statement",
    "without",
    "without_dead_principals",
]
