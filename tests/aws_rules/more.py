"""State and order of the rules that are kept in files of their own. Plugged into `Rules` by the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.aws_rules import athena, bedrock, buckets, busy, glue, identities, limits, mail, notifications, weather

if TYPE_CHECKING:
    from tests.aws_rules import Rules

#: Asked before all others: whose bucket it is.
FIRST = (buckets.owner_is_checked,)
#: Asked after the others.
BEFORE = (
    identities.nobody_locks_the_key,
    identities.lambda_is_trusted,
    notifications.targets_answer,
    buckets.encryption_is_never_absent,
    busy.concurrency_has_a_floor,
    limits.retention_is_one_of_a_list,
    limits.standard_parameters_hold_4_kb,
    limits.statement_ids_are_unique,
    limits.event_settings_are_overwritten,
    mail.topic_keeps_its_tags,
    glue.tables_are_sound,
    glue.versions_are_checked,
    glue.tags_go_with_their_database,
    athena.workgroups,
    athena.queries,
)
_SHOW = (identities.show, buckets.show, busy.show, mail.show)


@dataclass(kw_only=True)
class More:
    """pending_reads: looks at a function until it is ready; concurrency: the account's limit; taken: bucket names of
    others; confirmed: addresses that clicked the link; caller: what STS says; profiles: Bedrock's catalogue."""

    pending_reads: int = 0
    concurrency: int = 1000
    caller: str = "arn:aws:iam::123456789012:user/operator"
    profiles: tuple[str, ...] = bedrock.PROFILES
    taken: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    weather: weather.Weather = field(default_factory=weather.Weather)
    busy: dict[str, tuple[str, int]] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    documents: dict[tuple[str, str], Any] = field(default_factory=dict)
    managed: set[tuple[str, str]] = field(default_factory=set)

    def confirm(self, email: str) -> None:
        """The owner of the address clicks the link in the mail."""
        self.confirmed.add(email)


def install(rules: Rules) -> None:
    buckets.no_second_opinion()
    weather.install(rules)


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    for each in _SHOW:
        each(rules, service, operation, params, parsed)
