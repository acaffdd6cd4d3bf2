"""The plan's visuals as a QuickSight definition, built in code: no template to keep somewhere. Pure values.

Only flat columns can be shown. The plan's top phrases and entities are lists in a result, which no flat column holds;
their sheet says so and shows the issues instead (`cci-lite dashboard` shows phrases and entities).
Source: AnalysisDefinition and DashboardVersionDefinition in botocore's model, which have these parts in common.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cci_lite.steps.result_columns import result_columns

#: The partition of the day, which the data set makes a date.
DAY = "dt"
_DATA = "calls"
_MOST_BARS = 20
_TOPICS = (
    "Phrases and entities are lists in a result, which a flat data set cannot hold: this sheet shows what calls are "
    "about, and each call with its summary. cci-lite dashboard shows top phrases and entities."
)

_Field = dict[str, Any]


def definition(data_set: str) -> dict[str, Any]:
    """The sheets over the data set with this ARN."""
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": _DATA, "DataSetArn": data_set}],
        "Sheets": [
            _sheet("sentiment", "Sentiment", *_sentiment()),
            _sheet("quality", "QA and tone", *_quality()),
            _sheet("topics", "Topics", *_topics(), description=_TOPICS),
            _sheet("outcomes", "Outcomes", *_outcomes()),
        ],
    }


def digest(defined: dict[str, Any]) -> str:
    """Short and equal for equal definitions: AWS gives definitions back with its own defaults filled in."""
    return hashlib.sha256(json.dumps(defined, sort_keys=True).encode()).hexdigest()[:16]


def _sentiment() -> list[dict[str, Any]]:
    shares = [_average(f"sentiment_{each}") for each in ("positive", "negative", "neutral", "mixed")]
    return [
        _line("sentiment-by-day", "Sentiment trend: average share a day", *shares),
        _bars("sentiment-label", "Calls by sentiment", "sentiment_label"),
        _bars("sentiment-course", "Calls by course of the sentiment within the call", "sentiment_trend"),
    ]


def _quality() -> list[dict[str, Any]]:
    return [
        _line("qa-by-day", "QA score: average a day", _average("qa_score")),
        _bars("tone", "Calls by tone", "tone"),
        _bars("qa-by-tone", "QA score by tone", "tone", _average("qa_score")),
    ]


def _topics() -> list[dict[str, Any]]:
    return [
        _bars("issues", "What calls are about", "issue"),
        _table("calls", "Calls", "call_started_at", "tenant_id", "call_id", "issue", "summary"),
    ]


def _outcomes() -> list[dict[str, Any]]:
    return [
        _bars("outcome", "Calls by outcome", "outcome"),
        _bars("outcome-by-tenant", "Calls by tenant", "tenant_id"),
        _line("calls-by-day", "Calls a day", _count("call_id")),
    ]


def _sheet(id_: str, name: str, *visuals: dict[str, Any], description: str = "") -> dict[str, Any]:
    described = {"Description": description} if description else {}
    return {"SheetId": id_, "Name": name, "Visuals": list(visuals), **described}


def _line(id_: str, title: str, *values: _Field) -> dict[str, Any]:
    day = {"DateDimensionField": {"FieldId": f"{id_}-day", "Column": _column(DAY), "DateGranularity": "DAY"}}
    wells = {"LineChartAggregatedFieldWells": {"Category": [day], "Values": _named(id_, values)}}
    return {"LineChartVisual": {**_head(id_, title), "ChartConfiguration": {"FieldWells": wells}}}


def _bars(id_: str, title: str, by: str, value: _Field | None = None) -> dict[str, Any]:
    """One bar for each value of `by`, longest first; counts calls unless something else is to be measured."""
    category = {"CategoricalDimensionField": {"FieldId": f"{id_}-by", "Column": _column(by)}}
    (measure,) = _named(id_, [value or _count("call_id")])
    wells = {"BarChartAggregatedFieldWells": {"Category": [category], "Values": [measure]}}
    longest = {"FieldId": f"{id_}-0", "Direction": "DESC"}
    sorting = {"CategorySort": [{"FieldSort": longest}], "CategoryItemsLimit": {"ItemsLimit": _MOST_BARS}}
    return {
        "BarChartVisual": {
            **_head(id_, title),
            "ChartConfiguration": {"FieldWells": wells, "SortConfiguration": sorting, "Orientation": "HORIZONTAL"},
        }
    }


def _table(id_: str, title: str, *columns: str) -> dict[str, Any]:
    values = [{"FieldId": f"{id_}-{name}", "Column": _column(name)} for name in columns]
    wells = {"TableUnaggregatedFieldWells": {"Values": values}}
    return {"TableVisual": {**_head(id_, title), "ChartConfiguration": {"FieldWells": wells}}}


def _head(id_: str, title: str) -> dict[str, Any]:
    return {"VisualId": id_, "Title": {"Visibility": "VISIBLE", "FormatText": {"PlainText": title}}}


def _average(column: str) -> _Field:
    function = {"SimpleNumericalAggregation": "AVERAGE"}
    return {"NumericalMeasureField": {"Column": _column(column), "AggregationFunction": function}}


def _count(column: str) -> _Field:
    return {"CategoricalMeasureField": {"Column": _column(column), "AggregationFunction": "COUNT"}}


def _named(id_: str, fields: tuple[_Field, ...] | list[_Field]) -> list[_Field]:
    """Field ids are unique in a definition: the visual's, and a number."""
    return [
        {kind: {"FieldId": f"{id_}-{number}", **field} for kind, field in each.items()}
        for number, each in enumerate(fields)
    ]


def _column(name: str) -> dict[str, str]:
    assert name == DAY or name in result_columns(), f"a result has no column {name}"
    return {"DataSetIdentifier": _DATA, "ColumnName": name}
