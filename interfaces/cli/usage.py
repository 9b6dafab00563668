"""Usage reports: loaded, withdrawn, listed, and where they disagree or miss something."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.output import progress
from interfaces.cli.settings import AsOption, AtOption, Settings, with_settings
from interfaces.cli.submit import left_out
from interfaces.moments import instant_us, start_us
from schemas.time import iso

if TYPE_CHECKING:
    import polars as pl

    from interfaces.workspace import Workspace
    from ledger.usage.decisions import Picture

app = typer.Typer(rich_markup_mode=None)

MetricOption = Annotated[
    list[str] | None,
    typer.Option(
        "--metric", help="Only this metric, such as m365.mau. May be repeated.", show_default=False
    ),
]

_COLUMNS = (
    *("report", "kind", "file", "period_from", "period_to", "exported_at"),
    *("statements", "increments", "rejected_rows", "position", "withdrawn_at"),
)


@app.command("load")
@with_settings
def load(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="A report as Partner Center writes it.")],
    *,
    kind: Annotated[
        str,
        typer.Option(
            metavar="KIND", help="`attribution usage kinds` shows them.", show_default=False
        ),
    ],
    exported: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|INSTANT",
            help="When the file was exported, needed where it does not say so itself.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The report's id (else the start of its SHA-256).",
            show_default=False,
        ),
    ] = None,
    as_: AsOption = None,
    at: AtOption = None,
) -> None:
    """Load a usage report: its rows count from now on."""
    from interfaces.bulk.usage_lines import told

    with settings.workspace() as workspace, progress(f"loading {file.name}", None):
        loaded = workspace.usage_reports.load(
            file,
            kind,
            _caller(workspace, as_, at),
            exported_us=None if exported is None else start_us(exported, "--exported"),
            report=report,
        )
    about = {"outcome": loaded.outcome.outcome, "position": loaded.outcome.position, **told(loaded)}
    if settings.as_json:
        settings.output.object(about)
        return
    lists = ("rejected", "ignored", "notes")
    settings.output.record({name: it for name, it in about.items() if name not in lists})
    for line in left_out(about):
        settings.output.text(line)


@app.command("withdraw")
@with_settings
def withdraw(
    settings: Settings,
    report: Annotated[str, typer.Argument(help="The report's id, as `usage list` shows it.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stays in the log.", show_default=False)],
    as_: AsOption = None,
    at: AtOption = None,
) -> None:
    """Withdraw a usage report: its rows count no longer."""
    with settings.workspace() as workspace:
        caller = _caller(workspace, as_, at)
        outcome = workspace.usage_reports.withdraw(report, reason, caller)
    settings.output.record(
        {
            "outcome": outcome.outcome,
            "position": outcome.position,
            "report": outcome.report,
            "increments": outcome.increments,
        }
    )


@app.command("kinds")
@with_settings
def kinds(settings: Settings) -> None:
    """List the kinds of report that can be loaded, what each needs and what it states."""
    from ledger.usage.reports.columns import names_of
    from ledger.usage.reports.kinds import table

    aliases = names_of("columns")
    rows = [
        {
            "kind": it.kind,
            "title": it.title,
            "columns": ", ".join(aliases[field][0] for field in it.columns),
            "metrics": ", ".join(it.metrics),
            "source": it.source,
        }
        for it in table().values()
    ]
    settings.output.rows(("kind", "title", "metrics"), rows, empty="")


@app.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """List the reports that were loaded, counted or withdrawn."""
    with settings.workspace() as workspace:
        rows = _reports(workspace.usage_reports.picture())
    settings.output.rows(_COLUMNS, rows, empty="No usage report was loaded yet.")


@app.command("conflicts")
@with_settings
def conflicts(settings: Settings, metric: MetricOption = None) -> None:
    """Show where two counted reports state different numbers."""
    from ledger.usage import questions

    with settings.workspace() as workspace:
        picture = workspace.usage_reports.picture()
        found = questions.conflicts(workspace.usage_log, picture, _metrics(metric))
    _show(settings, found, empty="No two counted reports disagree.")


@app.command("gaps")
@with_settings
def gaps(settings: Settings, metric: MetricOption = None) -> None:
    """Show months that no report states for a key that has others."""
    from ledger.usage import questions

    with settings.workspace() as workspace:
        picture = workspace.usage_reports.picture()
        found = questions.gaps(workspace.usage_log, picture, _metrics(metric))
    _show(settings, found, empty="No month is missing.")


def _caller(workspace: Workspace, actor: str | None, at: str | None) -> Any:
    from interfaces.usage_reports import Caller

    at_us = None if at is None else instant_us(at, "--at")
    return Caller(actor or workspace.operator, at_us)


def _reports(picture: Picture) -> list[dict[str, Any]]:
    from ledger.usage.decisions import LoadDecision

    rows: list[dict[str, Any]] = []
    for entry in picture.decided:
        about = entry.decision
        if isinstance(about, LoadDecision):
            rows.append(
                {
                    "report": about.report,
                    "kind": about.kind,
                    "file": about.file_name,
                    "sha256": about.sha256,
                    "period_from": str(about.period_from),
                    "period_to": str(about.period_to),
                    "exported_at": iso(about.exported_us),
                    "metrics": list(about.metrics),
                    "statements": about.statements,
                    "increments": about.increments,
                    "rejected_rows": about.rejected_rows,
                    "position": entry.position,
                    "withdrawn_at": None,
                }
            )
        else:
            last = next(row for row in reversed(rows) if row["report"] == about.report)
            last |= {"withdrawn_at": entry.position, "reason": about.reason}
    return rows


def _metrics(asked: list[str] | None) -> tuple[str, ...]:
    from ledger.usage.metrics import METRICS, metric

    return tuple(metric(name).id for name in asked) if asked else tuple(METRICS)


def _show(settings: Settings, found: pl.DataFrame, *, empty: str) -> None:
    """Rows of the usage log; amounts in units."""
    rows = [_readable(row) for row in found.iter_rows(named=True)]
    columns = [name for name in rows[0] if name != "value_micro"] if rows else []
    settings.output.rows(columns, rows, empty=empty)


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    from interfaces.cli.amounts import units

    if "value_micro" in row:
        row = {**row, "value": units(row["value_micro"])}
    return {name: it if isinstance(it, int | str) else str(it) for name, it in row.items()}
