"""Putting the page together: template, style, scripts, specifications, data. May import dashboard.* only.

The file needs no network and asks for none: its content security policy admits the scripts in it by their hashes and
nothing else, not even eval (Vega's expressions are interpreted). What comes from transcripts is never markup: it is
compressed data that the page's script puts into text nodes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from cci_lite.dashboard.calls import Calls
from cci_lite.dashboard.charts import charts
from cci_lite.dashboard.library import library

#: gzip's own default: 9 takes five times as long for a file that is 2 % smaller.
_LEVEL = 6


@dataclass(frozen=True)
class Heading:
    """What is said about the page's making. incomplete: the newest day of which a limit left calls out, or ""."""

    made_at: datetime
    account: str
    region: str
    incomplete: str = ""


def render(calls: Calls, heading: Heading, kept: Path) -> str:
    """The page. kept: the folder of what need not be made anew for each page."""
    scripts = [_inline(library(kept)), _own("page.js")]
    hashes = " ".join(f"'sha256-{_sha256(each)}'" for each in scripts)
    return Template(_own("page.html")).substitute(
        policy=f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'",
        style=_own("page.css"),
        library=scripts[0],
        script=scripts[1],
        charts=_packed(charts()),
        calls=_packed(_told(calls, heading)),
    )


def _told(calls: Calls, heading: Heading) -> Mapping[str, Any]:
    return {
        "calls": calls.calls,
        "malformed": calls.malformed,
        "incomplete": heading.incomplete,
        "made_at": heading.made_at.strftime("%Y-%m-%d %H:%M UTC"),
        "account": heading.account,
        "region": heading.region,
    }


def _packed(value: Any) -> str:
    """JSON, compressed and in base64: small, and without a character that HTML could take for its own."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), _LEVEL, mtime=0)).decode("ascii")


def _own(name: str) -> str:
    return (files("cci_lite.dashboard") / name).read_text(encoding="utf-8")


def _inline(script: str) -> str:
    """A script as it can stand in HTML: inside, "<\\/script" is the same text and no end."""
    return script.replace("</script", "<\\/script")


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
