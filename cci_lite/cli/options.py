"""What can be said on the command line, once for all commands. Knows typer only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

#: What the environment may say instead of an option.
ENVIRONMENT = {"--runbook": "CCI_LITE_RUNBOOK", "--account": "CCI_LITE_ACCOUNT"}
#: What it says that is no option.
FOLDERS = (
    "CCI_LITE_HOME is the folder of journals, reports and the sandbox, CCI_LITE_SANDBOX that of the sandbox alone; "
    "AWS_* as for every AWS tool."
)
#: Where the dashboard is written unless another file is named.
DASHBOARD = Path("cci-lite-dashboard.html")


@dataclass(frozen=True)
class Common:
    """Options given before the command."""

    runbook: Path | None = None
    profile: str | None = None
    account: str | None = None
    sandbox: bool = False
    json: bool = False
    jobs: int = 8
    quiet: bool = False
    verbose: bool = False


Phase = Annotated[
    str | None, typer.Option("--phase", metavar="N|N-M", help="Only the steps of this phase, or of these phases.")
]
Steps = Annotated[list[str] | None, typer.Option("--step", metavar="ID", help="Only this step; may be repeated.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
Json = Annotated[bool, typer.Option("--json", help="Result as JSON on stdout.")]
Check = Annotated[bool, typer.Option("--check", help="Exit with 3 when anything differs.")]
Jobs = Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, max=32, help="Steps at work at once.")]
Tenant = Annotated[str, typer.Option("--tenant", "-t", metavar="T", help="The tenant the recording belongs to.")]


def day(name: str, text: str) -> Any:
    """An option that takes a day, YYYY-MM-DD."""
    return typer.Option(name, metavar="DAY", parser=_day, help=text)


def _day(written: str | date) -> date:
    """Raises BadParameter. Typer hands over its own default, a date, as well."""
    try:
        return written if isinstance(written, date) else date.fromisoformat(written)
    except ValueError as error:
        raise typer.BadParameter(f"`{written}` is no day; write it as YYYY-MM-DD") from error
