"""A call's result or recorded failure as text. Everything in it came from outside and is shown as text only."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from cci_lite.cli.screen import safe

_WIDTH = 96
_EXCERPT = 400


def result_lines(result: Mapping[str, Any], where: str) -> Iterator[str]:
    """Sentiment, summary, outcome, what was promised, an excerpt, and where the JSON lies."""
    yield f"[bold]Call {safe(result.get('call_id'))}[/bold]  tenant {safe(result.get('tenant_id'))}"
    yield from _facts(result)
    yield from _paragraph("Summary", result.get("summary"))
    yield from _items(result.get("action_items"))
    yield from _paragraph("Transcript", _excerpt(str(result.get("transcript_excerpt") or "")))
    for each in result.get("absent") or ():
        yield f"  Absent: {safe(each.get('field'))}: {safe(each.get('reason'))}"
    yield f"  JSON: {safe(where)}"


def failure_lines(failed: Mapping[str, Any]) -> Iterator[str]:
    """Why a call has no result."""
    yield f"[bold]Call {safe(failed.get('call_id'))} failed[/bold] at stage {safe(failed.get('stage'))}"
    yield f"  {safe(failed.get('code'))}: {safe(failed.get('reason'))}"


def _facts(result: Mapping[str, Any]) -> Iterator[str]:
    sentiment = result.get("sentiment_label") or "none (no speech)"
    parts = [f"Sentiment {sentiment}"]
    for key, label in (("duration_s", "s long"), ("language", "")):
        if result.get(key) is not None:
            parts.append(f"{result[key]} {label}".strip())
    if result.get("outcome"):
        parts.append(f"outcome: {result['outcome']}")
    if result.get("qa_score") is not None:
        parts.append(f"QA {result['qa_score']}")
    if result.get("cost_gbp") is not None:
        parts.append(f"cost £{float(result['cost_gbp']):.4f}")
    yield f"  {safe(', '.join(parts))}"


def _paragraph(name: str, text: object) -> Iterator[str]:
    if not text:
        return
    lines = textwrap.wrap(str(text), _WIDTH - 14)
    yield f"  {name + ':':<12}{safe(lines[0]) if lines else ''}"
    yield from (f"  {'':<12}{safe(line)}" for line in lines[1:])


def _items(items: object) -> Iterator[str]:
    for each in items if isinstance(items, list) else ():
        if isinstance(each, Mapping):
            due = f" (by: {each['by_when']})" if each.get("by_when") else ""
            yield f"  {'To do:':<12}{safe(each.get('who') or 'somebody')}: {safe(each.get('what'))}{safe(due)}"


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT].rsplit(' ', 1)[0]} ..."
