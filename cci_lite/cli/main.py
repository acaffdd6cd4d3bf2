"""The command line: a thin function a verb. Heavy imports happen inside the verbs, so that --help stays quick."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cci_lite import __version__
from cci_lite.cli import interrupt, options
from cci_lite.cli.exits import DONE, INTERRUPTED
from cci_lite.cli.options import Common
from cci_lite.cli.order import EVERYWHERE, in_order

app = typer.Typer(
    help="Executes the CCI Lite runbook: says what it will do, does only that, and proves that it worked.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    epilog=f"Environment: {options.FOLDERS}",
)
call = typer.Typer(help="Recordings and what became of them.", no_args_is_help=True, rich_markup_mode=None)
sandbox = typer.Typer(
    help="The local AWS: everything works without an account.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(call, name="call")
app.add_typer(sandbox, name="sandbox")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cci-lite {__version__}")
        raise typer.Exit


@app.callback()
def common(
    context: typer.Context,
    runbook: Annotated[
        Path | None,
        typer.Option(
            metavar="F",
            envvar=options.ENVIRONMENT["--runbook"],
            help="The runbook; else runbook.yaml here or above.",
        ),
    ] = None,
    profile: Annotated[str | None, typer.Option(metavar="P", help="AWS profile.")] = None,
    account: Annotated[
        str | None,
        typer.Option(
            metavar="ID", envvar=options.ENVIRONMENT["--account"], help="The only account that may be changed."
        ),
    ] = None,
    in_sandbox: Annotated[bool, typer.Option("--sandbox", help="Work in the local AWS.")] = False,
    as_json: options.Json = False,
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", min=1, max=32, help="Steps at work at once.")] = 8,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No narration.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Every value in full.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    context.obj = Common(runbook, profile, account, in_sandbox, as_json, jobs, quiet, verbose)


def _common(context: typer.Context, *, as_json: bool = False, jobs: int | None = None) -> Common:
    given: Common = context.obj
    return replace(given, json=given.json or as_json, jobs=jobs or given.jobs)


@app.command()
def plan(
    context: typer.Context,
    phase: options.Phase = None,
    step: options.Steps = None,
    check: options.Check = False,
    as_json: options.Json = False,
    jobs: options.Jobs = None,
) -> None:
    """Show what provision would do. Only reads."""
    from cci_lite.cli.planning import run_plan

    raise typer.Exit(run_plan(_common(context, as_json=as_json, jobs=jobs), phase, step, check))


@app.command()
def provision(
    context: typer.Context,
    phase: options.Phase = None,
    step: options.Steps = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    jobs: options.Jobs = None,
) -> None:
    """Bring the account to what the runbook says, and prove each step."""
    from cci_lite.cli.provisioning import run_provision

    raise typer.Exit(run_provision(_common(context, as_json=as_json, jobs=jobs), phase, step, yes))


@app.command()
def validate(
    context: typer.Context,
    phase: options.Phase = None,
    step: options.Steps = None,
    as_json: options.Json = False,
    jobs: options.Jobs = None,
) -> None:
    """Prove every validation line of the plan against what is there."""
    from cci_lite.cli.validating import run_validate

    raise typer.Exit(run_validate(_common(context, as_json=as_json, jobs=jobs), phase, step))


@app.command()
def status(context: typer.Context, check: options.Check = False, as_json: options.Json = False) -> None:
    """One line a step. Only reads."""
    from cci_lite.cli.planning import run_status

    raise typer.Exit(run_status(_common(context, as_json=as_json), check))


@app.command()
def teardown(
    context: typer.Context,
    phase: options.Phase = None,
    step: options.Steps = None,
    yes: options.Yes = False,
    delete_data: Annotated[
        list[str] | None,
        typer.Option("--delete-data", metavar="NAME", help="A bucket or key alias whose data may be lost; repeatable."),
    ] = None,
    as_json: options.Json = False,
    jobs: options.Jobs = None,
) -> None:
    """Take down what cci-lite made. Data stays unless it is named."""
    from cci_lite.cli.removing import run_teardown

    raise typer.Exit(run_teardown(_common(context, as_json=as_json, jobs=jobs), phase, step, delete_data or (), yes))


@app.command()
def unlock(context: typer.Context, yes: options.Yes = False) -> None:
    """Show who holds the account and region, and remove a lease that was left behind."""
    from cci_lite.cli.removing import run_unlock

    raise typer.Exit(run_unlock(_common(context), yes))


@call.command()
def submit(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The recording.")],
    tenant: options.Tenant,
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="Another name for it.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the result and show it.")] = False,
    as_json: options.Json = False,
) -> None:
    """Hand a recording to the pipeline. The same content is never processed twice."""
    from cci_lite.cli.calls import run_submit

    raise typer.Exit(run_submit(_common(context, as_json=as_json), file, tenant, name, wait))


@call.command()
def result(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(help="Call id, or the name of the file that was submitted.")],
    tenant: options.Tenant,
    as_json: options.Json = False,
) -> None:
    """Show what became of a recording."""
    from cci_lite.cli.calls import run_result

    raise typer.Exit(run_result(_common(context, as_json=as_json), call_id, tenant))


@call.command()
def redo(
    context: typer.Context,
    call_id: Annotated[str, typer.Argument(metavar="CALL", help="Call id, or the name of the file.")],
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", metavar="T", help="Its tenant; else any.")] = None,
    stage: Annotated[
        str, typer.Option("--from", metavar="STAGE", help="First stage: transcript, analyse, model, categories.")
    ] = "analyse",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the new result and show it.")] = False,
    as_json: options.Json = False,
) -> None:
    """Do a finished call again from a stage. Its transcript is not bought again."""
    from cci_lite.cli.redoing import run_redo

    raise typer.Exit(run_redo(_common(context, as_json=as_json), call_id, tenant, stage, wait))


@app.command()
def query(
    context: typer.Context,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement, as in: SELECT count(*) FROM results")],
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most so many rows.")] = 100,
    as_csv: Annotated[bool, typer.Option("--csv", help="Rows as CSV on stdout.")] = False,
    as_json: options.Json = False,
) -> None:
    """Ask the results with SQL, in Athena."""
    from cci_lite.cli.querying import run_query

    raise typer.Exit(run_query(_common(context, as_json=as_json), sql, limit, as_csv))


@app.command()
def dashboard(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The page.")] = options.DASHBOARD,
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", metavar="T", help="Of one tenant; else all.")] = None,
    since: Annotated[date | None, options.day("--from", "Calls of this day and later, as in 2026-11-24.")] = None,
    until: Annotated[date | None, options.day("--to", "Calls of this day and earlier.")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="The newest so many calls.")] = 2000,
    as_json: options.Json = False,
) -> None:
    """All calls on one page: an HTML file that needs no network and no subscription."""
    from cci_lite.cli.dashboarding import Asked, run_dashboard

    asked = Asked(tenant, since, until, limit)
    raise typer.Exit(run_dashboard(_common(context, as_json=as_json), out, asked))


def _sandbox(verb: str, text: str) -> None:
    def run(context: typer.Context, as_json: options.Json = False) -> None:
        from cci_lite.cli.sandboxing import run_sandbox

        raise typer.Exit(run_sandbox(_common(context, as_json=as_json), verb))

    sandbox.command(verb, help=text)(run)


_sandbox("up", "Start it, unless it runs.")
_sandbox("down", "Stop it; what it holds is kept.")
_sandbox("reset", "Stop it and forget everything in it.")
_sandbox("status", "Whether it runs, and where.")
_sandbox("confirm", "Be the person who confirms the mails from AWS that wait for it.")


@app.command()
def demo(context: typer.Context, as_json: options.Json = False) -> None:
    """The whole runbook in the sandbox, on a real recording."""
    from cci_lite.cli.demo import run_demo

    raise typer.Exit(run_demo(_common(context, as_json=as_json)))


for each in (*app.registered_commands, *call.registered_commands, *sandbox.registered_commands):
    each.epilog = EVERYWHERE


def main() -> None:
    """What `cci_lite.__main__` calls, once it has seen to interruptions."""
    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line; the exit code."""
    try:
        app(in_order(arguments), prog_name="cci-lite")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else DONE
    except Exception as error:  # the outermost boundary: every error gets its sentence and its exit code
        from cci_lite.cli.failing import told

        code = told(error, as_json="--json" in arguments)
    else:
        code = DONE
    return INTERRUPTED if interrupt.stop.is_set() else code
