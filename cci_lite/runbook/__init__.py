"""From runbook.yaml to steps. Never calls AWS."""

from cci_lite.runbook.build import build
from cci_lite.runbook.load import load
from cci_lite.runbook.model import Entry, Phase, Risk, Runbook
from cci_lite.runbook.problems import Problem, RunbookError

__all__ = ["Entry", "Phase", "Problem", "Risk", "Runbook", "RunbookError", "build", "load"]
