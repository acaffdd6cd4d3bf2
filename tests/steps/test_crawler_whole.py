"""The optional crawler in whole accounts: off as shipped, new roles that Glue does not know yet, and teardowns."""

from __future__ import annotations

from dataclasses import replace

from cci_lite.engine.model import Status
from tests.steps.test_crawler import CRAWLER, DATABASE, RUNBOOK, STEPS, TABLE, checks, found, tables
from tests.world import ACCOUNT, World, account, reasons

NIGHTLY = "cron(0 2 * * ? *)"


def test_glue_is_given_time_to_know_the_new_role() -> None:
    with account(RUNBOOK, role_lag_s=8.0) as world:
        assert reasons(world.provision()) == {}


def test_a_teardown_takes_the_crawled_tables_and_leaves_those_of_others() -> None:
    with account(RUNBOOK) as world:
        assert reasons(world.provision()) == {}
        glue = world.rules.look("glue")
        theirs = {"Name": "crawled_theirs", "Parameters": {"UPDATED_BY_CRAWLER": "theirs"}}
        glue.create_table(DatabaseName=DATABASE, TableInput=theirs)
        outcomes = world.teardown(consent=["alias/cci-lite-master-key"])
        assert reasons(outcomes) == {} and outcomes["catalog"].result == "released"
        assert tables(world) == ["crawled_theirs"]
        assert glue.get_crawlers()["Crawlers"] == []
        roles = [each["RoleName"] for each in world.rules.look("iam").list_roles()["Roles"]]
        assert "cci-lite-glue-role" not in roles


def test_a_teardown_takes_a_database_in_which_only_crawled_tables_are_left() -> None:
    with account(RUNBOOK) as world:
        assert reasons(world.provision()) == {}
        outcomes = world.teardown(consent=["alias/cci-lite-master-key"])
        assert reasons(outcomes) == {} and outcomes["catalog"].result == "removed"


def test_of_an_adopted_crawler_go_only_the_tables_that_it_made_for_us() -> None:
    with account(RUNBOOK) as world:
        assert reasons(world.provision(*(each for each in world.graph.ids() if each not in STEPS))) == {}
        their_crawler(world)
        adopting = adopted(world)
        assert reasons(adopting.provision()) == {}
        assert told(adopting) == (Status.FAILED, "tables it made: none; others, which stay: old_theirs")
        crawl(world)
        assert told(adopting) == (Status.PASSED, f"tables it made: {TABLE}; others, which stay: old_theirs")
        outcomes = adopting.teardown(*STEPS)
        assert {name: outcomes[name].result for name in ("crawler", "first-crawl", "daily-crawl")} == {
            "crawler": "released",
            "first-crawl": "released",
            "daily-crawl": "released",
        }
        assert tables(world) == ["documents", "old_theirs", "results"]
        assert found(world)["Schedule"] == {"ScheduleExpression": NIGHTLY, "State": "SCHEDULED"}


def told(world: World) -> tuple[Status, str]:
    found = checks(world)["first-crawl.tables"]
    return found.status, found.evidence


def their_crawler(world: World) -> None:
    """The very crawler of the runbook, made by hand before: it has a schedule, and has made a table."""
    glue = world.cloud.client("glue")
    wish = {"DatabaseName": DATABASE, "Role": f"arn:aws:iam::{ACCOUNT}:role/cci-lite-lambda-role"}
    glue.create_crawler(Name=CRAWLER, Targets={"S3Targets": [{"Path": "s3://theirs/"}]}, TablePrefix="old_", **wish)
    glue.update_crawler_schedule(CrawlerName=CRAWLER, Schedule=NIGHTLY)
    crawl(world)


def crawl(world: World) -> None:
    world.cloud.client("glue").start_crawler(Name=CRAWLER)
    while found(world)["State"] != "READY":
        pass


def adopted(world: World) -> World:
    """The runbook with `adopt: true` on the crawler."""
    entries = (
        replace(each, meta=replace(each.meta, adopt=True)) if each.meta.id == "crawler" else each
        for each in world.runbook.entries
    )
    return world.with_runbook(entries=tuple(entries))
