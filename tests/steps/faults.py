"""Faults at the k-th call, and the state of an account as a value to compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import ConnectionClosedError
from moto.moto_api._internal.models import moto_api_backend

from cci_lite.aws.policy import PolicyDocument
from cci_lite.steps.probes import PREFIX
from tests.aws_rules.answers import Answer, refusal
from tests.world import World


class Fault(StrEnum):
    """What happens to one call."""

    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    DROPPED = "dropped after"
    SERVER_ERROR = "5xx"
    THROTTLED = "throttled"
    DENIED = "AccessDenied"
    INTERRUPTED = "SIGINT"


#: Refusals look alike to a step unless it creates something that has no name.
_REFUSALS = (Fault.SERVER_ERROR, Fault.THROTTLED, Fault.DENIED)


def faults_of(k: int, reads: Sequence[bool | None], *, every: bool) -> tuple[Fault, ...]:
    """The faults that call k gets; not `every`: what tells most.

    reads: of each call from 0 to k, whether it reads; None for calls that get no fault and are not counted.

    A process killed before a call leaves what one killed after the call before it leaves; a read that is killed,
    or whose answer is lost, leaves what the write before it left; so does a read that is refused after another read,
    but for the step that it stops. So every write is killed after, every second one also gets something else in turn,
    and every fourth read that follows a write is refused.
    """
    if reads[k] is None:
        return ()
    if every:
        return _REFUSALS if reads[k] else tuple(Fault)
    writes = sum(each is False for each in reads[:k])
    if reads[k]:
        return () if writes % 4 or (k and reads[k - 1] is not False) else (_REFUSALS[writes // 4 % len(_REFUSALS)],)
    others = (Fault.DROPPED, Fault.INTERRUPTED, *_REFUSALS)
    return (Fault.KILLED_AFTER, others[writes // 2 % len(others)]) if writes % 2 else (Fault.KILLED_AFTER,)


def fresh(world: World) -> None:
    """An empty account, the same clients."""
    moto_api_backend.reset()
    rules = world.rules
    for each in (rules.born, rules.dead, rules.documents, rules.hidden, rules.lifecycles, rules.logging, rules.writing):
        each.clear()
    rules.unsubscribed.clear()
    rules.look("iam").create_user(UserName="operator")
    rules.forget()


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


@dataclass
class Saboteur:
    """Spoils the k-th call (from 0) of the product on `world`; counts them all. Registered once per world."""

    world: World
    k: int = -1
    fault: Fault = Fault.DENIED
    count: int = 0
    fired: bool = False
    stopped: bool = False

    def arm(self, k: int, fault: Fault) -> None:
        self.k, self.fault, self.count, self.fired, self.stopped = k, fault, 0, False, False

    def disarm(self) -> None:
        self.arm(-1, Fault.DENIED)

    def install(self) -> None:
        events = self.world.rules.session.events
        events.register_first("before-call", self._before)
        events.register_last("after-call", self._after)
        self.world.cloud.stopped = lambda: self.stopped

    def _before(self, context: dict[str, Any], model: Any, **_: Any) -> Answer | None:
        with self.world.rules.lock:
            mine = self.count == self.k
            self.count += 1
        context["sabotaged"] = mine
        if not mine:
            return None
        self.fired = True
        return _BEFORE[self.fault](self)

    def _after(self, context: dict[str, Any], http_response: Any, **_: Any) -> None:
        if context.get("sabotaged") and http_response.status_code < 300:
            if self.fault is Fault.KILLED_AFTER:
                raise Killed
            if self.fault is Fault.DROPPED:
                raise ConnectionClosedError(endpoint_url="https://moto")


def _kill(_: Saboteur) -> Answer | None:
    raise Killed


def _interrupt(saboteur: Saboteur) -> Answer | None:
    """The call in flight finishes; nothing is begun after it."""
    saboteur.stopped = True
    return None


_BEFORE: Mapping[Fault, Callable[[Saboteur], Answer | None]] = {
    Fault.KILLED_BEFORE: _kill,
    Fault.KILLED_AFTER: lambda _: None,
    Fault.DROPPED: lambda _: None,
    Fault.INTERRUPTED: _interrupt,
    Fault.SERVER_ERROR: lambda _: refusal("InternalError", "We encountered an internal error.", 500),
    Fault.THROTTLED: lambda _: refusal("ThrottlingException", "Rate exceeded"),
    Fault.DENIED: lambda _: refusal("AccessDenied", "User is not authorized to perform the action", 403),
}


def state(world: World) -> str:
    """What the account holds, as text that is equal for equal accounts.

    Generated ids are taken out, and lists are by name: the order is that in which threads came to make them.
    """
    look = world.rules.look
    keys = [each["KeyId"] for each in look("kms").list_keys()["Keys"]]
    living = [key for key in keys if look("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"]
    s3 = look("s3")
    buckets = {each["Name"]: _bucket(s3, each["Name"]) for each in s3.list_buckets()["Buckets"]}
    roles = {
        each["RoleName"]: look("iam").list_role_policies(RoleName=each["RoleName"])["PolicyNames"]
        for each in look("iam").list_roles()["Roles"]
    }
    found = {
        "keys": [
            _statements(look("kms").get_key_policy(KeyId=each, PolicyName="default")["Policy"]) for each in living
        ],
        "aliases": sorted(
            each["AliasName"] for each in look("kms").list_aliases()["Aliases"] if "cci" in each["AliasName"]
        ),
        "buckets": buckets,
        "roles": roles,
        "parameters": sorted(each["Name"] for each in look("ssm").describe_parameters()["Parameters"]),
        "groups": sorted(each["logGroupName"] for each in look("logs").describe_log_groups()["logGroups"]),
        "queues": sorted(look("sqs").list_queues().get("QueueUrls", [])),
        "functions": sorted(each["FunctionName"] for each in look("lambda").list_functions()["Functions"]),
        "rules": sorted(each["Name"] for each in look("events").list_rules()["Rules"]),
        "topics": sorted(each["TopicArn"] for each in look("sns").list_topics()["Topics"]),
        "subscriptions": sorted(each["Endpoint"] for each in look("sns").list_subscriptions()["Subscriptions"]),
        "tables": [
            [
                each["Name"],
                {
                    table["Name"]: table["Parameters"]  # by name: the order is that of making them
                    for table in look("glue").get_tables(DatabaseName=each["Name"])["TableList"]
                },
            ]
            for each in look("glue").get_databases()["DatabaseList"]
        ],
        "workgroups": sorted(each["Name"] for each in look("athena").list_work_groups()["WorkGroups"]),
        "alarms": sorted(each["AlarmName"] for each in look("cloudwatch").describe_alarms()["MetricAlarms"]),
    }
    text = json.dumps(found, sort_keys=True, default=str)
    for number, key in enumerate(living):
        text = text.replace(key, f"key-{number}")
    return text


def probes(world: World) -> list[str]:
    """Objects that a check tried whether it may write, and did not come to remove. Each has a name of its own."""
    s3 = world.rules.look("s3")
    found = [s3.list_objects_v2(Bucket=each["Name"]) for each in s3.list_buckets()["Buckets"]]
    return [each["Key"] for listed in found for each in listed.get("Contents", []) if each["Key"].startswith(PREFIX)]


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    """Probes whose deletion failed are left aside: the bucket's own rule takes them after a day."""
    found = (each["Key"] for each in s3.list_objects_v2(Bucket=name).get("Contents", []))
    keys = sorted(each for each in found if not each.startswith(PREFIX))
    told = s3.get_bucket_notification_configuration(Bucket=name)
    told.pop("ResponseMetadata")
    try:
        policy = s3.get_bucket_policy(Bucket=name)["Policy"]
    except s3.exceptions.ClientError:
        policy = ""
    return {"keys": keys, "notifications": told, "policy": _statements(policy)}


def _statements(policy: str) -> list[str]:
    """By meaning: neither the order in which steps came matters, nor whether one value stands in a list."""
    found = PolicyDocument.parse(policy).statements if policy else ()
    return sorted(json.dumps({name: _sorted(value) for name, value in vars(each).items()}) for each in found)


def _sorted(value: Any) -> Any:
    if isinstance(value, frozenset | tuple):
        return sorted((_sorted(each) for each in value), key=str)
    return "" if isinstance(value, Mapping) else value
