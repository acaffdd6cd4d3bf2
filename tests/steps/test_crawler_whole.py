"""The optional crawler in whole accounts: off as shipped, new roles that Glue does not know yet, and teardowns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cci_lite.engine.model import Status
from tests.moments import Moment
from tests.steps.test_crawler import CRAWLER, DATABASE, RUNBOOK, STEPS, TABLE, checks, found, tables
from tests.world import ACCOUNT, World, account, reasons

PHASE_3 = [each.meta.id for each in RUNBOOK.entries if each.meta.phase == 3]
NIGHTLY = "cron(0 2 * * ? *)"


@pytest.fixture(scope="module")
def _whole() -> Iterator[tuple[World, Moment, Moment]]:
    """Without the crawler's own steps, and with them."""
    with account(RUNBOOK) as world:
        without = world.stand(*(each for each in world.graph.ids() if each not in STEPS)).moment()
        assert reasons(world.provision(*STEPS)) == {}
        yield world, without, world.moment()


@pytest.fixture
def without(_whole: tuple[World, Moment, Moment]) -> World:
    world, without, _ = _whole
    return world.back_to(without)


@pytest.fixture
def crawled(_whole: tuple[World, Moment, Moment]) -> World:
    world, _, crawled = _whole
    return world.back_to(crawled)


def test_glue_is_given_time_to_know_the_new_role(without: World) -> None:
    without.rules.role_lag_s = 8.0
    assert reasons(without.provision(*STEPS)) == {}


def test_a_teardown_takes_the_crawled_tables_and_leaves_those_of_others(crawled: World) -> None:
    glue = crawled.rules.look("glue")
    theirs = {"Name": "crawled_theirs", "Parameters": {"UPDATED_BY_CRAWLER": "theirs"}}
    glue.create_table(DatabaseName=DATABASE, TableInput=theirs)
    outcomes = crawled.teardown(*PHASE_3)
    assert reasons(outcomes) == {} and outcomes["catalog"].result == "released"
    assert tables(crawled) == ["crawled_theirs"]
    assert glue.get_crawlers()["Crawlers"] == []
    roles = [each["RoleName"] for each in crawled.rules.look("iam").list_roles()["Roles"]]
    assert "cci-lite-glue-role" not in roles


def test_a_teardown_takes_a_database_in_which_only_crawled_tables_are_left(crawled: World) -> None:
    outcomes = crawled.teardown(consent=["alias/cci-lite-master-key"])
    assert reasons(outcomes) == {} and outcomes["catalog"].result == "removed"


def test_of_an_adopted_crawler_go_only_the_tables_that_it_made_for_us(without: World) -> None:
    their_crawler(without)
    adopting = adopted(without)
    assert reasons(adopting.provision(*STEPS)) == {}
    assert told(adopting) == (Status.FAILED, "tables it made: none; others, which stay: old_theirs")
    crawl(without)
    assert told(adopting) == (Status.PASSED, f"tables it made: {TABLE}; others, which stay: old_theirs")
    outcomes = adopting.teardown(*STEPS)
    assert {name: outcomes[name].result for name in ("crawler", "first-crawl", "daily-crawl")} == {
        "crawler": "released",
        "first-crawl": "released",
        "daily-crawl": "released",
    }
    assert tables(without) == ["documents", "old_theirs", "results"]
    assert found(without)["Schedule"] == {"ScheduleExpression": NIGHTLY, "State": "SCHEDULED"}


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
