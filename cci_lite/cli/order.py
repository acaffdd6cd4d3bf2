"""Options that hold for every command, wherever they were typed. Imports nothing.

Typer takes them before the command only, and says of `cci-lite plan --sandbox` that there is no such option.
"""

from __future__ import annotations

from collections.abc import Sequence

_FLAGS = frozenset({"--sandbox", "--quiet", "-q", "--verbose", "-v"})
_VALUED = frozenset({"--runbook", "--profile", "--account"})
#: For the help of each command.
EVERYWHERE = "With every command: --runbook F, --profile P, --account ID, --sandbox, -q, -v (see cci-lite --help)."


def in_order(arguments: Sequence[str]) -> list[str]:
    """The same arguments with those options in front; behind `--` nothing is touched."""
    front, rest, left = list[str](), list[str](), list(arguments)
    while left:
        each = left.pop(0)
        if each == "--":
            return [*front, *rest, each, *left]
        if each in _FLAGS or each.partition("=")[0] in _VALUED:
            front.append(each)
            if each in _VALUED and left:
                front.append(left.pop(0))
        else:
            rest.append(each)
    return [*front, *rest]
