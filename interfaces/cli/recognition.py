"""For whose score an association counts, and why where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.filters import kind_of
from interfaces.cli.settings import CsvOption, EffectiveOption, KnownOption, Settings, with_settings
from schemas.time import from_us, iso

if TYPE_CHECKING:
    from interfaces.workspace import Workspace

_COLUMNS = ("kind", "slot", "partner", "claim", "area", "counts", "reason")


@with_settings
def recognition(
    settings: Settings,
    *,
    tenant: Annotated[str | None, typer.Option(help="At this customer.")] = None,
    partner: Annotated[str | None, typer.Option(help="By this partner location.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="By this kind of association, such as CPOR.")
    ] = None,
    subscription: Annotated[str | None, typer.Option(help="Of this subscription.")] = None,
    area: Annotated[
        str | None, typer.Option(help="Only for this area, such as azure_areas.")
    ] = None,
    effective: EffectiveOption = None,
    known: KnownOption = None,
    csv: CsvOption = False,
) -> None:
    """Show what each association counts for, and why where it does not."""
    filters: dict[str, Any] = {
        "tenant": tenant and tenant.lower(),
        "partner": partner,
        "kind": kind and kind_of(kind),
        "subscription": subscription,
    }
    if area is not None:
        _require_area(area)
    with settings.workspace() as workspace:
        asked = workspace.known(known)
        effective_us = asked.effective_us(effective)
        rows = list(_judged(workspace, effective_us, asked.position, filters, area))
    output = settings.listing(as_csv=csv)
    output.heading(
        f"Effective {iso(effective_us)}, as known at position {asked.position}"
        f" (recorded {iso(asked.recorded_at_us)})."
    )
    output.rows(_COLUMNS, rows, empty="No association there is judged by any area.")


def _judged(
    workspace: Workspace, effective_us: int, known: int, filters: dict[str, Any], area: str | None
) -> Iterator[dict[str, Any]]:
    """One row for each association and area that is about it."""
    from projections.holder_queries import holders, pages
    from projections.recognition.standings import recognised

    moment = {"known_position": known, "effective_us": effective_us}
    asked = {**filters, "effective_us": effective_us, "known": known}
    held = pages(workspace.views, holders, asked)
    on = from_us(effective_us).date()
    for row in recognised(workspace.views, ({**one, **moment} for one in held), on):
        about = ("kind", "slot", "tenant", "subscription", "workload", "partner", "organisation")
        told = {name: row[name] for name in (*about, "claim", "role", "because")}
        for verdict in row["verdicts"]:
            if area in (None, verdict["area"]):
                yield {
                    **told,
                    **verdict,
                    "effective": iso(effective_us),
                    "known_position": known,
                }


def _require_area(area: str) -> None:
    from ledger.errors import BadInputError
    from projections.recognition.counting import areas

    known = [one.id for one in areas()]
    if area not in known:
        raise BadInputError(
            f"There is no area {area!r}.",
            hint=f"Choose from {', '.join(known)}.",
            code="unknown_area",
        )
