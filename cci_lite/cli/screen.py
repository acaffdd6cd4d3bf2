"""Where words go: results to stdout, narration to stderr. The only maker of rich consoles."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

from rich.console import Console
from rich.markup import escape

#: C0 and C1 control characters but newline and tab: text from AWS or from callers must not steer a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def safe(text: object) -> str:
    """Text from outside, fit for a terminal and for rich's markup."""
    return escape(_CONTROL.sub("?", str(text)))


class Screen:
    """out: the result; err: the narration. `live`: whether a moving table may be shown."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False, verbose: bool = False) -> None:
        self.as_json, self.quiet, self.verbose = as_json, quiet, verbose
        plain = bool(os.environ.get("NO_COLOR") or os.environ.get("CI"))
        self.out = Console(file=sys.stdout, no_color=plain or None, highlight=False, soft_wrap=True)
        self.err = Console(file=sys.stderr, no_color=plain or None, highlight=False, soft_wrap=True)
        self.live = self.err.is_terminal and not plain and not quiet

    def say(self, text: str = "") -> None:
        """Narration."""
        if not self.quiet:
            self.err.print(text)

    def show(self, text: str = "") -> None:
        """A result for people; nothing when the result is JSON."""
        if not self.as_json:
            self.out.print(text)

    def document(self, value: Any) -> None:
        """A result for programs: one JSON document."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def line(self, value: Any) -> None:
        """One line of newline-delimited JSON."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
            sys.stdout.flush()
