"""The level that a partner reached under a programme, with every input that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import KnownOption, Settings, with_settings
from interfaces.moments import month as month_of
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from datetime import date

    from interfaces.workspace import Workspace
    from ledger.rules.programmes.programme import Programme
    from projections.programmes.level import PartnerLevel

_FIELD = {"location": "partner", "organisation": "organisation"}
_RANKED = ("rank", "partner", "name", "level", "points", "of", "class", "missing")
_WINDOW = ("month", "class", "points", "level", "missing")
_COLUMNS = (
    *("metric", "part", "amount", "before", "threshold", "points", "of"),
    *("across_gap", "status", "why"),
)


@with_settings
def level(
    settings: Settings,
    partner: Annotated[
        str | None,
        typer.Argument(help="A partner organisation, or one location.", show_default=False),
    ] = None,
    *,
    programme: Annotated[
        str, typer.Option(help="The programme's id, such as modern_work_2023.", show_default=False)
    ],
    month: Annotated[
        str, typer.Option(metavar="MONTH", help="The last month counted.", show_default=False)
    ],
    all_: Annotated[
        bool, typer.Option("--all", help="Rank every organisation.", show_default=False)
    ] = False,
    known: KnownOption = None,
) -> None:
    """Show the level a partner reached under a programme, or rank all of them."""
    if (partner is None) != all_:
        raise BadInputError(
            "Name one partner, or give --all to rank every organisation.", code="wrong_use"
        )
    until = month_of(month, "--month")
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        rules, adopted = workspace.programme(programme, position)
        if partner is None:
            _rank(settings, workspace, rules, programme, until, position)
        else:
            _show_one(settings, workspace, partner, rules, programme, adopted, until, position)


def _show_one(  # noqa: PLR0917  the parts of one question
    settings: Settings,
    workspace: Workspace,
    partner: str,
    rules: Programme,
    name: str,
    adopted: int | None,
    until: date,
    position: int,
) -> None:
    from interfaces.told_levels import whole
    from projections.programmes.level import partner_level

    holder = workspace.holder(partner)
    settings.gate.require("growth", {_FIELD[holder.scope]: holder.id}, f"partner {partner!r}")
    found = partner_level(
        workspace.analytics, workspace.views, rules, name, holder, until, position
    )
    about = {
        "partner": holder.id,
        "scope": holder.scope,
        "programme": name,
        "adopted_at": adopted,
        "month": str(until),
        "known_position": position,
    }
    if settings.as_json:
        settings.output.object({**about, **whole(found)})
    else:
        _show(settings, about, found)


def _show(settings: Settings, about: dict[str, Any], found: PartnerLevel) -> None:
    from interfaces.told_levels import class_rows, level_lines, next_lines, number, window_rows

    output, rules = settings.output, found.programme
    output.text(f"{rules.title} ({rules.source})")
    adopted = about["adopted_at"]
    told = f"adopted at position {adopted}" if adopted else "as shipped, never adopted here"
    output.text(
        f"{about['scope']} {about['partner']}, up to {about['month']}, as known at position"
        f" {about['known_position']}; rules {told}."
    )
    for line in level_lines(found):
        output.text(line)
    for one in found.score.classes:
        output.text()
        best = " (counts)" if one is found.score.better else ""
        output.text(f"{one.tenant_class.title}: {number(one.points)} points known{best}")
        output.rows(_COLUMNS, class_rows(one), empty="No metric.")
    if len(found.window) > 1:
        output.text()
        output.text(f"The {len(found.window)} months that count:")
        output.rows(_WINDOW, window_rows(found), empty="None.")
    for line in next_lines(found):
        output.text(line)


def _rank(
    settings: Settings,
    workspace: Workspace,
    rules: Programme,
    name: str,
    until: date,
    position: int,
) -> None:
    from interfaces.told_levels import ranked_row
    from projections.programmes.level import ranking

    sight = settings.gate.narrowed()
    found = ranking(workspace.analytics, workspace.views, rules, name, until, position)
    names = workspace.organisation_names()
    rows = [ranked_row(n, one, names.get(one.organisation)) for n, one in enumerate(found, 1)]
    if sight is not None:
        seen = [row for row in rows if sight.covers("growth", {"organisation": row["partner"]})]
        # A place among others tells of them.
        rows = rows if len(seen) == len(rows) else [{**row, "rank": None} for row in seen]
    settings.output.rows(_RANKED, rows, empty=f"Nobody has a figure for {name} in {until:%Y-%m}.")
