"""Statements of what a partner earned: issued once, the same for ever, and what changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.earning import require, sees_money, show, visible_lines
from interfaces.cli.settings import AsOption, AtOption, CsvOption, Settings, with_settings
from interfaces.line_differences import differences
from interfaces.moments import instant_us
from interfaces.moments import month as month_of
from schemas.time import iso

if TYPE_CHECKING:
    from interfaces.statements import Issued, Statements
    from interfaces.workspace import Workspace
    from projections.incentives.statement import Statement

app = typer.Typer(rich_markup_mode=None)

StatementArgument = Annotated[
    str, typer.Argument(metavar="STATEMENT", help="The statement's id, as `statement list` shows.")
]
_LISTED = (
    *("statement", "organisation", "partner", "month", "lines", "credited", "position"),
    *("issued_at", "sha256"),
)
_CHANGES = (
    *("position", "type", "recorded_at", "programme", "tenant", "workload", "claim", "what"),
    *("before", "after", "difference"),
)


@app.command("issue")
@with_settings
def issue(
    settings: Settings,
    partner: Annotated[str, typer.Argument(help="A partner organisation, or one location.")],
    month: Annotated[str, typer.Argument(metavar="MONTH", help="The month, such as 2023-10.")],
    *,
    statement: Annotated[
        str | None, typer.Option("--id", help="An id of your own.", show_default=False)
    ] = None,
    as_: AsOption = None,
    at: AtOption = None,
) -> None:
    """Issue the statement of a month as known now; it can be asked for again for ever."""
    from interfaces.usage_reports import Caller

    asked = month_of(month, "MONTH")
    with settings.workspace() as workspace:
        at_us = None if at is None else instant_us(at, "--at")
        caller = Caller(as_ or workspace.operator, at_us)
        issued = workspace.statements.issue(partner, asked, statement, caller)
    settings.output.record(_row(issued))


@app.command("list")
@with_settings
def list_(
    settings: Settings,
    *,
    partner: Annotated[
        str | None, typer.Option(help="Of this location or organisation.", show_default=False)
    ] = None,
    csv: CsvOption = False,
) -> None:
    """List the statements that were issued."""
    with settings.workspace() as workspace:
        rows = [_row(one) for one in workspace.statements.all()]
    rows = [row for row in rows if partner in (None, row["partner"], row["organisation"])]
    settings.listing(as_csv=csv).rows(_LISTED, rows, empty="No statement was issued.")


def _row(issued: Issued) -> dict[str, Any]:
    event = issued.event
    return {
        "statement": event.statement,
        "organisation": event.organisation,
        "partner": event.location,
        "month": f"{event.month:%Y-%m}",
        "lines": event.lines,
        "credited": event.credited,
        "position": event.position,
        "issued_at": iso(issued.recorded_at_us),
        "issued_by_event": issued.position,
        "sha256": event.sha256,
        "rules": [
            f"{one.name} (position {one.adopted_at})" if one.adopted_at else f"{one.name} (shipped)"
            for one in event.rules
        ],
    }


def found(settings: Settings, workspace: Workspace, name: str) -> tuple[Statements, Issued]:
    """A statement that the one who asks may see."""
    from interfaces.statements import Whose

    issued = workspace.statements.find(name)
    whose = Whose(issued.event.organisation, issued.event.location)
    require(settings.gate, whose, whose.location or whose.organisation)
    return workspace.statements, issued


@app.command("show")
@with_settings
def show_(
    settings: Settings,
    statement: StatementArgument,
    *,
    exact: Annotated[
        bool,
        typer.Option("--bytes", help="Write its canonical bytes, whose SHA-256 is its hash."),
    ] = False,
    csv: CsvOption = False,
) -> None:
    """Show a statement as it was issued, computed again and checked against its hash."""
    with settings.workspace() as workspace:
        statements, issued = found(settings, workspace, statement)
        told = statements.again(issued)
    event = issued.event
    if exact:
        _write_bytes(settings, told)
        return
    if not settings.as_json or csv:
        show(settings, told, event.location or event.organisation, csv=csv)
        return
    whole = told.whole() | {"lines": visible_lines(settings.gate, told)}
    if not sees_money(settings.gate, event.organisation, event.location):
        whole["totals"] = [row | {"amount": None, "currency": None} for row in whole["totals"]]
    settings.output.object(whole)


def _write_bytes(settings: Settings, told: Statement) -> None:
    import sys

    if not sees_money(settings.gate, told.organisation, told.location):
        raise settings.gate.nothing("statement with its amounts")
    sys.stdout.buffer.write(told.to_bytes())
    sys.stdout.buffer.flush()


@app.command("verify")
@with_settings
def verify(
    settings: Settings,
    statement: Annotated[
        str | None,
        typer.Argument(metavar="STATEMENT", help="Only this one (else every statement)."),
    ] = None,
) -> None:
    """Compute statements again from the log; each must be the same to the byte."""
    with settings.workspace() as workspace:
        if statement is None:
            settings.gate.narrowed()
            names = [one.event.statement for one in workspace.statements.all()]
            names = [name for name in names if _may_see(settings, workspace, name)]
        else:
            names = [statement]
        rows = []
        for name in names:
            statements, issued = found(settings, workspace, name)
            told = statements.again(issued)
            rows.append(
                {
                    "statement": name,
                    "verified": True,
                    "lines": len(told.lines),
                    "bytes": len(told.to_bytes()),
                    "sha256": told.sha256,
                }
            )
    columns = ("statement", "verified", "lines", "bytes", "sha256")
    settings.output.rows(columns, rows, empty="No statement was issued.")


def _may_see(settings: Settings, workspace: Workspace, name: str) -> bool:
    sight = settings.gate.narrowed()
    event = workspace.statements.find(name).event
    row = {"partner": event.location} if event.location else {"organisation": event.organisation}
    return sight is None or sight.covers("earnings", row)


@app.command("diff")
@with_settings
def diff(
    settings: Settings,
    statement: StatementArgument,
    *,
    known: Annotated[
        str | None,
        typer.Option(
            "--known",
            metavar="DATE|POSITION",
            help="Compare with what was known then (else now).",
            show_default=False,
        ),
    ] = None,
    csv: CsvOption = False,
) -> None:
    """Show what changed since a statement was issued: each line, by how much, by which event."""
    with settings.workspace() as workspace:
        statements, issued = found(settings, workspace, statement)
        later = workspace.known(known).position
        start = issued.event.position
        if later < start:
            from ledger.errors import BadInputError

            raise BadInputError(
                f"The statement is pinned to position {start}, which lies after {later}.",
                hint="Name a later date or position.",
                code="bad_order",
            )
        changed = statements.diff(issued, later)
        money = sees_money(settings.gate, issued.event.organisation, issued.event.location)
        rows = [
            row
            for change in changed
            for row in differences(change.before, change.after, money=money)
            for row in [{**_event(settings, workspace, change.position), **row}]
        ]
    output = settings.listing(as_csv=csv)
    output.heading(
        f"Statement {statement} (position {start}) beside what is known at position {later}."
    )
    output.rows(_CHANGES, rows, empty="Nothing of it has changed.")


def _event(settings: Settings, workspace: Workspace, position: int) -> dict[str, Any]:
    """The event that made a change, less who did it where that is another's."""
    from projections.visible_events import sees_event
    from schemas.envelope import Attributes

    stored = workspace.reader.find(after=position - 1, limit=1)[0]
    event = workspace.source.event_at(position)
    told = {
        "position": position,
        "type": event.type,
        "recorded_at": iso(event.recorded_at_us),
        "report": event.data.get("report"),
    }
    sight = settings.gate.narrowed()
    if sight is None or sees_event(sight, Attributes.from_bytes(stored.attributes).tags):
        told |= {"actor": event.actor, "why": event.data.get("reason")}
    return told
