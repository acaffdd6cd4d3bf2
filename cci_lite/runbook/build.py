"""Runbook -> Graph of steps that are bound to a Cloud. May import steps.kind, engine.graph, aws.cloud."""

from __future__ import annotations

from collections.abc import Mapping

from cci_lite.aws.cloud import Cloud
from cci_lite.engine.graph import Graph
from cci_lite.runbook.model import Runbook
from cci_lite.steps.kind import Context, Kind


def build(runbook: Runbook, registry: Mapping[str, Kind], cloud: Cloud) -> Graph:
    """The runbook's steps in an order in which they can be carried out. Makes no AWS call."""
    settings = {each.meta.id: each.settings for each in runbook.entries}
    context = Context(cloud, runbook.tags, runbook.tenants, settings)
    return Graph.of(registry[each.meta.kind].build(each.meta, each.settings, context) for each in runbook.entries)
