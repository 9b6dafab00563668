"""What changed between two states of knowledge, or between two dates, and which event did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.filters import kind_of
from interfaces.cli.output import Output
from interfaces.cli.settings import CsvOption, KnownOption, Settings, with_settings
from interfaces.moments import moment_us
from interfaces.times import spelled
from ledger.errors import BadInputError
from schemas.time import iso

if TYPE_CHECKING:
    from interfaces.workspace import Workspace
    from projections.diff_holdings import Between

_HOLDINGS = ("change", "kind", "slot", "before", "after", "position", "type", "actor", "why")
_CLAIMS = ("change", "claim", "before", "after", "position", "type", "actor", "why")
_FLAT = ("partner", "organisation", "claim", "since", "until", "state", "consent", "outcomes")
_MOMENT = "DATE|INSTANT|POSITION"


@with_settings
def diff(
    settings: Settings,
    a: Annotated[str, typer.Argument(metavar="A", help=f"The earlier {_MOMENT}.")],
    b: Annotated[str, typer.Argument(metavar="B", help=f"The later {_MOMENT}.")],
    *,
    effective: Annotated[
        bool,
        typer.Option(
            "--effective",
            help="A and B are dates or instants in the world; both as known at --known.",
        ),
    ] = False,
    known: KnownOption = None,
    tenant: Annotated[str | None, typer.Option(help="At this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="About this partner location.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Holdings of this kind; claims only with a kind of CPOR.")
    ] = None,
    slot: Annotated[str | None, typer.Option(help="About this slot.")] = None,
    csv: CsvOption = False,
) -> None:
    """Show what changed between two states of knowledge: holdings and claims, and why.

    A and B are positions, dates or instants: what the ledger knew at A beside what it knew at B. A
    holding began, ended, moved to another partner, was corrected (the ledger learned another
    interval) or annulled (it never was). With --effective the two dates are compared as known at
    one time: who held then and who held later.
    """
    from projections.diff_holdings import Between

    filters: dict[str, Any] = {
        "tenant": tenant and tenant.lower(),
        "partner": partner,
        "kind": kind and kind_of(kind),
        "slot": slot,
    }
    output = settings.listing(as_csv=csv)
    with settings.workspace() as workspace:
        if effective:
            position = workspace.known(known).position
            _effective(output, workspace, (a, b), Between(0, position, **filters))
            return
        if known is not None:
            raise BadInputError(
                "A and B say what was known; --known belongs to --effective.",
                hint="Leave --known out, or add --effective.",
                code="wrong_use",
            )
        before, after = workspace.known(a, "A"), workspace.known(b, "B")
        _in_order(before.position, after.position)
        _known(output, workspace, Between(before.position, after.position, **filters))


def _in_order(a: int, b: int) -> None:
    if a > b:
        raise BadInputError(
            "A lies after B.",
            hint="Name the earlier first: attribution diff B A.",
            code="bad_order",
        )


def _known(output: Output, workspace: Workspace, asked: Between) -> None:
    from interfaces import diffing

    output.heading(f"Between what was known at position {asked.before} and at {asked.after}.")
    held, found = diffing.changes(workspace.views, workspace.source, asked)
    rows = [{"about": "holding", **_readable(row)} for row in held]
    claims = [{"about": "claim", **_claim(row)} for row in found]
    if output.as_json:
        output.rows((), [*rows, *claims], empty="")
    elif output.as_csv:
        output.rows(_columns(), [_flat(row) for row in (*rows, *claims)], empty="")
    else:
        people = [_for_people(row) for row in rows]
        output.rows(_HOLDINGS, people, empty="No holding changed.")
        output.text()
        output.rows(_CLAIMS, [_for_people(row) for row in claims], empty="No claim changed.")


def _effective(
    output: Output, workspace: Workspace, moments: tuple[str, str], asked: Between
) -> None:
    from interfaces import diffing

    from_us, to_us = moment_us(moments[0], "A"), moment_us(moments[1], "B")
    _in_order(from_us, to_us)
    about = f"Between {iso(from_us)} and {iso(to_us)}, as known at position {asked.after}."
    output.heading(about)
    found = diffing.effective(workspace.views, workspace.source, asked, from_us, to_us)
    rows = [{"about": "holding", **_readable(row)} for row in found]
    if output.as_csv:
        output.rows(_columns(), [_flat(row) for row in rows], empty="")
        return
    shown = rows if output.as_json else [_for_people(row) for row in rows]
    output.rows(_HOLDINGS, shown, empty="Nobody came, nobody went.")


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return spelled({**row, "before": _interval(row["before"]), "after": _interval(row["after"])})


def _interval(side: dict[str, Any] | None) -> dict[str, Any] | None:
    if side is None:
        return None
    told = spelled(side)
    return told | {"since": told.pop("effective_from"), "until": told.pop("effective_to")}


def _claim(row: dict[str, Any]) -> dict[str, Any]:
    """A claim's change; the event beside it is the last of its steps."""
    sides = {name: row[name] and spelled(row[name]) for name in ("before", "after")}
    steps = [spelled(step) for step in row["steps"]]
    last = {name: steps[-1][name] for name in ("position", "type", "actor", "why")}
    return {**row, **sides, "steps": steps, **last}


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "before": _words(row["before"]), "after": _words(row["after"])}


def _words(side: dict[str, Any] | None) -> str:
    """One side of a change in a few words."""
    if side is None:
        return ""
    if "state" in side:
        consent = f", consent {side['consent']}" if side["consent"] else ""
        return f"{side['state']}{consent}"
    until = f" until {side['until']}" if side["until"] else ""
    claim = f" ({side['claim']})" if side["claim"] else ""
    return f"{side['partner']}{claim} from {side['since']}{until}"


def _columns() -> tuple[str, ...]:
    sides = [f"{side}_{name}" for name in _FLAT for side in ("before", "after")]
    about = ("about", "change", "kind", "slot", "claim", "tenant")
    return (*about, *sides, "position", "recorded_at", "type", "actor", "why")


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """The row without inner objects: ``before_partner``, ``after_partner`` and so on."""
    told = {name: row.get(name) for name in _columns()}
    for side in ("before", "after"):
        for name in _FLAT:
            told[f"{side}_{name}"] = (row[side] or {}).get(name)
    if told["recorded_at"] is None and row.get("steps"):
        told["recorded_at"] = row["steps"][-1]["recorded_at"]
    return told
