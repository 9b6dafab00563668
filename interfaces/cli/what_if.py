"""What a partner would earn by other rules: nothing is recorded, the ledger is only read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.earning import require, sees_money
from interfaces.cli.settings import CsvOption, KnownOption, Settings, with_settings
from interfaces.cli.statement import differences
from interfaces.moments import month as month_of
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from projections.incentives.rule_book import Rule

_COLUMNS = (
    *("programme", "tenant", "workload", "subscription", "partner", "claim", "what"),
    *("before", "after", "difference"),
)


@with_settings
def what_if(
    settings: Settings,
    partner: Annotated[str, typer.Argument(help="A partner organisation, or one location.")],
    *,
    month: Annotated[
        str,
        typer.Option(metavar="MONTH", help="The month, such as 2023-10.", show_default=False),
    ],
    programme: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An incentive programme's file, as if it were adopted."),
    ] = None,
    rates: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A rate file, as if it were adopted.")
    ] = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show how a partner's earnings would change by another programme file or rate card.

    Each value of a line that would change, before and after; the ledger is never touched.
    """
    from projections.incentives.rule_book import laid_over
    from projections.incentives.statement import by_key

    asked, supposed = month_of(month, "--month"), _supposed(programme, rates)
    with settings.workspace() as workspace:
        statements = workspace.statements
        position = workspace.known(known).position
        whose = statements.whose(partner)
        require(settings.gate, whose, partner)
        book = statements.book(position)
        before = by_key(statements.compute(whose, asked, position, book).lines)
        other = laid_over(book, supposed)
        after = by_key(statements.compute(whose, asked, position, other).lines)
        money = sees_money(settings.gate, *whose)
    rows: list[dict[str, Any]] = [
        {**row, "known_position": position}
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
        for row in differences(before.get(key), after.get(key), money=money)
    ]
    output = settings.listing(as_csv=csv)
    output.heading(f"{partner} in {asked:%Y-%m}, as known at position {position}, by other rules.")
    output.rows(_COLUMNS, rows, empty="Nothing would change.")


def _supposed(programme: Path | None, rates: Path | None) -> list[Rule]:
    """The contents that are laid over what is adopted; each wrong line of a file is named."""
    from ledger.rules import rates as cards
    from ledger.rules.incentive_programmes import files
    from projections.incentives.rule_book import Rule

    if programme is None and rates is None:
        raise BadInputError(
            "It is not said what would be otherwise.",
            hint="Give --programme FILE, --rates FILE, or both.",
            code="wrong_use",
        )
    found = []
    if programme is not None:
        content = files.read(programme)
        found.append(Rule("programme", content["id"], content))
    if rates is not None:
        content = cards.read(rates)
        found.append(Rule("rates", content["rates"], content))
    return found
