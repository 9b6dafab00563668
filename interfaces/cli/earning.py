"""What a partner's associations earn in a month: eligible or not, why, and how many units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import CsvOption, KnownOption, Settings, with_settings
from interfaces.moments import month as month_of
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from interfaces.cli.sight import Gate
    from interfaces.statements import Whose
    from projections.incentives.rule_book import RuleBook
    from projections.incentives.statement import Statement

COLUMNS = (
    *("programme", "tenant", "workload", "subscription", "partner", "claim", "quantity", "hwm"),
    *("units", "milestone", "amount", "currency", "status", "reason", "found"),
)


@with_settings
def earning(
    settings: Settings,
    partner: Annotated[
        str, typer.Argument(help="A partner organisation, or one location.", show_default=False)
    ],
    *,
    month: Annotated[
        str,
        typer.Option(metavar="MONTH", help="The month, such as 2023-10.", show_default=False),
    ],
    programme: Annotated[
        str | None, typer.Option(help="Only this programme, such as mci_usage_2023.")
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A rate file to try; adopted ones count by themselves."),
    ] = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show what a partner earns in a month: each unit credited or refused, and why.

    A line says the level that is paid by (quantity), the high-water mark before it, the
    compensable units, and the reason where there are none. Amounts need a rate file of your own.
    """
    asked = month_of(month, "--month")
    with settings.workspace() as workspace:
        statements = workspace.statements
        position = workspace.known(known).position
        whose = statements.whose(partner)
        require(settings.gate, whose, partner)
        book = _book(statements.book(position), programme, rates)
        told = statements.compute(whose, asked, position, book)
    show(settings, told, partner, csv=csv)


def _book(book: RuleBook, programme: str | None, rates: Path | None) -> RuleBook:
    """The rules asked for: of one programme, with a rate file to try."""
    from projections.incentives.rule_book import Rule, RuleBook, laid_over

    if rates is not None:
        from ledger.rules import rates as cards

        content = cards.read(rates)
        book = laid_over(book, [Rule("rates", content["rates"], content)])
    if programme is None:
        return book
    names = [one.id for one in book.programmes]
    if programme not in names:
        raise BadInputError(
            f"There is no incentive programme {programme!r}.",
            hint=f"Choose from {', '.join(names)}, or adopt your own with programme.adopt.",
            code="unknown_programme",
        )
    return RuleBook(
        tuple(one for one in book.rules if one.sort != "programme" or one.name == programme)
    )


def require(gate: Gate, whose: Whose, partner: str) -> None:
    """Return only if the one who asks may see what the partner earns."""
    row = {"partner": whose.location} if whose.location else {"organisation": whose.organisation}
    gate.require("earnings", row, f"partner {partner!r}")


def visible_lines(gate: Gate, told: Statement) -> list[dict[str, Any]]:
    """The lines as plain values; money only for those who may see revenue (domain.md §14.2)."""
    from projections.incentives.statement import MONEY
    from projections.incentives.statement import told as plain

    rows = [plain(line) for line in told.lines]
    if sees_money(gate, told.organisation, told.location):
        return rows
    return [{name: None if name in MONEY else value for name, value in row.items()} for row in rows]


def sees_money(gate: Gate, organisation: str, location: str | None) -> bool:
    """Whether amounts of a partner may be shown."""
    sight = gate.narrowed()
    row = {"partner": location} if location else {"organisation": organisation}
    return sight is None or sight.covers("revenue", row)


def show(settings: Settings, told: Statement, partner: str, *, csv: bool) -> None:
    """A statement's lines, for people or programs."""
    from projections.incentives.reasons import table

    about = {
        "organisation": told.organisation,
        "location": told.location,
        "known_position": told.position,
    }
    says = table()
    rows = [
        {
            **line,
            **about,
            "found": "; ".join(one["found"] for one in line["reasons"] if one["found"]) or None,
            "says": says[line["reason"]]["says"] if line["reason"] else None,
        }
        for line in visible_lines(settings.gate, told)
    ]
    output = settings.listing(as_csv=csv)
    output.heading(
        f"{partner} in {told.month:%Y-%m}, as known at position {told.position};"
        f" {told.credited} of {len(told.lines)} lines credited."
    )
    shown = [name for name in COLUMNS if any(row.get(name) is not None for row in rows)]
    empty = f"No claim or association of {partner} is asked about in {told.month:%Y-%m}."
    output.rows(COLUMNS if csv else shown, rows, empty=empty)
    if not (settings.as_json or csv):
        for code in dict.fromkeys(row["reason"] for row in rows if row["reason"]):
            output.text(f"  {code}: {says[code]['says']} ({says[code]['source']})")
