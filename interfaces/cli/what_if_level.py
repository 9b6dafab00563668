"""Whose level would be another by another programme file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from interfaces.cli.settings import Settings
from interfaces.told_levels import ranked_row
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from datetime import date

COLUMNS = ("programme", "organisation", "name", "before", "after")


def show_levels(
    settings: Settings,
    programme: Path,
    partner: str | None,
    month: date,
    *,
    rates: Path | None,
    known: str | None,
    csv: bool,
) -> None:
    """Each organisation's level and points by the rules as adopted, and by the file."""
    from ledger.rules.programmes import files
    from projections.programmes.level import ranking

    if rates is not None:
        raise BadInputError(
            "A level is points, which no rate prices.",
            hint="Leave --rates out, or give an incentive programme's file.",
            code="wrong_use",
        )
    supposed = files.parse(files.read(programme))
    sight = settings.gate.narrowed()
    with settings.workspace() as workspace:
        position = workspace.known(known).position
        known_rules = (*files.names(), *workspace.programmes())
        adopted = (
            workspace.programme(supposed.id, position)[0] if supposed.id in known_rules else None
        )
        sides = []
        for rules in (adopted, supposed):
            found = (
                ranking(workspace.analytics, workspace.views, rules, supposed.id, month, position)
                if rules
                else []
            )
            sides.append({one.organisation: shown(ranked_row(0, one, None)) for one in found})
        names = workspace.organisation_names()
        whose = None if partner is None else workspace.statements.whose(partner).organisation
    before, after = sides
    rows: list[dict[str, Any]] = [
        {
            "about": "level",
            "programme": supposed.id,
            "organisation": one,
            "name": names.get(one),
            "before": before.get(one),
            "after": after.get(one),
            "known_position": position,
        }
        for one in sorted(before.keys() | after.keys())
        if before.get(one) != after.get(one)
        and whose in (None, one)
        and (sight is None or sight.covers("growth", {"organisation": one}))
    ]
    output = settings.listing(as_csv=csv)
    output.heading(f"Levels in {month:%Y-%m}, as known at position {position}, by {programme}.")
    if not (settings.as_json or csv):
        rows = [
            row | {side: level_words(row[side]) for side in ("before", "after")} for row in rows
        ]
    output.rows(COLUMNS, rows, empty="Nobody's level would be another.")


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """What is told of a place in the ranking."""
    return {field: row[field] for field in ("level", "points", "class", "missing")}


def level_words(side: dict[str, Any] | None) -> str:
    """A level in a few words."""
    if side is None:
        return ""
    missing = f", missing {side['missing']}" if side["missing"] else ""
    return f"{side['level'] or 'none'}, {side['points']} points{missing}"
