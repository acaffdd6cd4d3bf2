"""cci-lite: executes the CCI Lite console runbook as ordered, idempotent, validated steps."""

__version__ = "0.1.0"
