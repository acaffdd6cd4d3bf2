"""The plan's visuals as Vega-Lite specifications; the page counts and hands the rows in. May import Altair only.

Vega-Lite's own vocabulary: https://vega.github.io/vega-lite/docs/. Each chart names its data, which is empty here.
"""

from __future__ import annotations

from typing import Any

import altair as alt

_LABELS = ["NEGATIVE", "MIXED", "NEUTRAL", "POSITIVE"]
#: Colour-blind safe, and apart from each other in print.
_COLOURS = ["#b2442f", "#c9a227", "#8a94a6", "#2f7f6f"]
_BAR = "#3d6fa5"


def charts() -> dict[str, dict[str, Any]]:
    """Name of the data -> specification. Data: rows as each function below says."""
    made = {
        "sentiment": _sentiment(),
        "quality": _quality(),
        "tone": _counts("tone", "Calls by tone", "tone"),
        "outcome": _counts("outcome", "Calls by outcome", "outcome"),
        "phrases": _counts("phrases", "Top phrases, by how often they were said", "phrase"),
        "entities": _counts("entities", "Top names, places, dates and amounts", "entity"),
    }
    return {name: chart.configure_view(stroke=None).to_dict() for name, chart in made.items()}


def _sentiment() -> alt.Chart:
    """Rows: day (YYYY-MM-DD), label, calls."""
    made: alt.Chart = (
        _on("sentiment", "Sentiment, calls a day")
        .mark_bar()
        .encode(
            x=_day(),
            y=alt.Y("calls:Q", title="calls"),
            color=alt.Color(
                "label:N", scale=alt.Scale(domain=_LABELS, range=_COLOURS), legend=alt.Legend(title=None, orient="top")
            ),
            tooltip=["day:N", "label:N", "calls:Q"],
        )
    )
    return made


def _quality() -> alt.Chart:
    """Rows: day, score (mean of the calls that have one), calls."""
    made: alt.Chart = (
        _on("quality", "QA score, mean a day")
        .mark_line(point=True, color=_BAR)
        .encode(
            x=_day(),
            y=alt.Y("score:Q", title="score", scale=alt.Scale(domain=[0, 100])),
            tooltip=["day:N", alt.Tooltip("score:Q", format=".1f"), "calls:Q"],
        )
    )
    return made


def _counts(data: str, title: str, what: str) -> alt.Chart:
    """Rows: name, count."""
    made: alt.Chart = (
        _on(data, title)
        .mark_bar(color=_BAR)
        .encode(
            y=alt.Y("name:N", title=None, sort="-x", axis=alt.Axis(labelLimit=220)),
            x=alt.X("count:Q", title=None, axis=alt.Axis(tickMinStep=1, format="d")),
            tooltip=[alt.Tooltip("name:N", title=what), "count:Q"],
        )
    )
    return made


def _day() -> alt.X:
    """Days are those of UTC, wherever the page is opened."""
    return alt.X("utcyearmonthdate(day):T", title=None, axis=alt.Axis(format="%d %b", labelOverlap=True))


def _on(data: str, title: str) -> alt.Chart:
    """A chart as wide as its place, with its title as description for those who do not see it."""
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    return alt.Chart(alt.NamedData(data), width="container", description=title, autosize=fit)
