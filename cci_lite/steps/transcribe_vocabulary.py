"""Custom vocabularies: words that Transcribe should know, one list a tenant and language. Source: words.py's pages."""

from __future__ import annotations

from cci_lite.engine.model import Meta
from cci_lite.steps.kind import Context, Settings
from cci_lite.steps.word_lists import Api, WordLists, wishes

API = Api(
    noun="vocabulary",
    plural="vocabularies",
    name="VocabularyName",
    words="Phrases",
    listed="Vocabularies",
    resource="vocabulary",
    prepared=True,
    language_again=True,
)


class TranscribeVocabularySettings(Settings):
    """None: the words stand with their tenants (`vocabulary`)."""


def build(meta: Meta, _settings: TranscribeVocabularySettings, context: Context) -> WordLists:
    return WordLists(meta, context.cloud, API, wishes(context, "vocabulary"), context.tags)
