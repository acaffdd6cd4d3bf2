"""Lists of words in Transcribe, one a tenant and language: what its two kinds of lists have in common. Not a kind.

AWS shows the words of a list only behind a download link, so that a hash of them is kept in a tag: what others change
in a list of ours is not seen. A list holds no calls; one in the wrong language is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from cci_lite.aws import tags
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code
from cci_lite.engine.clock import Patience
from cci_lite.engine.model import Changes, Check, Known, Meta, Observed, Traits
from cci_lite.payload.processor.naming import JOB_PREFIX, word_list
from cci_lite.steps.checks import check
from cci_lite.steps.kind import Context
from cci_lite.steps.words import languages

WORDS_KEY = "cci-lite:words"
READY = "READY"
_PENDING = "PENDING"
_FAILED = "FAILED"
_DEADLINE_S = 900.0
_AT_ONCE = 8


class WordListFailedError(Exception):
    """Transcribe took the words and then could not use them, or never said so; the text is AWS's reason."""


@dataclass(frozen=True)
class Api:
    """How Transcribe calls one kind of list. noun: in operations; name, words, listed: members; resource: in ARNs."""

    noun: str
    plural: str
    name: str
    words: str
    listed: str
    resource: str
    #: Whether a list is worked on after it was taken, and says so in VocabularyState.
    prepared: bool
    #: Whether an update names the language again.
    language_again: bool


@dataclass(frozen=True)
class WordList:
    """words: how many and a hash of them; state: READY, PENDING, or FAILED with AWS's reason."""

    language: str
    words: str
    state: str


@dataclass(frozen=True)
class WordListsSpec:
    """lists: name -> list, None when there is none of that name."""

    lists: Mapping[str, WordList | None]


@dataclass(frozen=True)
class WordLists:
    """wishes: name -> (language, words)."""

    meta: Meta
    cloud: Cloud
    api: Api
    wishes: Mapping[str, tuple[str, tuple[str, ...]]]
    tags: Mapping[str, str]

    @property
    def traits(self) -> Traits:
        return Traits(settle_s=_DEADLINE_S)

    def desired(self, known: Known) -> WordListsSpec:
        return WordListsSpec(
            {name: WordList(language, digest(words), READY) for name, (language, words) in self.wishes.items()}
        )

    def observe(self, known: Known) -> Observed | None:
        """Of the lists found, those that cci-lite made or the runbook names; with neither, nothing is missing."""
        listed = self._listed()
        marks = self._all_marks(list(listed))
        made = {name for name in listed if tags.owned(marks[name])}
        found = {name: each for name, each in listed.items() if name in made or name in self.wishes}
        if not found and self.wishes:
            return None
        seen = {name: self._seen(name, each, marks[name]) for name, each in found.items()}
        return Observed(WordListsSpec(seen), owned=bool(found) and found.keys() <= made)

    def apply(self, want: WordListsSpec, have: Observed | None, changes: Changes) -> None:
        there = have.spec.lists if have else {}
        names = changes.keys("lists")
        for name in names:
            self._bring(name, want.lists.get(name), there.get(name))
        for name in names:
            if name in want.lists:
                self._expect_ready(name)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        for name, want in self.desired(known).lists.items():
            found = have.spec.lists.get(name)
            told = f"{name}: {found.words}, {found.state}" if found else f"{name}: missing"
            yield check(self, name.removeprefix(JOB_PREFIX), found == want, told)

    def remove(self, have: Observed, known: Known) -> None:
        for name in have.spec.lists:
            if tags.owned(self._marks(name)):
                self._delete(name)

    def _bring(self, name: str, want: WordList | None, have: WordList | None) -> None:
        """One list to what is wanted. One that is still being worked on takes no other words (ConflictException)."""
        if have and self.api.prepared:
            self._state(name)
        if want is None:
            self._delete(name)
        elif have is None:
            self._create(name)
        elif have.language != want.language:
            self._delete(name)
            self._create(name)
        elif have.words != want.words or have.state.startswith(_FAILED):
            self._update(name)

    def _create(self, name: str) -> None:
        language, words = self.wishes[name]
        marks = {**tags.ours(self.meta.id, self.tags), WORDS_KEY: digest(words)}
        try:
            self._write(
                f"create_{self.api.noun}", name, LanguageCode=language, Tags=tags.as_list(marks), **self._of(words)
            )
        except ClientError as error:
            # The answer to the first try was lost: the list is there, and settling will compare it.
            if code(error) != "ConflictException":
                raise

    def _update(self, name: str) -> None:
        """The words first: a run that dies before the tag is written finds a difference, and does both again."""
        language, words = self.wishes[name]
        again = {"LanguageCode": language} if self.api.language_again else {}
        self._write(f"update_{self.api.noun}", name, **again, **self._of(words))
        marks = [{"Key": WORDS_KEY, "Value": digest(words)}]
        self.cloud.write("transcribe", "tag_resource", ResourceArn=self._arn(name), Tags=marks)

    def _delete(self, name: str) -> None:
        self._write(f"delete_{self.api.noun}", name)

    def _write(self, operation: str, name: str, **params: Any) -> None:
        self.cloud.write("transcribe", operation, **{self.api.name: name}, **params)

    def _of(self, words: tuple[str, ...]) -> dict[str, list[str]]:
        return {self.api.words: list(words)}

    def _expect_ready(self, name: str) -> None:
        if self.api.prepared and (state := self._state(name)) != READY:
            raise WordListFailedError(f"{name} is {state}")

    def _state(self, name: str) -> str:
        """The state once the list is not worked on any more; asked afresh, whatever was read before."""
        ask = getattr(self.cloud.client("transcribe"), f"get_{self.api.noun}")
        for waited in Patience(self.cloud.clock, _DEADLINE_S, first=0.5, longest=5):
            found = ask(**{self.api.name: name})
            if found["VocabularyState"] != _PENDING:
                return _state_of(found)
            self.cloud.wait(f"Transcribe to get {name} ready", waited)
        raise WordListFailedError(f"{name} is still {_PENDING} after {_DEADLINE_S / 60:.0f} minutes")

    def _listed(self) -> dict[str, dict[str, Any]]:
        """Lists whose names begin as ours do. boto3 has no paginator for them."""
        found: dict[str, dict[str, Any]] = {}
        which: dict[str, Any] = {"NameContains": JOB_PREFIX, "MaxResults": 100}
        while True:
            page = self.cloud.read("transcribe", f"list_{self.api.plural}", **which)
            found |= {each[self.api.name]: each for each in page.get(self.api.listed, [])}
            if "NextToken" not in page:
                return {name: each for name, each in found.items() if name.startswith(JOB_PREFIX)}
            which["NextToken"] = page["NextToken"]

    def _seen(self, name: str, listed: Mapping[str, Any], marks: Mapping[str, str]) -> WordList:
        state = READY
        if self.api.prepared:
            failed = listed["VocabularyState"] == _FAILED
            told = self.cloud.read("transcribe", f"get_{self.api.noun}", **{self.api.name: name}) if failed else listed
            state = _state_of(told)
        return WordList(str(listed["LanguageCode"]), marks.get(WORDS_KEY, "unknown words"), state)

    def _all_marks(self, names: list[str]) -> dict[str, dict[str, str]]:
        """A few at a time: Transcribe answers some ten requests a second."""
        found: dict[str, dict[str, str]] = {}
        for first in range(0, len(names), _AT_ONCE):
            some = names[first : first + _AT_ONCE]
            told = self.cloud.together(*(partial(self._marks, name) for name in some))
            found |= zip(some, told, strict=True)
        return found

    def _marks(self, name: str) -> dict[str, str]:
        found = self.cloud.find("transcribe", "list_tags_for_resource", ResourceArn=self._arn(name)) or {}
        return tags.as_map(found.get("Tags", []))

    def _arn(self, name: str) -> str:
        return self.cloud.site.arn("transcribe", f"{self.api.resource}/{name}")


def _state_of(found: Mapping[str, Any]) -> str:
    state = str(found["VocabularyState"])
    return f"{state}: {found.get('FailureReason', 'no reason given')}" if state == _FAILED else state


def digest(words: tuple[str, ...]) -> str:
    """How many words and a hash of them, fit for a tag. Their order means nothing."""
    text = "\n".join(sorted(words))
    return f"{len(words)} words {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def wishes(context: Context, setting: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """One list a tenant that has words under `setting`, and language its calls can have."""
    return {
        word_list(tenant, language): (language, getattr(wish, setting))
        for tenant, wish in context.tenants.items()
        if getattr(wish, setting)
        for language in languages(wish.language, wish.language_options)
    }
