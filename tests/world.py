"""An account on strict moto, and the runbook's steps bound to it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto import mock_aws
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.scope import at_step, glance, unlikely
from cci_lite.aws.site import Site
from cci_lite.engine.graph import Graph
from cci_lite.engine.hands import Hands
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import Plan, plan
from cci_lite.engine.run import provision
from cci_lite.engine.teardown import Removals, plan_removal, teardown
from cci_lite.runbook import Runbook, build, load
from cci_lite.steps import REGISTRY
from tests.aws_rules import Rules, new_session, storage, strict
from tests.aws_rules.quick import quick
from tests.engine.fakes import FakeClock
from tests.moments import Moment, go_back, remember
from tests.steps.splitting import without_threads

ROOT = Path(__file__).parent.parent
ACCOUNT = "123456789012"
_RUNBOOK = load(ROOT / "runbook.yaml", REGISTRY)
#: The ids of the steps of phases 1 to 3, which are on.
PHASES = [tuple(each.meta.id for each in _RUNBOOK.entries if each.meta.phase == phase) for phase in (1, 2, 3)]
#: Key, buckets, role, parameters. Enough for tests of these, in half the calls.
FOUNDATION = PHASES[0]

#: Accounts in which steps are in place, by all that their runbook says of these.
_STANDING: dict[str, Moment] = {}


@dataclass
class World:
    """Everything a test of steps needs. `rules` records the calls."""

    runbook: Runbook
    clock: FakeClock
    rules: Rules
    cloud: Cloud
    graph: Graph
    jobs: int = 1

    def plan(self, *steps: str) -> Plan:
        self._begin()
        with self.cloud.snapshot():
            return plan(self.graph, steps or self.graph.ids(), jobs=self.jobs, unlikely=unlikely)

    def provision(self, *steps: str, found: Plan | None = None) -> dict[str, Outcome]:
        """Plan, unless that was `found` just now, and apply; outcomes by step. A halted plan is not applied."""
        found = found or self.plan(*steps)
        if found.halted:
            return {each.step.meta.id: Outcome(each.step.meta.id, "blocked", each.reason) for each in found.halted}
        outcomes = {each.step: each for each in provision(self.graph, found, self.hands())}
        self.rules.confirm("alarms@example.com")  # the person reads their mail at once
        return outcomes

    def plan_removal(self, *steps: str, consent: Iterable[str] = ()) -> Removals:
        self._begin()
        with self.cloud.snapshot():
            return plan_removal(self.graph, steps or self.graph.ids(), consent=frozenset(consent), jobs=self.jobs)

    def teardown(self, *steps: str, consent: Iterable[str] = (), found: Removals | None = None) -> dict[str, Outcome]:
        """Plan, unless that was `found` just now, and take down; outcomes by step."""
        found = found or self.plan_removal(*steps, consent=consent)
        return {each.step: each for each in teardown(found, self.hands())}

    def _begin(self) -> None:
        """A command builds its steps itself: nothing that they noticed is left of the one before."""
        self.graph = build(self.runbook, REGISTRY, self.cloud)

    def hands(self) -> Hands:
        told = {"inside": at_step, "glance": glance, "unlikely": unlikely}
        return Hands(self.clock, lambda event: None, self.jobs, self.cloud.stopped, **told)

    def with_runbook(self, **changes: Any) -> World:
        """The same account under another runbook."""
        runbook = replace(self.runbook, **changes)
        return replace(self, runbook=runbook, graph=build(runbook, REGISTRY, self.cloud))

    def with_settings(self, step: str, **settings: Any) -> World:
        """The same account with other settings of one step."""
        entries = tuple(
            replace(each, settings=each.settings.model_copy(update=settings)) if each.meta.id == step else each
            for each in self.runbook.entries
        )
        return self.with_runbook(entries=entries)

    def moment(self) -> Moment:
        """The account as it is now, to go back to."""
        return remember(self.rules, self.clock)

    def back_to(self, moment: Moment) -> World:
        go_back(moment, self.rules, self.clock)
        self._begin()
        return self

    def stand(self, *steps: str) -> World:
        """In an account without rules of its own: these steps in place, or all, and nothing else; `rules.calls` holds
        what it took. A process provisions them once."""
        wanted = steps or self.graph.ids()
        settings = [(each.meta, each.settings) for each in self.runbook.entries if each.meta.id in wanted]
        key = repr((self.runbook.tags, self.runbook.tenants, settings))
        if key not in _STANDING:
            self.rules.forget()
            assert reasons(self.provision(*wanted)) == {}
            _STANDING[key] = self.moment()
        self.back_to(_STANDING[key])
        self.rules.calls[:] = _STANDING[key].calls
        return self

    def again(self) -> World:
        """A new process on the same account: new session, new clients, same moto."""
        return _world(self.runbook, self.clock, self.rules.__dict__)


def reasons(outcomes: Mapping[str, Outcome], *good: str) -> dict[str, str]:
    """Outcomes that are not among the good ones, with their reasons: empty when all is well."""
    wanted = good or ("created", "updated", "kept", "removed", "released", "absent", "operator")
    return {name: f"{each.result}: {each.reason}" for name, each in outcomes.items() if each.result not in wanted}


@contextmanager
def account(runbook: Runbook = _RUNBOOK, *, threads: bool = False, **rules: Any) -> Iterator[World]:
    """A fresh account under a runbook: the shipped one, where nothing else is said. Unless `threads` are asked for,
    there are none: one order of calls."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-1"}
    os.environ.update(keys)
    allowed = patch.object(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
    with mock_aws(), quick(), nullcontext() if threads else without_threads(), allowed:
        world = _world(runbook, FakeClock(), rules)
        world.rules.look("iam").create_user(UserName="operator")
        try:
            yield world
        finally:
            world.cloud._threads().shutdown()  # none may be left where a later test splits the process


def _world(runbook: Runbook, clock: FakeClock, settings: Mapping[str, Any]) -> World:
    session = new_session()
    site = Site(ACCOUNT, "eu-central-1", "aws", f"arn:aws:iam::{ACCOUNT}:user/operator")
    cloud = Cloud(session, site, clock)
    carried = {key: value for key, value in settings.items() if key not in ("session", "clock", "calls", "lock")}
    rules = strict(session, clock, **carried)
    cloud.send = lambda url, headers, body, verify: _presigned(rules, url, headers)
    cloud.plain_list = lambda bucket, prefix: storage.plain_list(rules, bucket)  # type: ignore[method-assign]
    return World(runbook, clock, rules, cloud, build(runbook, REGISTRY, cloud))


def _presigned(rules: Rules, url: str, headers: Mapping[str, str]) -> int:
    """A PUT by a client that is not boto3: the signature covers the headers, so that it fails without them."""
    if not headers:
        return 403
    host, path = url.split("?")[0].removeprefix("https://").split("/", 1)
    bucket = host.split(".")[0]
    key_arn = headers["x-amz-server-side-encryption-aws-kms-key-id"]
    params = {"Bucket": bucket, "Key": path, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
    if storage.bucket_policy_decides(rules, "s3", "PutObject", params):
        return 403
    rules.look("s3").put_object(**params, Body=b"")
    return 200
