"""What a partner is about to lose without anybody saying so."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.cli.earning import require
from interfaces.cli.settings import CsvOption, KnownOption, Settings, with_settings
from schemas.time import iso

_COLUMNS = (
    *("kind", "programme", "tenant", "workload", "subscription", "partner", "claim", "due"),
    *("says", "pain"),
)


@with_settings
def outlook(
    settings: Settings,
    partner: Annotated[str, typer.Argument(help="A partner organisation, or one location.")],
    *,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show next month's gaps: what lapses, will not earn or is not claimed, and thresholds near.

    Each with its rule and the number of the pain that it is about.
    """
    with settings.workspace() as workspace:
        statements, asked = workspace.statements, workspace.known(known)
        whose = statements.whose(partner)
        require(settings.gate, whose, partner)
        earnings = statements.earnings(whose, statements.book(asked.position), asked.position)
        found = earnings.outlook(
            asked.us,
            asked.position,
            workspace.holder(partner),
            workspace.designations(asked.position),
        )
    rows = [
        {**one._asdict(), "known_position": asked.position}
        for one in found
        if whose.location is None or one.partner in (None, whose.location)
    ]
    output = settings.listing(as_csv=csv)
    output.heading(f"{partner}, seen from {iso(asked.us)} (position {asked.position}).")
    shown = [name for name in _COLUMNS if any(row[name] is not None for row in rows)]
    output.rows(_COLUMNS if csv else shown, rows, empty="No gap is visible for next month.")
    if not (csv or settings.as_json):
        for rule in dict.fromkeys(f"{row['kind']}: {row['rule']}" for row in rows):
            output.text(f"  {rule}")
