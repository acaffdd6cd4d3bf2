"""The optional crawler, in accounts whose runbook has it: what a crawl makes, what it cannot spoil, what it leaves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide
from cci_lite.engine.model import Action, Check, Status
from cci_lite.runbook import Runbook, load
from cci_lite.steps import REGISTRY
from tests.moments import Moment
from tests.policy.linter import findings
from tests.steps.faults import Fault
from tests.steps.first_call import FirstCall
from tests.steps.repairs import named_and_repaired
from tests.steps.shapes import problems
from tests.world import ACCOUNT, ROOT, World, account, reasons

CRAWLER, DATABASE = "cci-lite-results-crawler", "cci-lite-db"
TABLE = f"crawled_cci_lite_results_{ACCOUNT}_eu_central_1_an"
STEPS = ("glue-role", "glue-policy", "glue-key-user", "crawler", "first-crawl", "daily-crawl")
ARN = f"arn:aws:glue:eu-central-1:{ACCOUNT}:crawler/{CRAWLER}"


def with_crawler() -> Runbook:
    """The shipped runbook with its commented steps taken in, and nothing else changed."""
    before, _, rest = (ROOT / "runbook.yaml").read_text(encoding="utf-8").partition("      # - id: glue-role\n")
    block, gap, after = f"      # - id: glue-role\n{rest}".partition("\n\n")
    taken_in = "\n".join(line.replace("# ", "", 1).removesuffix("#") for line in block.split("\n"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runbook.yaml"
        path.write_text(f"{before}{taken_in}{gap}{after}", encoding="utf-8")
        return load(path, REGISTRY)


RUNBOOK = with_crawler()


@dataclass(frozen=True)
class Stage:
    """One account: with all but the crawler's own steps in place, and with these as well."""

    world: World
    saboteur: FirstCall
    without: Moment
    whole: Moment


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with account(RUNBOOK) as world:
        saboteur = FirstCall(world)
        saboteur.install()
        without = world.stand(*(each for each in world.graph.ids() if each not in STEPS)).moment()
        assert reasons(world.provision(*STEPS)) == {}
        yield Stage(world, saboteur, without, world.moment())


@pytest.fixture
def crawled(stage: Stage) -> World:
    """Everything in place."""
    return stage.world.back_to(stage.whole)


@pytest.fixture
def fresh(stage: Stage) -> World:
    """The same account without a crawler."""
    return stage.world.back_to(stage.without)


def actions(world: World) -> dict[str, str]:
    return {
        each.step.meta.id: str(each.action) for each in world.plan(*STEPS).decisions if each.action is not Action.KEEP
    }


def glue_writes(world: World) -> list[str]:
    return [each.removeprefix("glue:") for each in world.rules.writes() if each.startswith("glue:")]


def tables(world: World) -> list[str]:
    return sorted(each["Name"] for each in world.rules.look("glue").get_tables(DatabaseName=DATABASE)["TableList"])


def found(world: World) -> dict[str, Any]:
    """The crawler as AWS shows it."""
    return dict(world.cloud.client("glue").get_crawler(Name=CRAWLER)["Crawler"])


def test_the_shipped_runbook_has_no_crawler_until_the_comments_go() -> None:
    shipped = load(ROOT / "runbook.yaml", REGISTRY)
    more = [each.meta.id for each in RUNBOOK.entries if each.meta.id not in {one.meta.id for one in shipped.entries}]
    assert more == list(STEPS)


def test_it_crawls_once_on_demand_and_every_night_after_the_first_success(fresh: World) -> None:
    assert reasons(fresh.provision(*STEPS)) == {}
    writes = glue_writes(fresh)
    assert writes == ["CreateCrawler", "StartCrawler", "UpdateCrawlerSchedule", "StartCrawlerSchedule"]
    assert found(fresh)["Schedule"] == {"ScheduleExpression": "cron(0 2 * * ? *)", "State": "SCHEDULED"}
    assert found(fresh)["LastCrawl"]["Status"] == "SUCCEEDED"
    fresh.rules.forget()
    assert {each.result for each in fresh.provision(*STEPS).values()} == {"kept"}
    assert fresh.rules.writes() == []


def test_what_is_no_result_is_left_out_and_tables_have_a_prefix(crawled: World) -> None:
    shown = found(crawled)
    (target,) = shown["Targets"]["S3Targets"]
    assert target["Path"] == f"s3://cci-lite-results-{ACCOUNT}-eu-central-1-an/"
    assert target["Exclusions"] == ["**.temp", "**/_failed/**", "_*/**", "athena-results/**", "tmp/**"]
    assert (shown["TablePrefix"], shown["SchemaChangePolicy"]["DeleteBehavior"]) == ("crawled_", "LOG")
    assert tables(crawled) == [TABLE, "documents", "results"]


def test_every_check_passes_and_names_the_log_group_that_nobody_empties(crawled: World) -> None:
    told = checks(crawled)
    assert {name: each.status for name, each in told.items() if each.status is not Status.PASSED} == {}
    assert told["first-crawl.tables"].evidence == f"tables it made: {TABLE}"
    assert "/aws-glue/crawlers is the account's own and keeps its lines" in told["crawler.exclusions"].evidence


def checks(world: World) -> dict[str, Check]:
    plan = world.plan(*STEPS)
    seen = [(each.step, each.observed) for each in plan.decisions if each.observed]
    return {check.id: check for step, have in seen for check in step.validate(have, plan.known)}


def test_the_prefix_is_written_once_in_the_runbook(fresh: World) -> None:
    other = fresh.with_settings("glue-policy", prefix="found_")
    assert reasons(other.provision(*STEPS)) == {}
    assert found(other)["TablePrefix"] == "found_"
    assert checks(other)["first-crawl.tables"].evidence == f"tables it made: {TABLE.replace('crawled_', 'found_')}"


GLUE, BUCKET = f"arn:aws:glue:eu-central-1:{ACCOUNT}", f"arn:aws:s3:::cci-lite-results-{ACCOUNT}-eu-central-1-an"
MAY = [
    ("glue:CreateTable", f"{GLUE}:table/{DATABASE}/{TABLE}", True),
    ("glue:UpdateTable", f"{GLUE}:table/{DATABASE}/results", False),
    ("glue:UpdateTable", f"{GLUE}:table/{DATABASE}/documents", False),
    ("glue:DeleteTable", f"{GLUE}:table/{DATABASE}/{TABLE}", False),
    ("glue:CreateTable", f"{GLUE}:table/default/{TABLE}", False),
    ("s3:GetObject", f"{BUCKET}/demo-tenant/2026/11/24/a.json", True),
    ("s3:GetObject", f"{BUCKET}/tmp/demo-tenant/job.json", False),
    ("s3:PutObject", f"{BUCKET}/demo-tenant/2026/11/24/a.json", False),
]


@pytest.mark.parametrize(("action", "resource", "allowed"), MAY, ids=[f"{a} {r[-30:]}" for a, r, _ in MAY])
def test_its_role_may_read_results_and_write_crawled_tables(
    crawled: World, action: str, resource: str, allowed: bool
) -> None:
    policy = PolicyDocument.parse(role_policy(crawled))
    request = Request(f"arn:aws:iam::{ACCOUNT}:role/cci-lite-glue-role", ACCOUNT, action, resource)
    assert decide(request, identity=[policy]).allowed is allowed


def test_its_role_has_one_policy_that_the_linter_has_nothing_against(crawled: World) -> None:
    iam = crawled.rules.look("iam")
    assert findings(role_policy(crawled)) == set()
    assert iam.list_attached_role_policies(RoleName="cci-lite-glue-role")["AttachedPolicies"] == []
    assert iam.list_role_policies(RoleName="cci-lite-glue-role")["PolicyNames"] == ["cci-lite-glue"]


def role_policy(world: World) -> dict[str, Any]:
    iam = world.rules.look("iam")
    return dict(iam.get_role_policy(RoleName="cci-lite-glue-role", PolicyName="cci-lite-glue")["PolicyDocument"])


def by_hand(**changes: Any) -> Callable[[World], object]:
    return lambda world: world.cloud.client("glue").update_crawler(Name=CRAWLER, **changes)


ELSEWHERE = {"S3Targets": [{"Path": "s3://somebody-elses/"}]}
UNCUT = {"S3Targets": [{"Path": f"s3://cci-lite-results-{ACCOUNT}-eu-central-1-an/", "Exclusions": ["tmp/**"]}]}
DRIFT: list[tuple[str, str, Callable[[World], object]]] = [
    ("crawler", "prefix", by_hand(TablePrefix="")),
    ("crawler", "database", by_hand(DatabaseName="default")),
    ("crawler", "policy.DeleteBehavior", by_hand(SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})),
    ("crawler", "grouping.TableLevelConfiguration", by_hand(Configuration='{"Version": 1.0}')),
    ("crawler", "paths.s3://somebody-elses/", by_hand(Targets=ELSEWHERE)),
    ("crawler", f"paths.{UNCUT['S3Targets'][0]['Path']}", by_hand(Targets=UNCUT)),
    ("crawler", "role", by_hand(Role=f"arn:aws:iam::{ACCOUNT}:role/cci-lite-lambda-role")),
    (
        "crawler",
        "tags.Owner",
        lambda w: w.rules.look("glue").tag_resource(ResourceArn=ARN, TagsToAdd={"Owner": "somebody"}),
    ),
    (
        "daily-crawl",
        "cron",
        lambda w: w.cloud.client("glue").update_crawler_schedule(CrawlerName=CRAWLER, Schedule="cron(0 * * * ? *)"),
    ),
    ("daily-crawl", "cron", lambda w: w.cloud.client("glue").stop_crawler_schedule(CrawlerName=CRAWLER)),
    ("first-crawl", "status", lambda w: w.rules.crawlers.there[CRAWLER].last.update(Status="FAILED")),  # type: ignore[union-attr]
]


def test_what_was_changed_by_hand_is_named_and_repaired(crawled: World) -> None:
    named_and_repaired(crawled, DRIFT, *STEPS)


def test_every_request_obeys_glues_own_model(fresh: World) -> None:
    assert reasons(fresh.provision(*STEPS)) == {}
    by_hand(TablePrefix="")(fresh)
    assert reasons(fresh.provision(*STEPS)) == {}
    assert reasons(fresh.teardown(*STEPS)) == {}
    model = fresh.cloud.client("glue").meta.service_model
    calls = [each for each in fresh.rules.calls if each.service == "glue"]
    assert {"CreateCrawler", "UpdateCrawler", "StopCrawlerSchedule", "DeleteCrawler"} <= {c.operation for c in calls}
    wrong = {c.operation: list(problems(model.operation_model(c.operation).input_shape, c.params)) for c in calls}
    assert {name: said for name, said in wrong.items() if said} == {}


@pytest.mark.parametrize("step", STEPS)
def test_what_was_deleted_behind_our_back_comes_back(crawled: World, step: str) -> None:
    found = crawled.plan(step)
    (target,) = found.decisions
    assert target.observed is not None
    target.step.remove(target.observed, found.known)
    gone = target.step.observe(found.known)
    if gone is not None:  # the history of crawls stays
        assert step == "first-crawl" and tables(crawled) == ["documents", "results"]
    assert reasons(crawled.provision()) == {}  # a role that is gone leaves its id in the key's policy
    assert actions(crawled) == {}


def test_removing_twice_is_no_error(crawled: World) -> None:
    first, again = crawled.teardown(*STEPS), crawled.teardown(*STEPS)
    assert {name: each.result for name, each in first.items()} == {
        **dict.fromkeys(STEPS, "removed"),
        "first-crawl": "released",  # the crawler keeps its history until it goes itself
    }
    assert {each.result for each in again.values()} == {"absent"}


def test_a_crawl_that_fails_says_why_and_nothing_is_scheduled(fresh: World) -> None:
    fresh.rules.crawlers.fails = "Internal Service Exception"
    outcomes = fresh.provision(*STEPS)
    assert outcomes["first-crawl"].result == "failed"
    assert outcomes["first-crawl"].reason == f"the crawl of {CRAWLER} is FAILED: Internal Service Exception"
    assert outcomes["daily-crawl"].result == "skipped" and "Schedule" not in found(fresh)
    fresh.rules.crawlers.fails = ""
    assert reasons(fresh.provision(*STEPS)) == {}


def test_a_crawl_that_finds_nothing_is_no_success(fresh: World) -> None:
    fresh.rules.crawlers.finds = False
    outcome = fresh.provision(*STEPS)["first-crawl"]
    assert (outcome.result, outcome.reason) == ("invalid", "first-crawl.tables: tables it made: none")


def test_a_crawl_that_somebody_else_started_is_waited_for_and_not_doubled(fresh: World) -> None:
    assert reasons(fresh.provision("glue-role", "glue-policy", "glue-key-user", "crawler")) == {}
    fresh.cloud.client("glue").start_crawler(Name=CRAWLER)
    assert reasons(fresh.provision(*STEPS)) == {}
    assert fresh.rules.crawlers.there[CRAWLER].crawls == 1


def test_a_crawler_at_work_is_changed_when_it_has_finished(crawled: World) -> None:
    by_hand(SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})(crawled)
    crawled.cloud.client("glue").start_crawler(Name=CRAWLER)
    crawled.rules.crawlers.there[CRAWLER].looks = 10_000

    def over() -> None:
        crawled.cloud.waiting = lambda *_: None
        crawled.rules.crawlers.there[CRAWLER].looks = 1
        found(crawled)

    crawled.cloud.waiting = lambda step, what, waited: over() if what == "the crawler to finish" else None
    assert reasons(crawled.provision(*STEPS)) == {}
    assert found(crawled)["SchemaChangePolicy"]["DeleteBehavior"] == "LOG"


def test_a_crawler_at_work_is_stopped_before_it_goes(crawled: World) -> None:
    crawled.rules.crawlers.looks = 40
    crawled.cloud.client("glue").start_crawler(Name=CRAWLER)
    crawled.rules.forget()
    assert reasons(crawled.teardown(*STEPS)) == {}
    assert glue_writes(crawled)[-2:] == ["StopCrawler", "DeleteCrawler"]


def test_a_schedule_in_transition_is_waited_for(fresh: World) -> None:
    fresh.rules.crawlers.moving = 3
    assert reasons(fresh.provision(*STEPS)) == {}
    assert reasons(fresh.teardown("daily-crawl")) == {}
    assert found(fresh)["Schedule"]["State"] == "NOT_SCHEDULED"


def test_a_crawler_that_somebody_else_made_is_not_changed(fresh: World) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/cci-lite-lambda-role"
    fresh.rules.look("glue").create_crawler(Name=CRAWLER, Role=role, Targets=ELSEWHERE)
    blocked = {each.step.meta.id: each.reason for each in fresh.plan(*STEPS).halted}
    assert "adopt: true" in blocked["crawler"]


@pytest.mark.parametrize("operation", ["CreateCrawler", "StartCrawler", "UpdateCrawlerSchedule"])
@pytest.mark.parametrize("fault", [Fault.KILLED_AFTER, Fault.DROPPED])
def test_a_fault_leaves_what_a_rerun_finishes(stage: Stage, fresh: World, operation: str, fault: Fault) -> None:
    stage.saboteur.spoil(fresh, operation, fault, *STEPS)
    assert reasons(fresh.provision(*STEPS)) == {}
    assert fresh.rules.crawlers.there[CRAWLER].crawls == 1
