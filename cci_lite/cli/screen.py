"""Where words go: results to stdout, narration to stderr. The only maker of rich consoles."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

from rich.console import Console
from rich.markup import escape

from cci_lite.cli.program import program
from cci_lite.cli.streams import pour, unheard
from cci_lite.evidence.redact import scrubbed

#: C0 and C1 control characters but newline and tab, and what turns the writing direction: text from AWS or from
#: callers must not steer a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: A command as the engine and the steps name it, who do not know what else has to be typed here; not what somebody
#: else is running.
_OURS = r"(?<!runs `)(?<![\w./-])cci-lite (?="
_VERBS = "plan|provision|validate|status|teardown|unlock|call"
_COMMAND = re.compile(rf"{_OURS}(?:{_VERBS})\b)")
#: Any command of ours, also one that has its options already.
_TYPED = re.compile(rf"{_OURS}--\w|(?:{_VERBS}|query|dashboard|sandbox|demo)\b)")


def clean(text: object) -> str:
    """Text from outside, fit for a terminal, and without credentials that AWS or a library may have echoed."""
    return _CONTROL.sub("?", scrubbed(str(text)))


def safe(text: object) -> str:
    """Text from outside, fit for a terminal and for rich's markup."""
    return escape(clean(text))


def fit(text: str, typed: str, *, markup: bool = False) -> str:
    """`text` with the commands in it as they have to be typed: with the options of `typed`, and found by the shell.

    markup: whether the text is rich's.
    """
    text = _COMMAND.sub(lambda _: f"{typed} ", text)
    return _TYPED.sub(lambda _: f"{escape(program()) if markup else program()} ", text)


class _Console(Console):
    """Nobody reading any more is no reason to end a run in the middle, as rich would."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        unheard(cast(TextIO, self.file))


class Screen:
    """out: the result; err: the narration. `live`: whether a moving table may be shown.

    as_json: the result is for a program. stream: it comes as lines, one an event, instead of one document.
    typed: how commands begin that are shown to be typed.
    """

    def __init__(
        self, *, as_json: bool = False, stream: bool = False, quiet: bool = False, verbose: bool = False
    ) -> None:
        self.as_json, self.stream, self.quiet, self.verbose = as_json, stream, quiet, verbose
        self.typed = "cci-lite"
        plain = bool(os.environ.get("NO_COLOR") or os.environ.get("CI"))
        told: dict[str, Any] = {"highlight": False, "soft_wrap": True, "emoji": False}  # `:key:` stays what it is
        if plain:
            told["color_system"] = None  # `no_color` alone would still let bold through
        self.out = _Console(file=sys.stdout, **told)
        self.err = _Console(file=sys.stderr, **told)
        self.live = self.err.is_terminal and not self.err.is_dumb_terminal and not plain and not quiet

    def say(self, text: str = "") -> None:
        """Narration."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str = "") -> None:
        """What went wrong: said even to those who want no narration."""
        with suppress(OSError):  # a terminal that is gone
            self.err.print(self._fit(text))

    def show(self, *lines: str) -> None:
        """A result for people; nothing when the result is JSON."""
        if lines and not self.as_json:
            self.out.print(self._fit("\n".join(lines)))

    def document(self, value: Any) -> None:
        """A result for programs: one JSON document."""
        if self.as_json and not self.stream:
            _write(json.dumps(value, indent=2, ensure_ascii=False))

    def line(self, value: Any) -> None:
        """One line of newline-delimited JSON."""
        if self.as_json and self.stream:
            _write(json.dumps(value, ensure_ascii=False))

    def _fit(self, text: str) -> str:
        return fit(text, self.typed, markup=True)


def _write(text: str) -> None:
    """Lone surrogates (a file name that is not UTF-8) become question marks instead of an error."""
    pour([scrubbed(text).encode("utf-8", "replace").decode("utf-8"), "\n"], sys.stdout)
