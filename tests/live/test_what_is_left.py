"""The end of a live run: everything of it goes, and what others have is as it was."""

from __future__ import annotations

from tests.live.account import Account
from tests.live.things import Thing


def test_teardown_leaves_the_account_as_it_was(account: Account, before: list[Thing]) -> None:
    ran = account.teardown()
    assert ran.code == 0, ran.err
    assert account.left() == []
    assert account.foreign() == before
