"""Options that hold for every command may stand anywhere."""

from __future__ import annotations

import pytest

from cci_lite.cli.order import in_order
from tests.cli.conftest import Run
from tests.cli.test_commands import Command


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("plan", "plan"),
        ("plan --sandbox", "--sandbox plan"),
        ("call submit a.wav -t t --profile work -v", "--profile work -v call submit a.wav -t t"),
        ("plan --runbook=r.yaml --phase 1 -q", "--runbook=r.yaml -q plan --phase 1"),
        ("--account 1 plan --account 2", "--account 1 --account 2 plan"),
        ("query -- --sandbox", "query -- --sandbox"),
        ("plan --profile", "--profile plan"),
    ],
)
def test_they_are_put_in_front(typed: str, taken: str) -> None:
    assert in_order(typed.split()) == taken.split()


def test_a_command_takes_them_behind_its_name(run: Command) -> None:
    assert run("plan", "--account", "999999999999").err.startswith("the credentials belong to account 111122223333")
    quiet: Run = run("plan", "-q")
    assert (quiet.code, quiet.err) == (0, "")


def test_the_help_of_each_command_names_them(run: Command) -> None:
    for command in (("plan",), ("call", "submit"), ("sandbox", "up")):
        told = " ".join(run(*command, "--help").out.split())
        assert "--runbook F, --profile P, --account ID, --sandbox, -q, -v" in told
