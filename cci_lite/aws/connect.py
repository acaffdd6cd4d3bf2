"""From the operator's environment to a Cloud: credentials, account check, caller.

Every command that could write is refused here unless the account is pinned, is the caller's, and the caller is
not the root user (aws-facts 1.10, 17, 18).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code, message
from cci_lite.aws.site import Site, assumed_role, is_root
from cci_lite.engine.clock import Clock

#: What the steps of Phases 1 and 2 call, by first use. A client takes 5 to 30 ms of computing to make.
PLANNED = ("kms", "s3", "iam", "bedrock", "ssm", "sqs", "sns", "logs", "lambda", "events", "cloudwatch")


_NOBODY = "check credentials, region and network; without an account, `--sandbox` works on this machine"


class Refused(Exception):
    """The command stops before the first call that could write; `hint` is the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Access:
    """How to reach AWS. Everything unset is left to the standard AWS environment and profiles."""

    region: str
    profile: str | None = None
    endpoint: str | None = None
    plain_endpoint: str | None = None
    verify: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


def connect(
    access: Access,
    *,
    pinned: str | None,
    read_only: bool,
    clock: Clock,
    stopped: Callable[[], bool] = lambda: False,
    soon: Sequence[str] = (),
) -> Cloud:
    """Raises Refused when nobody may write here, or when nobody knows who is asking.

    soon: services whose clients are made while AWS says who is asking.
    """
    session = _session(access)
    cloud = Cloud(
        session,
        Site("", access.region),
        clock=clock,
        endpoint=access.endpoint or os.environ.get("AWS_ENDPOINT_URL"),
        plain_endpoint=access.plain_endpoint,
        verify=access.verify,
        read_only=read_only,
        stopped=stopped,
    )
    try:
        cloud.client("sts")  # before all others, which would hold it up
    except ValueError as error:  # "Invalid endpoint: ..."
        raise Refused(str(error), "write AWS_ENDPOINT_URL as a whole URL, as in https://localhost:4566") from error
    Thread(target=_make_clients, args=(cloud, soon)).start()
    cloud.site = _identify(cloud, pinned, read_only)
    return cloud


def _make_clients(cloud: Cloud, services: Sequence[str]) -> None:
    for each in services:
        with suppress(Exception):  # whoever needs the client is told
            cloud.client(each)


def _session(access: Access) -> Any:
    from cci_lite.aws.core import new_session

    try:
        return new_session(
            profile_name=access.profile,
            region_name=access.region,
            aws_access_key_id=access.access_key_id,
            aws_secret_access_key=access.secret_access_key,
        )
    except BotoCoreError as error:
        raise Refused(str(error), "choose an existing profile with --profile or AWS_PROFILE") from error


def _identify(cloud: Cloud, pinned: str | None, read_only: bool) -> Site:
    try:
        identity = cloud.read("sts", "get_caller_identity")
    except (BotoCoreError, ClientError) as error:
        reason = f"{code(error)}: {message(error)}" if code(error) else str(error)
        raise Refused(f"AWS does not tell who is asking: {reason}", _NOBODY) from error
    arn, account = identity["Arn"], identity["Account"]
    if not pinned and not read_only:
        raise Refused(
            f"no account is pinned, so nothing that writes may run; the credentials belong to account {account}",
            f'pin the account that is meant: `account: "{account}"` in the runbook, --account, or CCI_LITE_ACCOUNT',
        )
    if pinned and account != pinned:
        raise Refused(
            f"the credentials belong to account {account}, the pinned account is {pinned}",
            "use a profile of the pinned account, or pin the other one on purpose",
        )
    if is_root(arn) and not read_only:
        raise Refused(f"the caller is the root user of account {account}", "use an IAM role or user instead of root")
    return Site(account, cloud.site.region, arn.split(":")[1], _caller(cloud, arn))


def _caller(cloud: Cloud, arn: str) -> str:
    """The IAM ARN behind the caller: policies may not name a session of an assumed role (aws-facts 1.10)."""
    role = assumed_role(arn)
    return str(cloud.read("iam", "get_role", RoleName=role)["Role"]["Arn"]) if role else arn
