"""moto made as strict as AWS where it matters to the runbook. Source: aws-facts 4, 5, 7, 9, 10, 15; what moto does
by itself, measured with moto 5.2.5, stands in docs/fidelity.md.

Rules are handlers on the botocore session that the product's clients are made from. They look at the account through
a second session of their own, without rules.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cci_lite.aws import core
from cci_lite.aws.calls import is_read
from cci_lite.engine.clock import Clock
from tests.aws_rules import bedrock, busy, functions, late, more, pipeline, principals, storage, weather
from tests.aws_rules.answers import Answer, refusal

_LOADER = core.new_session()._session.get_component("data_loader")
Params = Mapping[str, Any]
Rule = Callable[["Rules", str, str, Params], Answer | None]

#: Rules in the order in which they are asked; the first answer stands.
_BEFORE: tuple[Rule, ...] = (
    *more.FIRST,
    late.not_yet_visible,
    principals.policies_name_living_principals,
    principals.lambda_can_assume_the_role,
    storage.bucket_is_made_in_its_region,
    storage.bucket_policy_decides,
    storage.uploads_need_a_living_key,
    storage.parameters_take_tags_only_when_new,
    storage.lifecycle_rules_are_of_one_form,
    functions.failure_destination_is_reachable,
    functions.alarm_has_one_statistic,
    busy.function_is_busy,
    functions.dry_run_needs_no_container,
    bedrock.control_plane,
    *more.BEFORE,
)


@dataclass(frozen=True)
class Call:
    """One call the product made."""

    service: str
    operation: str
    params: Params
    read: bool

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


@dataclass
class Rules(more.More):
    """role_lag_s: seconds a new role is unknown to other services; hidden_reads: reads in which a new thing is
    absent; throttled: share of all requests refused for load; pipeline: whether recordings become results;
    takes_s: real seconds that a change of a bucket's settings takes; conflicts: changes that met another and were
    refused."""

    session: boto3.Session
    clock: Clock
    account: str = "123456789012"
    region: str = "eu-central-1"
    role_lag_s: float = 0.0
    hidden_reads: int = 0
    throttled: float = 0.0
    pipeline: bool = True
    takes_s: float = 0.0
    conflicts: list[str] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    calls: list[Call] = field(default_factory=list)
    born: dict[str, float] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    hidden: dict[tuple[str, str], int] = field(default_factory=dict)
    lifecycles: dict[str, Any] = field(default_factory=dict)
    logging: dict[str, Any] = field(default_factory=dict)
    writing: dict[str, int] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def look(self, service: str) -> Any:
        """A client without rules, to see what is there."""
        with self.lock:
            return _looker(service, self.region)

    def writes(self) -> list[str]:
        """Names of the writes made so far, in order."""
        return [each.name for each in self.calls if not each.read]

    def carried_out(self, service: str, operation: str, params: Params) -> None:
        """A write took effect, and nobody will ever see its answer."""
        made = (service, operation) == ("iam", "CreateRole")
        parsed = self.look("iam").get_role(RoleName=params["RoleName"]) if made else {}
        _note(self, service, operation, params, parsed)

    def forget(self) -> None:
        self.calls.clear()


@cache
def _looker(service: str, region: str) -> Any:
    """One for all accounts: it has no rules, and moto answers for the account that is open."""
    return new_session().client(service, region_name=region)


def new_session() -> boto3.Session:
    """A session of the pretended account. Service models are read once for all of them: that is most of their cost."""
    made = core.new_session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-central-1")
    made._session.register_component("data_loader", _LOADER)
    return made


def strict(session: boto3.Session, clock: Clock, **settings: Any) -> Rules:
    """Put the rules on `session`: every client made from it is refused what AWS refuses."""
    rules = Rules(session, clock, **settings)
    more.install(rules)
    before, after = _before(rules), _after(rules)
    session.events.register("before-parameter-build", _remember)
    session.events.register("before-call", before)
    session.events.register("after-call", after)
    return rules


def _remember(params: Params, context: dict[str, Any], **_: Any) -> None:
    context["rules_params"] = dict(params)


def _before(rules: Rules) -> Callable[..., Answer | None]:
    def before(model: Any, context: dict[str, Any], **_: Any) -> Answer | None:
        service, operation = model.service_model.service_name, model.name
        params = context.get("rules_params", {})
        read = is_read(service, operation, params)
        with rules.lock:
            rules.calls.append(Call(service, operation, params, read))
        weather.enter(rules, model, read, params)
        given = _answer(rules, service, operation, params)
        context["rules_writing"] = given is None and storage.enter(rules, service, operation, params, read)
        if context["rules_writing"] == "busy":
            context["rules_writing"] = False
            text = "A conflicting conditional operation is currently in progress against this resource. Try again."
            return refusal("OperationAborted", text, 409)
        return given

    return before


def _answer(rules: Rules, service: str, operation: str, params: Params) -> Answer | None:
    return next((given for rule in _BEFORE if (given := rule(rules, service, operation, params)) is not None), None)


def _after(rules: Rules) -> Callable[..., None]:
    def after(http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        weather.leave()
        service, operation = model.service_model.service_name, model.name
        params = context.get("rules_params", {})
        if context.get("rules_writing"):
            storage.leave(rules, params)
        if http_response.status_code >= 300:
            return
        _note(rules, service, operation, params, parsed)

    return after


def _note(rules: Rules, service: str, operation: str, params: Params, parsed: dict[str, Any]) -> None:
    """What a call that worked means for later ones, and what AWS shows where moto shows something else."""
    late.hide(rules, service, operation, params)
    principals.note(rules, service, operation, params, parsed)
    storage.note(rules, service, operation, params, parsed)
    more.show(rules, service, operation, params, parsed)
    functions.note(rules, service, operation, params, parsed)
    if rules.pipeline:
        pipeline.run(rules, service, operation, params)


def statements(text: str) -> Iterator[dict[str, Any]]:
    """The statements of a policy."""
    found = json.loads(text).get("Statement", [])
    yield from found if isinstance(found, list) else [found]


def exists(call: Callable[[], Any]) -> bool:
    """Whether a lookup finds its thing."""
    try:
        call()
    except ClientError:
        return False
    return True
