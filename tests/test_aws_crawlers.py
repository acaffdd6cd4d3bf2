"""The rules about crawlers refuse what AWS refuses (tests/aws_rules/crawlers.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.aws_rules import Rules, strict
from tests.engine.fakes import FakeClock

TARGETS = {"S3Targets": [{"Path": "s3://the-bucket/"}]}


@pytest.fixture
def rules() -> Iterator[Rules]:
    with mock_aws():
        session = boto3.Session("testing", "testing", region_name="eu-central-1")
        made = strict(session, FakeClock())
        role = made.look("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        made.look("glue").create_database(DatabaseInput={"Name": "d"})
        glue = session.client("glue")
        glue.create_crawler(Name="c", Role=role, DatabaseName="d", Targets=TARGETS, TablePrefix="p_")
        yield made


@pytest.fixture
def glue(rules: Rules) -> Any:
    return rules.session.client("glue")


def refused(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def crawl(glue: Any) -> dict[str, Any]:
    """The crawler, once it is ready again."""
    glue.start_crawler(Name="c")
    while (found := glue.get_crawler(Name="c")["Crawler"])["State"] != "READY":
        pass
    return dict(found)


def test_a_crawler_at_work_refuses_to_start_to_change_and_to_go(glue: Any) -> None:
    glue.start_crawler(Name="c")
    assert refused(glue.start_crawler, Name="c") == "CrawlerRunningException"
    assert refused(glue.update_crawler, Name="c", TablePrefix="q_") == "CrawlerRunningException"
    assert refused(glue.delete_crawler, Name="c") == "CrawlerRunningException"


def test_a_crawl_ends_after_some_looks_and_makes_a_table_that_says_who_made_it(glue: Any) -> None:
    assert "LastCrawl" not in glue.get_crawler(Name="c")["Crawler"]
    assert crawl(glue)["LastCrawl"]["Status"] == "SUCCEEDED"
    (table,) = glue.get_tables(DatabaseName="d")["TableList"]
    assert (table["Name"], table["Parameters"]) == ("p_the_bucket", {"UPDATED_BY_CRAWLER": "c"})


def test_a_crawl_that_fails_says_why_and_makes_no_table(rules: Rules, glue: Any) -> None:
    rules.crawlers.fails = "no access"
    last = crawl(glue)["LastCrawl"]
    assert (last["Status"], last["ErrorMessage"]) == ("FAILED", "no access")
    assert glue.get_tables(DatabaseName="d")["TableList"] == []


def test_a_crawler_stops_in_its_own_time(glue: Any) -> None:
    assert refused(glue.stop_crawler, Name="c") == "CrawlerNotRunningException"
    glue.start_crawler(Name="c")
    glue.stop_crawler(Name="c")
    assert refused(glue.stop_crawler, Name="c") == "CrawlerStoppingException"
    states = [glue.get_crawler(Name="c")["Crawler"]["State"] for _ in range(2)]
    assert states == ["STOPPING", "READY"]
    assert glue.get_crawler(Name="c")["Crawler"]["LastCrawl"]["Status"] == "CANCELLED"


def test_a_schedule_is_started_and_stopped_once(rules: Rules, glue: Any) -> None:
    assert refused(glue.start_crawler_schedule, CrawlerName="c") == "NoScheduleException"
    glue.update_crawler_schedule(CrawlerName="c", Schedule="cron(0 2 * * ? *)")
    assert refused(glue.start_crawler_schedule, CrawlerName="c") == "SchedulerRunningException"
    rules.crawlers.moving = 1
    glue.stop_crawler_schedule(CrawlerName="c")
    assert refused(glue.stop_crawler_schedule, CrawlerName="c") == "SchedulerTransitioningException"
    assert refused(glue.stop_crawler_schedule, CrawlerName="c") == "SchedulerNotRunningException"


def test_tags_go_with_the_crawler(glue: Any) -> None:
    arn = "arn:aws:glue:eu-central-1:123456789012:crawler/c"
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"a": "b"})
    glue.delete_crawler(Name="c")
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {}
    assert refused(glue.get_crawler, Name="c") == "EntityNotFoundException"
