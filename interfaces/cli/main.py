"""The program `attribution`: parses a command line, runs the command, ends with its exit code.

Only Typer is imported at the top; what a command needs is imported when it runs, so that help
comes within 250 ms (measured: Typer's own Rich help alone would take them, so help is plain).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

import typer
from typer.main import get_command

from interfaces.cli import (
    access,
    analytics,
    claim,
    cua,
    export,
    faults,
    gdap,
    node,
    pal,
    person,
    policy,
    programme,
    quarantine,
    statement,
    topics,
    usage,
)
from interfaces.cli.associations import associations
from interfaces.cli.clock import clock
from interfaces.cli.commands import show_commands
from interfaces.cli.deadlines import deadlines
from interfaces.cli.diff import diff
from interfaces.cli.earning import earning
from interfaces.cli.estate import compare, import_
from interfaces.cli.growth import growth
from interfaces.cli.holders import holders
from interfaces.cli.info import info
from interfaces.cli.init import init
from interfaces.cli.kinds import kinds
from interfaces.cli.level import level
from interfaces.cli.log import log
from interfaces.cli.moving import copy, import_log
from interfaces.cli.outlook import outlook
from interfaces.cli.rebuild import rebuild
from interfaces.cli.recognition import recognition
from interfaces.cli.relay import keeper, publisher, relay, subscribe
from interfaces.cli.settings import DebugOption, JsonOption, LedgerOption
from interfaces.cli.submit import submit
from interfaces.cli.subscription import subscription
from interfaces.cli.verify import verify
from interfaces.cli.what_if import what_if
from interfaces.cli.workloads import workloads
from ledger.errors import AttributionError

app = typer.Typer(
    name="attribution",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Who did the work at a customer, since when, as known when, and why.",
)
app.command("init")(init)
app.command("submit")(submit)
app.command("commands")(show_commands)
app.add_typer(claim.app, name="claim", help="Claims: list, show, history.")
app.add_typer(policy.app, name="policy", help="Claim policies: list, show, check.")
app.add_typer(programme.app, name="programme", help="Programmes of scores: list, show, check.")
app.command("holders")(holders)
app.command("kinds")(kinds)
app.command("associations")(associations)
app.command("diff")(diff)
app.command("subscription")(subscription)
app.command("recognition")(recognition)
app.command("deadlines")(deadlines)
app.add_typer(pal.app, name="pal", help="Partner admin links: list, why, roles, earning, pec.")
app.add_typer(gdap.app, name="gdap", help="Granular delegated administration: list.")
app.add_typer(cua.app, name="cua", help="Customer usage attribution: list, ids.")
app.command("roles")(access.roles)
app.command("permissions")(access.permissions)
app.command("enrolments")(access.enrolments)
app.command("competencies")(access.competencies)
app.command("prerequisites")(access.prerequisites)
app.add_typer(usage.app, name="usage", help="Usage reports: load, withdraw, list, conflicts, gaps.")
app.add_typer(
    export.app,
    name="export",
    help="The whole log; Partner Center's own files: cpor-m365, azure, earnings, ineligible-usage.",
)
app.command("import-log")(import_log)
app.command("copy")(copy)
app.command("import")(import_)
app.command("compare")(compare)
app.command("growth")(growth)
app.command("sink")(analytics.sink)
app.add_typer(analytics.app, name="analytics", help="The analytics: check, unattributed, ddl.")
app.command("level")(level)
app.command("earning")(earning)
app.command("outlook")(outlook)
app.command("what-if")(what_if)
app.add_typer(
    statement.app,
    name="statement",
    help="Statements of what was earned: issue, list, show, verify, diff.",
)
app.command("log")(log)
app.add_typer(person.app, name="person", help="Persons' contacts: keys, show, erase.")
app.command("clock")(clock)
app.add_typer(topics.app, name="topics", help="Topics of a ledger on Kafka: create, check.")
app.add_typer(node.app, name="node", help="Nodes of a ledger on Kafka: join, where.")
app.command("keeper")(keeper)
app.command("relay")(relay)
app.command("publisher")(publisher)
app.command("subscribe")(subscribe)
app.add_typer(
    quarantine.app, name="quarantine", help="What could not be read: list, show, redrive."
)
app.command("workloads")(workloads)
app.command("verify")(verify)
app.command("rebuild")(rebuild)
app.command("info")(info)


@app.callback()
def options(
    ctx: typer.Context,
    *,
    ledger: LedgerOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Who did the work at a customer, since when, as known when, and why."""
    del debug  # looked for where errors are reported
    ctx.obj = {"ledger": ledger, "json": json}


@cache
def command() -> Any:
    """The whole command line as Typer's own object, made once."""
    return get_command(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code, one of ``faults.EXIT_CODES``."""
    as_json = "--json" in arguments
    try:
        asked = list(arguments) or ["--help"]
        code = command()(asked, prog_name="attribution", standalone_mode=False)
    except AttributionError as error:
        _trace_if_asked(arguments)
        return faults.report(error, as_json=as_json)
    except KeyboardInterrupt:
        return faults.INTERRUPTED
    except SystemExit:  # Typer has silenced the streams of a pipe that was closed
        return faults.PIPE_CLOSED
    except Exception as error:  # noqa: BLE001  the last stop of every fault of our own
        return _other(error, arguments, as_json=as_json)
    return code if isinstance(code, int) else faults.DONE


def _other(error: Exception, arguments: Sequence[str], *, as_json: bool) -> int:
    """Typer's own complaints are wrong use; anything else is a fault of ours."""
    if isinstance(error, typer.Abort):
        return faults.INTERRUPTED
    told: Any = getattr(error, "format_message", None)
    if told is None:
        _trace_if_asked(arguments)
        return faults.report_fault(error, as_json=as_json)
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else "attribution"
    return faults.report_wrong_use(told(), f"See `{path} --help`.", as_json=as_json)


def _trace_if_asked(arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        sys.excepthook(*sys.exc_info())


def main() -> None:
    """Run the process' own command line."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
