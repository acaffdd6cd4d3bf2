"""State and order of the rules that are kept in files of their own. Plugged into `Rules` by the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.aws_rules import (
    athena,
    bedrock,
    buckets,
    busy,
    crawlers,
    glue,
    identities,
    kept,
    limits,
    mail,
    notifications,
    quicksight,
    refused,
    stale,
    transcribe,
    unsettled,
    weather,
)

if TYPE_CHECKING:
    from tests.aws_rules import Rules

#: Asked before all others: whose bucket it is, and whether AWS is ready for the call.
FIRST = (
    buckets.owner_is_checked,
    stale.broken,
    unsettled.not_settled_yet,
    unsettled.name_is_free_again,
    refused.models_are_called_by_profile,
)
#: Asked after the others.
BEFORE = (
    identities.nobody_locks_the_key,
    identities.lambda_is_trusted,
    notifications.targets_answer,
    buckets.encryption_is_never_absent,
    buckets.keys_of_uploaders_are_blocked,
    busy.concurrency_has_a_floor,
    limits.retention_is_one_of_a_list,
    limits.standard_parameters_hold_4_kb,
    limits.inline_policies_hold_10240_characters,
    limits.statement_ids_are_unique,
    limits.event_settings_are_overwritten,
    mail.topic_keeps_its_tags,
    mail.subscriptions_have_arns,
    glue.tables_are_sound,
    glue.versions_are_checked,
    glue.tags_go_with_their_database,
    athena.workgroups,
    athena.queries,
    quicksight.account,
    transcribe.word_lists,
    refused.parameters_hold_no_parameters,
    refused.glue_can_assume_the_role,
    crawlers.crawlers,
    stale.remember,
)
_SHOW = (identities.show, buckets.show, busy.show, mail.show, kept.show, stale.show, unsettled.show)


@dataclass(kw_only=True)
class More:
    """pending_reads: looks at a function until it is ready; concurrency: the account's limit; taken: bucket names of
    others; confirmed: addresses that clicked the link; unsubscribed: topics and addresses that ended it; caller: what
    STS says; profiles: Bedrock's catalogue; lives: lifecycles of its models; unsettled: refusals that pass, of each
    kind and thing; deletion_s: seconds until a deleted name is free; stale_reads: reads that show the policy before;
    broken: share of all calls answered 500 at first."""

    unsettled: int = 0
    deletion_s: float = 0.0
    stale_reads: int = 0
    broken: float = 0.0
    refusals: dict[tuple[str, str], int] = field(default_factory=dict)
    deletions: dict[str, float] = field(default_factory=dict)
    former: dict[tuple[str, tuple[str, ...]], tuple[Any, int]] = field(default_factory=dict)
    pending_reads: int = 0
    concurrency: int = 1000
    caller: str = "arn:aws:iam::123456789012:user/operator"
    profiles: tuple[str, ...] = bedrock.PROFILES
    lives: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    unsubscribed: set[tuple[str, str]] = field(default_factory=set)
    weather: weather.Weather = field(default_factory=weather.Weather)
    busy: dict[str, tuple[str, int]] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    documents: dict[tuple[str, str], Any] = field(default_factory=dict)
    managed: set[tuple[str, str]] = field(default_factory=set)
    word_lists: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    crawlers: crawlers.Crawlers = field(default_factory=crawlers.Crawlers)
    quicksight: quicksight.QuickSight = field(default_factory=quicksight.QuickSight)

    def confirm(self, email: str) -> None:
        """The owner of the address clicks the link in the mail."""
        self.confirmed.add(email)


def install(rules: Rules) -> None:
    buckets.no_second_opinion()
    buckets.etags_say_nothing()
    weather.install(rules)
    quicksight.install(rules)


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    for each in _SHOW:
        each(rules, service, operation, params, parsed)
