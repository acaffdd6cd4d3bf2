"""The emulator's logs and metrics, which grow with every invocation and are written at every save.

See the package's docstring.
"""

from __future__ import annotations

import re
import time
from importlib import import_module
from typing import Any

_cloudwatch: Any = import_module("ministack.services.cloudwatch")
_logs: Any = import_module("ministack.services.cloudwatch_logs")

# A stream an invocation, where AWS has one an execution environment.
STREAMS = 100
_OF_A_FUNCTION = re.compile(r"\d{4}/\d\d/\d\d/\[")
# No alarm looks back further.
METRICS_S = 24 * 3600


def trim_telemetry() -> None:
    """Merges the equal values of a minute, and drops what is old, in every account and region."""
    for series in list(_cloudwatch._metrics._data.values()):
        # Worker threads add at the end meanwhile.
        size = len(series)
        series[:size] = _merged(series[:size])
    for group in list(_logs._log_groups._data.values()):
        made = [name for name in list(group["streams"]) if _OF_A_FUNCTION.match(name)]
        for name in made[:-STREAMS]:
            del group["streams"][name]


def _merged(points: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One point for equal values of one minute, as late as the last of them; times in whole milliseconds."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    since = time.time() - METRICS_S
    for point in (each for each in points if each["Timestamp"] >= since):
        value = float(round(point["Value"])) if point["Unit"] == "Milliseconds" else point["Value"]
        like = (point["Timestamp"] // 60, value, point["Unit"], id(point) if "_stat" in point else None)
        before = found.get(like, {"Count": 0.0, "Timestamp": 0.0})
        count, last = before["Count"] + point.get("Count", 1.0), max(before["Timestamp"], point["Timestamp"])
        found[like] = {**point, "Value": value, "Count": count, "Timestamp": last}
    return list(found.values())
