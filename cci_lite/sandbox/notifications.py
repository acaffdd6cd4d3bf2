"""s3:PutBucketNotification: targets must be there and admit S3, and rules must not overlap (aws-facts §7). A hook."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

from cci_lite.sandbox import ministack
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply

_TARGETS = ("CloudFunction", "Queue", "Topic")


@dataclass(frozen=True)
class Rule:
    """One configuration of a bucket's notifications."""

    target: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""

    def overlaps(self, other: Rule) -> bool:
        """Whether one object could match both with one event."""
        names = any(_same_event(mine, theirs) for mine in self.events for theirs in other.events)
        prefixes = self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)
        suffixes = self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix)
        return names and prefixes and suffixes


async def put(call: Call, forward: Forward) -> Reply:
    """Refuses what AWS refuses; the emulator itself checks queues and topics."""
    try:
        rules = _rules(call.body)
    except ElementTree.ParseError:
        return await forward(call)
    if any(one.overlaps(other) for one, other in combinations(rules, 2)):
        text = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
        raise Refusal("InvalidArgument", text)
    if call.headers.get("x-amz-skip-destination-validation", "").lower() != "true":
        _check_functions(rules, f"arn:aws:s3:::{call.path.strip('/')}")
    return await forward(call)


def may_call(function: str, bucket_arn: str) -> bool:
    """Whether the function lets S3 call it for the bucket: asked when the rule is made, and again at each event."""
    return ministack.service_may(function, "s3.amazonaws.com", bucket_arn)


def _check_functions(rules: list[Rule], bucket_arn: str) -> None:
    for rule in rules:
        if ":lambda:" in rule.target and not may_call(rule.target, bucket_arn):
            text = "Unable to validate the following destination configurations"
            raise Refusal("InvalidArgument", text, 400, ArgumentName=rule.target, ArgumentValue="null")


def _same_event(mine: str, theirs: str) -> bool:
    """ObjectCreated:* covers ObjectCreated:Put."""
    short, long = sorted((mine.removesuffix("*"), theirs.removesuffix("*")), key=len)
    wild = mine.endswith("*") or theirs.endswith("*")
    return short == long or (wild and long.startswith(short))


def _rules(body: bytes) -> list[Rule]:
    found = []
    for configuration in ElementTree.fromstring(body or b"<none/>"):
        fields: dict[str, list[str]] = {}
        for node in configuration.iter():
            fields.setdefault(node.tag.rsplit("}", 1)[-1], []).append((node.text or "").strip())
        target = next((fields[name][0] for name in _TARGETS if name in fields), None)
        if target is not None:
            names = (name.lower() for name in fields.get("Name", []))
            filters = dict(zip(names, fields.get("Value", []), strict=False))
            prefix, suffix = filters.get("prefix", ""), filters.get("suffix", "")
            found.append(Rule(target, tuple(fields.get("Event", [])), prefix, suffix))
    return found
