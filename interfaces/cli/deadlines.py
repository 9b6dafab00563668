"""What is awaited, until when, and from whom."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

import typer

from interfaces.cli.settings import CsvOption, KnownOption, Settings, with_settings
from interfaces.moments import moment_us
from interfaces.times import spelled
from ledger.errors import BadInputError
from schemas.time import iso

_COLUMNS = ("due", "name", "claim", "relationship", "about", "partner", "tenant", "state", "effect")

_NAMES = (
    *("review", "decision", "answer", "consent", "incumbent_answer", "dispute", "dispute_answer"),
    *("gdap_request", "gdap_notice", "gdap_end", "delegation_end"),
    *("enrolment_term", "validation", "anniversary", "role_end"),
)


@with_settings
def deadlines(
    settings: Settings,
    *,
    until: Annotated[
        str | None, typer.Option(metavar="DATE|INSTANT", help="Only those due by then.")
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Of this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="Of this partner location.")] = None,
    name: Annotated[
        str | None,
        typer.Option(help=f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}."),
    ] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Promised days that have passed instead.")
    ] = False,
    effective: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|INSTANT",
            help="Awaited from the end of that date, or from that instant on (else from now on, or"
            " from when --known says).",
            show_default=False,
        ),
    ] = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show what is awaited, the soonest first, as known at a time."""
    from projections.claim_queries import deadlines as awaited

    if name is not None and name not in _NAMES:
        raise _unknown(name)
    until_us = None if until is None else moment_us(until, "--until") + 1
    with settings.workspace() as workspace:
        asked = workspace.known(known)
        now_us = asked.effective_us(effective)
        span: dict[str, Any] = {"from_us": now_us, "until_us": until_us}
        if overdue:
            span = {"until_us": min(until_us or now_us, now_us)}
        span |= {"tenant": tenant and tenant.lower(), "partner": partner, "name": name}
        span |= {"known": asked.position}
        found = [_readable(row) for row in awaited(workspace.views, **span)]
    # A right to dispute that has passed awaits nobody any more.
    rows = [row for row in found if not (overdue and row["name"] == "dispute")]
    output = settings.listing(as_csv=csv)
    output.rows(_COLUMNS, rows, empty=f"Nothing is awaited as of {iso(now_us)}.")


def _unknown(name: str) -> BadInputError:
    near = get_close_matches(name, _NAMES, n=2, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return BadInputError(
        f"No deadline is named {name!r}.",
        hint=f"{meant}Choose from {', '.join(_NAMES)}.",
        code="unknown_deadline",
    )


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name != "claim_no"}
    return spelled({**told, "effect": bool(row["effect"])})
