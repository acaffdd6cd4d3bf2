"""One HTML file of many calls: rows in, a page out. May import Altair and vl-convert; nothing of AWS."""

from cci_lite.dashboard.calls import Calls, read
from cci_lite.dashboard.page import render

__all__ = ["Calls", "read", "render"]
