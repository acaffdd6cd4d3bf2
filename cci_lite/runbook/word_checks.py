"""Whoever has words needs the step that makes the list. May import steps.kind and steps.words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cci_lite.runbook.source import Source
from cci_lite.steps.kind import Tenant
from cci_lite.steps.words import MOST_LISTS, languages

#: A tenant's setting -> the kind of step that carries it out.
KINDS = {"vocabulary": "transcribe_vocabulary", "vocabulary_filter": "transcribe_vocabulary_filter"}


def check_words(source: Source, tenants: Mapping[str, Tenant], kinds: Iterable[str]) -> None:
    """Complaints go to the source. A job that names a list nobody makes would never start."""
    there = set(kinds)
    for setting, kind in KINDS.items():
        having = {name: each for name, each in tenants.items() if getattr(each, setting)}
        for name in having if kind not in there else ():
            reason = f"tenant `{name}` has a `{setting}`, but no step of kind `{kind}` makes it"
            source.refuse(("tenants", name, setting), reason, "add the step, before the one that registers the tenants")
        lists = sum(len(languages(each.language, each.language_options)) for each in having.values())
        if lists > MOST_LISTS:
            reason = f"{lists} lists for the tenants' `{setting}`: an account has at most {MOST_LISTS}"
            source.refuse(("tenants",), reason, "fewer tenants with words, or fewer `language_options`")
