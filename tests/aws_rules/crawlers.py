"""Glue's crawlers: they take their time, refuse what disturbs them, and make tables. Source: aws-facts 4, 11, 16.

moto keeps a crawler's definition and nothing more: no update, no schedule of its own, no end of a crawl, no table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.glue.models import glue_backends

from tests.aws_rules.answers import Answer, answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_BEGAN = datetime(2026, 11, 24, 2, tzinfo=UTC)
_FIELDS = {
    "Role": "role",
    "DatabaseName": "database_name",
    "Targets": "targets",
    "TablePrefix": "table_prefix",
    "SchemaChangePolicy": "schema_change_policy",
    "Configuration": "configuration",
}


@dataclass
class Crawler:
    """looks: how many more times it is seen at work; last: LastCrawl; schedule: as GetCrawler shows it; moving: how
    many more changes of the schedule are refused."""

    state: str = "READY"
    looks: int = 0
    crawls: int = 0
    last: dict[str, Any] | None = None
    schedule: dict[str, str] = field(default_factory=dict)
    moving: int = 0


@dataclass
class Crawlers:
    """looks: seen at work so many times; fails: why each crawl fails, "" while they succeed; moving: refusals after
    each change of a schedule; finds: whether there is anything to make a table of."""

    looks: int = 2
    fails: str = ""
    moving: int = 0
    finds: bool = True
    there: dict[str, Crawler] = field(default_factory=dict)


def crawlers(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """Everything about a crawler that exists; what moto says of one that does not stands."""
    act = _ACTS.get(operation)
    name = str(params.get("Name", params.get("CrawlerName", "")))
    if service != "glue" or act is None or name not in glue_backends[rules.account][rules.region].crawlers:
        return None
    return act(rules, name, rules.crawlers.there.setdefault(name, Crawler()), params)


def _get(rules: Rules, name: str, found: Crawler, params: Mapping[str, Any]) -> Answer:
    if found.state != "READY":
        found.looks -= 1
        if found.looks <= 0:
            _end(rules, name, found)
    shown = {**rules.look("glue").get_crawler(Name=name)["Crawler"], "State": found.state}
    shown |= {"LastCrawl": found.last} if found.last else {}
    shown |= {"Schedule": dict(found.schedule)} if found.schedule else {}
    return answer(Crawler=shown)


def _start(rules: Rules, name: str, found: Crawler, params: Mapping[str, Any]) -> Answer:
    if found.state != "READY":
        return refusal("CrawlerRunningException", f"Crawler with name {name} has already started")
    found.state, found.looks = "RUNNING", rules.crawlers.looks
    return answer()


def _stop(rules: Rules, name: str, found: Crawler, params: Mapping[str, Any]) -> Answer:
    if found.state == "READY":
        return refusal("CrawlerNotRunningException", f"Crawler with name {name} isn't running")
    if found.state == "STOPPING":
        return refusal("CrawlerStoppingException", f"Crawler with name {name} is stopping")
    found.state, found.looks = "STOPPING", rules.crawlers.looks
    return answer()


def _update(rules: Rules, name: str, found: Crawler, params: Mapping[str, Any]) -> Answer:
    if found.state != "READY":
        return refusal("CrawlerRunningException", f"Crawler with name {name} is running")
    kept = glue_backends[rules.account][rules.region].crawlers[name]
    for given, attribute in _FIELDS.items():
        if given in params:
            setattr(kept, attribute, params[given])
    return answer()


def _delete(rules: Rules, name: str, found: Crawler, params: Mapping[str, Any]) -> Answer | None:
    """moto keeps the tags of a crawler that is gone, and gives them to the next of that name."""
    if found.state != "READY":
        return refusal("CrawlerRunningException", f"Crawler with name {name} is running")
    del rules.crawlers.there[name]
    glue, arn = rules.look("glue"), f"arn:aws:glue:{rules.region}:{rules.account}:crawler/{name}"
    glue.untag_resource(ResourceArn=arn, TagsToRemove=list(glue.get_tags(ResourceArn=arn)["Tags"]))
    return None


def _schedule(change: Callable[[Crawler, Mapping[str, Any]], Answer | None]) -> Callable[..., Answer]:
    """A change of the schedule, refused while the one before takes effect."""

    def changed(rules: Rules, name: str, found: Crawler, params: Mapping[str, Any]) -> Answer:
        if found.moving:
            found.moving -= 1
            return refusal("SchedulerTransitioningException", "The specified scheduler is transitioning.")
        refused = change(found, params)
        found.moving = 0 if refused else rules.crawlers.moving
        return refused or answer()

    return changed


def _set(found: Crawler, params: Mapping[str, Any]) -> None:
    state = found.schedule.get("State", "SCHEDULED")
    found.schedule = {"ScheduleExpression": str(params["Schedule"]), "State": state}


def _run(found: Crawler, params: Mapping[str, Any]) -> Answer | None:
    if not found.schedule:
        return refusal("NoScheduleException", "There is no applicable schedule.")
    if found.schedule["State"] == "SCHEDULED":
        return refusal("SchedulerRunningException", "The specified scheduler is already running.")
    found.schedule["State"] = "SCHEDULED"
    return None


def _halt(found: Crawler, params: Mapping[str, Any]) -> Answer | None:
    if found.schedule.get("State") != "SCHEDULED":
        return refusal("SchedulerNotRunningException", "The specified scheduler is not running.")
    found.schedule["State"] = "NOT_SCHEDULED"
    return None


def _end(rules: Rules, name: str, found: Crawler) -> None:
    """What a crawl leaves: how it ended, and, where it found something, a table that says who made it."""
    stopped, wish = found.state == "STOPPING", rules.crawlers
    status = "CANCELLED" if stopped else "FAILED" if wish.fails else "SUCCEEDED"
    found.crawls += 1
    found.state, began = "READY", _BEGAN + timedelta(days=found.crawls)
    found.last = {"Status": status, "StartTime": began, **({"ErrorMessage": wish.fails} if wish.fails else {})}
    if status == "SUCCEEDED" and wish.finds:
        _make_table(rules, name)


def _make_table(rules: Rules, name: str) -> None:
    glue = rules.look("glue")
    crawler = glue.get_crawler(Name=name)["Crawler"]
    bucket = crawler["Targets"]["S3Targets"][0]["Path"].split("/")[2]
    table, database = f"{crawler.get('TablePrefix', '')}{bucket.replace('-', '_')}", crawler["DatabaseName"]
    there = {each["Name"] for each in glue.get_tables(DatabaseName=database)["TableList"]}
    if table not in there:
        made = {"Name": table, "Parameters": {"UPDATED_BY_CRAWLER": name}, "StorageDescriptor": {"Columns": []}}
        glue.create_table(DatabaseName=database, TableInput=made)


_ACTS: Mapping[str, Callable[[Any, str, Crawler, Mapping[str, Any]], Answer | None]] = {
    "GetCrawler": _get,
    "StartCrawler": _start,
    "StopCrawler": _stop,
    "UpdateCrawler": _update,
    "DeleteCrawler": _delete,
    "UpdateCrawlerSchedule": _schedule(_set),
    "StartCrawlerSchedule": _schedule(_run),
    "StopCrawlerSchedule": _schedule(_halt),
}
