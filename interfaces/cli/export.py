"""Partner Center's own files, written from the ledger's state to lay beside Microsoft's."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.moving import export_log
from interfaces.cli.settings import KnownOption, Settings, with_settings
from interfaces.moments import month as month_of
from ledger.errors import BadInputError, StorageError

if TYPE_CHECKING:
    from projections.incentives.statement import Statement

app = typer.Typer(rich_markup_mode=None)
app.command("log")(export_log)

_MOST_MONTHS = 120

MonthOption = Annotated[
    str | None, typer.Option(metavar="MONTH", help="This month, such as 2023-09.")
]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="MONTH", help="From this month on.")
]
ToOption = Annotated[str | None, typer.Option(metavar="MONTH", help="Up to this month.")]
OutOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write there (else to the output).")
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Separate by commas instead of tabs.")]


@app.command("cpor-m365")
@with_settings
def cpor_m365(
    settings: Settings,
    *,
    month: MonthOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    out: OutOption = None,
    csv: CsvOption = False,
    known: KnownOption = None,
) -> None:
    """Write the CPOR-M365 usage file: each workload held, its claim and its usage."""
    from projections.partner_center.cpor_m365 import COLUMNS
    from projections.partner_center.cpor_m365 import cpor_m365 as rows_of

    first, last = _span(month, from_, to)
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        rows = rows_of(workspace.views, workspace.analytics, _months(first, last), position)
        _write(settings, out, COLUMNS, rows, comma=csv)


@app.command("azure")
@with_settings
def azure(
    settings: Settings,
    *,
    month: MonthOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    out: OutOption = None,
    csv: CsvOption = False,
    known: KnownOption = None,
) -> None:
    """Write the Azure usage file with its three duplicate flags."""
    from projections.partner_center.azure import COLUMNS
    from projections.partner_center.azure import azure as rows_of

    span = _span(month, from_, to)
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        rows = rows_of(workspace.views, workspace.analytics, span, position)
        _write(settings, out, COLUMNS, rows, comma=csv)


PartnerArgument = Annotated[
    str | None,
    typer.Argument(help="A partner organisation, or one location.", show_default=False),
]
StatementOption = Annotated[
    str | None,
    typer.Option(metavar="STATEMENT", help="What this statement says.", show_default=False),
]


@app.command("earnings")
@with_settings
def earnings(
    settings: Settings,
    partner: PartnerArgument = None,
    *,
    month: MonthOption = None,
    statement: StatementOption = None,
    out: OutOption = None,
    csv: CsvOption = False,
    known: KnownOption = None,
) -> None:
    """Write the earnings file: what a partner is credited for a month, or by a statement."""
    from interfaces.cli.earning import sees_money
    from projections.partner_center import earnings as files

    told = _stated(settings, partner, month, statement, known)
    rows = list(files.earnings(told.lines))
    money = any(row["currency"] for row in rows) and sees_money(
        settings.gate, told.organisation, told.location
    )
    columns = (*files.EARNINGS, *(files.MONEY if money else ()))
    kept = ({name: row[name] for name in columns} for row in rows)
    _write(settings, out, columns, kept, comma=csv)


@app.command("ineligible-usage")
@with_settings
def ineligible_usage(
    settings: Settings,
    partner: PartnerArgument = None,
    *,
    month: MonthOption = None,
    statement: StatementOption = None,
    out: OutOption = None,
    csv: CsvOption = False,
    known: KnownOption = None,
) -> None:
    """Write the ineligible-usage file: what a partner is not credited, and the reason code."""
    from projections.partner_center import earnings as files

    told = _stated(settings, partner, month, statement, known)
    _write(settings, out, files.INELIGIBLE, files.ineligible(told.lines), comma=csv)


def _stated(
    settings: Settings,
    partner: str | None,
    month: str | None,
    statement: str | None,
    known: str | None,
) -> Statement:
    """The earnings asked for: of a statement, or of a partner's month as known."""
    from interfaces.cli.earning import require
    from interfaces.cli.statement import found

    if (statement is None) == (partner is None or month is None):
        raise BadInputError(
            "It is not said whose earnings to write.",
            hint="Give PARTNER and --month, or --statement.",
            code="wrong_use",
        )
    with settings.workspace() as workspace:
        statements = workspace.statements
        if statement is not None:
            return statements.again(found(settings, workspace, statement)[1])
        assert partner is not None, "it is said above"
        asked, position = month_of(str(month), "--month"), workspace.known(known).position
        whose = statements.whose(partner)
        require(settings.gate, whose, partner)
        return statements.compute(whose, asked, position, statements.book(position))


def _span(month: str | None, from_: str | None, to: str | None) -> tuple[date, date]:
    """The first and the last month asked for."""
    if (month is None) == (from_ is None and to is None):
        raise BadInputError(
            "It is not said which months to write.",
            hint="Give --month, or --from and --to.",
            code="months_needed",
        )
    given = (month or from_, month or to)
    if None in given:
        raise BadInputError(
            "One end of the months is missing.",
            hint="Give both --from and --to.",
            code="months_needed",
        )
    first, last = (month_of(str(text), "the month") for text in given)
    if not 0 <= _count(first, last) < _MOST_MONTHS:
        raise BadInputError(
            f"From {first:%Y-%m} to {last:%Y-%m} is no span of up to {_MOST_MONTHS} months.",
            hint="Name the earlier month first, and fewer months.",
            code="bad_span",
        )
    return first, last


def _count(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _months(first: date, last: date) -> list[date]:
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _write(
    settings: Settings,
    out: Path | None,
    columns: Sequence[str],
    rows: Iterable[dict[str, Any]],
    *,
    comma: bool,
) -> None:
    if settings.as_json and out is None:
        settings.output.rows(columns, rows, empty="")
        return
    from interfaces.csv_file import write_rows

    try:
        with nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8") as stream:
            write_rows(stream, columns, rows, separator="," if comma else "\t")
    except OSError as error:
        raise StorageError(
            f"{out} can't be written ({error.strerror}).", hint="Check the path and the disk."
        ) from error
