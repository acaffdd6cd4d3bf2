"""A crawl that has succeeded: observed, and brought about when there is none. Source: aws-facts 11.

A crawl that finds nothing succeeds as well, so that the proof is its tables, not its status.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code
from cci_lite.engine.clock import Patience
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context, Refers, Settings

#: Glue writes the crawler's name into each table that it makes.
MADE_BY = "UPDATED_BY_CRAWLER"
_DEADLINE_S = 1800.0
_STAYS = "the crawler keeps its history; the tables that it made for us go"


class CrawlFailedError(Exception):
    """A crawl ended badly, or did not end in time; the text is Glue's reason."""


class GlueCrawlSettings(Settings):
    crawler: Annotated[str, Refers(("glue_crawler",), whole=True)]


@dataclass(frozen=True)
class GlueCrawlSpec:
    """status: how the last crawl ended; SUCCEEDED is what is wanted."""

    status: str


@dataclass(frozen=True)
class GlueCrawl:
    """prefix: what its tables begin with since the crawler is as the runbook wants it; others are older than that."""

    meta: Meta
    cloud: Cloud
    crawler: str
    database: str
    prefix: str

    @property
    def traits(self) -> Traits:
        return Traits()

    def desired(self, known: Known) -> GlueCrawlSpec:
        return GlueCrawlSpec("SUCCEEDED")

    def observe(self, known: Known) -> Observed | None:
        last = (self._found() or {}).get("LastCrawl")
        return Observed(GlueCrawlSpec(str(last["Status"])), stays=_STAYS) if last else None

    def apply(self, want: GlueCrawlSpec, have: Observed | None, changes: Changes) -> None:
        """A crawl that is under way already is as good as one of ours."""
        before = _began(self._found() or {})
        try:
            self.cloud.write("glue", "start_crawler", Name=self.crawler)
        except ClientError as error:
            if code(error) != "CrawlerRunningException":
                raise
        self._await(before)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        """The plan: the crawl made a table. That it cannot touch the one that queries use is its role's doing."""
        made = sorted(self._tables())
        ours = [each for each in made if self._ours(each)]
        others = ", ".join(each for each in made if not self._ours(each))
        told = f"tables it made: {', '.join(ours) or 'none'}{f'; others, which stay: {others}' if others else ''}"
        hint = "a crawl makes no table while there is no result: `cci-lite validate --phase 2`"
        yield check(self, "tables", bool(ours), told, hint)

    def remove(self, have: Observed, known: Known) -> None:
        """Our tables that this crawler made; the database could not go while they are there."""
        for each in filter(self._ours, self._tables()):
            self.cloud.write("glue", "delete_table", DatabaseName=self.database, Name=each)

    def _found(self) -> dict[str, Any] | None:
        answer = self.cloud.find("glue", "get_crawler", Name=self.crawler)
        return dict(answer["Crawler"]) if answer else None

    def _tables(self) -> list[str]:
        """The names of all that the crawler has made."""
        tables = self.cloud.pages("glue", "get_tables", "TableList", DatabaseName=self.database)
        return [each["Name"] for each in tables if each.get("Parameters", {}).get(MADE_BY) == self.crawler]

    def _ours(self, table: str) -> bool:
        return table.startswith(self.prefix)

    def _await(self, before: object) -> None:
        """Until a crawl that began after `before` has ended. Raises CrawlFailedError."""
        for waited in Patience(self.cloud.clock, _DEADLINE_S, first=1.0):
            found = self._found() or {}
            if found.get("State") == "READY" and _began(found) != before:
                last = found["LastCrawl"]
                if last["Status"] == "SUCCEEDED":
                    return
                why = last.get("ErrorMessage") or "no reason was given"
                raise CrawlFailedError(f"the crawl of {self.crawler} is {last['Status']}: {why}")
            self.cloud.wait("the crawler to read the results", waited)
        raise CrawlFailedError(f"the crawl of {self.crawler} has not ended after {_DEADLINE_S / 60:.0f} minutes")


def _began(found: dict[str, Any]) -> object:
    """When the last crawl began, None before the first."""
    return found.get("LastCrawl", {}).get("StartTime")


def build(meta: Meta, settings: GlueCrawlSettings, context: Context) -> GlueCrawl:
    crawler = context.settings[settings.crawler]
    database, prefix = context.name_of(crawler.database), context.settings[crawler.policy].prefix
    return GlueCrawl(meta, context.cloud, context.name_of(settings.crawler), database, prefix)
