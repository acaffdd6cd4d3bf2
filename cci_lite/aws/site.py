"""Where the runbook is applied: account, partition, region, caller. Pure values; imports nothing of AWS.

Account, partition and ARNs are derived here and never typed into the runbook.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ASSUMED = re.compile(r"^arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/")


@dataclass(frozen=True)
class Site:
    """`caller` is the IAM ARN (user or role) of whoever runs the command, never an STS session ARN."""

    account: str
    region: str
    partition: str = "aws"
    caller: str = ""

    def arn(self, service: str, resource: str, *, region: str | None = None, account: str | None = None) -> str:
        """An ARN of this account and region; pass "" for services whose ARNs leave a part out."""
        where = self.region if region is None else region
        whose = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{where}:{whose}:{resource}"

    def bucket_arn(self, name: str) -> str:
        return self.arn("s3", name, region="", account="")

    def function_arn(self, name: str) -> str:
        return self.arn("lambda", f"function:{name}")

    def role_arn(self, name: str) -> str:
        return self.arn("iam", f"role/{name}", region="")

    def root_arn(self) -> str:
        return self.arn("iam", "root", region="")

    def principal_arn(self, name: str) -> str:
        """`caller`, `user/NAME` or `role/NAME` as an ARN."""
        return self.caller if name == "caller" else self.arn("iam", name, region="")

    def fill(self, text: str) -> str:
        """`{account}`, `{region}` and `{partition}` in a name from the runbook, filled in."""
        return text.format(account=self.account, region=self.region, partition=self.partition)


def assumed_role(arn: str) -> str:
    """The role's name behind an STS session ARN; "" for any other identity."""
    found = _ASSUMED.match(arn)
    return found["role"] if found else ""


def is_root(arn: str) -> bool:
    """Whether the identity is the account's root user."""
    return arn.endswith(":root")
