"""The model's report on a call by Bedrock Converse: asked once, checked, repaired once. Imports nothing of AWS.

aws-facts 6.8: no temperature or top_p; text blocks are searched for, since others may come first. The answer is data
from an untrusted source: it must satisfy the schema, and its quotes must occur in the transcript.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from . import schema
from .config import Tenant
from .errors import code_of, message_of
from .evidence import Absent, proven
from .prompt import SYSTEM, merging, message, parts, reply_schema
from .transcript import Phrase, clean

MAX_TOKENS = 2_000
#: Converse's refusals that no repetition changes (aws-facts 6.1-6.4).
_REFUSED = frozenset({"ValidationException", "ResourceNotFoundException"})
#: Characters of a reason in `absent`.
_LONGEST = 500


@dataclass
class Report:
    """What the model said of a call. None where it could not be had; absent says why."""

    summary: str | None = None
    issue: str | None = None
    outcome: str | None = None
    tone: str | None = None
    action_items: list[dict[str, Any]] = field(default_factory=list)
    qa: list[dict[str, Any]] = field(default_factory=list)
    qa_score: float | None = None
    absent: list[Absent] = field(default_factory=list)
    truncated: bool = False
    input_tokens: int = 0
    output_tokens: int = 0


class BadReplyError(Exception):
    """The model's answer does not satisfy the schema, or the request itself was refused."""


@dataclass
class Model:
    """client: bedrock-runtime; id: an inference profile's; tokens are counted over all requests."""

    client: Any
    id: str
    input_tokens: int = 0
    output_tokens: int = 0

    def report(self, tenant: Tenant, turns: Sequence[Phrase]) -> Report:
        """Reads the whole call. AWS's transient errors pass through; a bad reply leaves fields absent."""
        portions, truncated = parts(turns)
        replies, report = [], Report(truncated=truncated)
        for number, portion in enumerate(portions, 1):
            try:
                replies.append(self._asked(message(tenant, portion), reply_schema(tenant)))
            except BadReplyError as bad:
                report.absent.append(Absent(f"model.part_{number}", str(bad)))
        if replies:
            self._fill(report, tenant, turns, replies)
        else:
            report.absent += [Absent(each, "no usable reply of the model") for each in _FIELDS]
        report.input_tokens, report.output_tokens = self.input_tokens, self.output_tokens
        return report

    def _fill(self, report: Report, tenant: Tenant, turns: Sequence[Phrase], replies: list[dict[str, Any]]) -> None:
        whole = self._merged(report, tenant, replies)
        report.summary, report.issue = whole["summary"], whole["issue"]
        report.outcome, report.tone = whole["outcome"], whole["tone"]
        items = [each for reply in replies for each in reply["action_items"]]
        report.action_items = [each for place, each in enumerate(items) if each not in items[:place]]
        answers = [each for reply in replies for each in reply["qa"]]
        report.qa, report.qa_score, missing = proven(tenant.rubric, answers, turns)
        report.absent += missing
        report.absent += [Absent(each, "the model found none") for each in _FIELDS if getattr(report, each) is None]

    def _merged(self, report: Report, tenant: Tenant, replies: list[dict[str, Any]]) -> dict[str, Any]:
        """One reply is the whole; several are summed up by one more request, or joined when that fails."""
        if len(replies) == 1:
            return replies[0]
        summaries = [each["summary"] for each in replies]
        try:
            return self._asked(merging(tenant, summaries), reply_schema(tenant, merging=True))
        except BadReplyError as bad:
            report.absent.append(Absent("model.merge", str(bad)))
            return {"summary": " ".join(summaries), "issue": None, "outcome": None, "tone": None}

    def _asked(self, text: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """A valid reply. Raises BadReplyError after one repair."""
        messages = [_said("user", text)]
        reply = self._converse(messages)
        found, wrong = _read(reply, wanted)
        if found is None:
            complaint = f"Your answer cannot be used: {wrong}. Answer again with the JSON object only."
            messages += [_said("assistant", reply.strip() or "(nothing)"), _said("user", complaint)]
            found, wrong = _read(self._converse(messages), wanted)
        if found is None:
            raise BadReplyError(f"the reply was unusable twice: {wrong}")
        return found

    def _converse(self, messages: list[dict[str, Any]]) -> str:
        try:
            answer = self.client.converse(
                modelId=self.id,
                system=[{"text": SYSTEM}],
                messages=messages,
                inferenceConfig={"maxTokens": MAX_TOKENS},
            )
        except ClientError as error:
            # "Input is too long", but also a bare id, an account without an agreement, "This model version has reached
            # the end of its life": what was transcribed is not thrown away for it. `call redo --from model` brings the
            # rest.
            if code_of(error) in _REFUSED:
                raise BadReplyError(clean(f"the model refused the request: {message_of(error)}")[:_LONGEST]) from error
            raise
        usage = answer.get("usage", {})
        self.input_tokens += int(usage.get("inputTokens", 0))
        self.output_tokens += int(usage.get("outputTokens", 0))
        blocks = answer["output"]["message"].get("content", ())
        return "\n".join(str(block["text"]) for block in blocks if "text" in block)


_FIELDS = ("summary", "issue", "outcome", "tone")


def _said(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"text": text}]}


def _read(reply: str, wanted: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """(the reply's JSON object, ""), or (None, what is wrong with it in a few words of ours)."""
    found = _first_object(reply)
    if found is None:
        return None, "it holds no JSON object" if reply.strip() else "it is empty"
    cleaned = _cleaned(found)
    wrong = schema.errors(wanted, cleaned)
    # Names the model made up are part of what is wrong: they may hold characters that cannot be written.
    return (None, clean("; ".join(wrong[:5])[:_LONGEST])) if wrong else (cleaned, "")


def _first_object(text: str) -> dict[str, Any] | None:
    decoder = json.JSONDecoder()
    place = text.find("{")
    while place >= 0:
        try:
            found, _ = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            place = text.find("{", place + 1)
            continue
        return found if isinstance(found, dict) else None
    return None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return {name: _cleaned(each) for name, each in value.items()} if isinstance(value, dict) else value
