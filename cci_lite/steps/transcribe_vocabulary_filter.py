"""Vocabulary filters: words that transcripts show as ***, one list a tenant and language. Source: words.py's pages."""

from __future__ import annotations

from cci_lite.engine.model import Meta
from cci_lite.steps.kind import Context, Settings
from cci_lite.steps.word_lists import Api, WordLists, wishes

API = Api(
    noun="vocabulary_filter",
    plural="vocabulary_filters",
    name="VocabularyFilterName",
    words="Words",
    listed="VocabularyFilters",
    resource="vocabulary-filter",
    prepared=False,
    language_again=False,
)


class TranscribeVocabularyFilterSettings(Settings):
    """None: the words stand with their tenants (`vocabulary_filter`)."""


def build(meta: Meta, _settings: TranscribeVocabularyFilterSettings, context: Context) -> WordLists:
    return WordLists(meta, context.cloud, API, wishes(context, "vocabulary_filter"), context.tags)
