"""Who may act and what partners need: roles, permissions, enrolments, competencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import EffectiveOption, KnownOption, Settings, with_settings
from interfaces.times import spelled

if TYPE_CHECKING:
    from interfaces.workspace import Workspace

OnOption = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="DATE|INSTANT", help="As it stood then (else now).", show_default=False
    ),
]
_ROLES = (
    *("grantee", "role", "organisation", "location", "tenant", "programme"),
    *("since", "until", "position"),
)
_PERMISSIONS = ("command", "may", "after_hours", "source")
_ENROLMENTS = (
    *("programme", "location", "organisation", "state", "since", "earns_from", "term_ends"),
    *("missing", "reason"),
)
_COMPETENCIES = (
    *("organisation", "competency", "level", "state", "since", "attained", "anniversary"),
    "reason",
)
_PREREQUISITES = ("need", "asked", "workloads", "met", "found", "reason", "source")


@with_settings
def roles(
    settings: Settings,
    *,
    grantee: Annotated[str | None, typer.Option(help="Of this actor.", show_default=False)] = None,
    role: Annotated[
        str | None, typer.Option(help="Only this role, such as reviewer.", show_default=False)
    ] = None,
    effective: EffectiveOption = None,
) -> None:
    """Show who has which role where, now or on a date."""
    from projections.party_queries import grants

    with settings.workspace() as workspace:
        at_us = workspace.known(None).effective_us(effective)
        found = grants(workspace.views, grantee=grantee, role=role, at_us=at_us)
    rows = [_grant(row) for row in found]
    settings.output.rows(_ROLES, rows, empty="Nobody has such a role then.")


@with_settings
def permissions(
    settings: Settings,
    command: Annotated[
        str | None,
        typer.Argument(help="Only this command, such as claim.submit.", show_default=False),
    ] = None,
    *,
    known: KnownOption = None,
) -> None:
    """Show who may do what: the role table in force, each row with its source."""
    from interfaces.rules_in_force import role_table_at

    with settings.workspace() as workspace:
        named, table = role_table_at(workspace.reader, workspace.known(known).position)
    rows = [
        {
            "command": name,
            "may": [f"{role} {relation}" for role, relation in row.may.items()]
            + (["that identity itself"] if row.itself else []),
            "after_hours": row.after_hours or None,
            "source": row.source,
            "roles": named,
        }
        for name, row in table.items()
        if command in (None, name, name.partition(" ")[0])
    ]
    settings.output.heading(f"Role table in force: {named}.")
    settings.output.rows(_PERMISSIONS, rows, empty=f"There is no command {command!r}.")


@with_settings
def enrolments(
    settings: Settings,
    *,
    partner: Annotated[
        str | None, typer.Option(help="Of this location or organisation.", show_default=False)
    ] = None,
    programme: Annotated[
        str | None, typer.Option(help="In this programme, such as OSU.", show_default=False)
    ] = None,
    effective: EffectiveOption = None,
    known: KnownOption = None,
) -> None:
    """Show enrolments in incentive programmes, and what is missing."""
    from projections import access_queries

    with settings.workspace() as workspace:
        told = workspace.known(known)
        found = access_queries.enrolments(
            workspace.views,
            at_us=told.effective_us(effective),
            known=told.position,
            programme=programme,
            **_whose(workspace, partner, ("location", "organisation")),
        )
    rows = [_since(row) for row in found]
    settings.output.rows(_ENROLMENTS, rows, empty="There is no such enrolment then.")


@with_settings
def competencies(
    settings: Settings,
    *,
    organisation: Annotated[
        str | None, typer.Option(help="Of this organisation.", show_default=False)
    ] = None,
    competency: Annotated[
        str | None, typer.Option(help="Only this one.", show_default=False)
    ] = None,
    effective: EffectiveOption = None,
    known: KnownOption = None,
) -> None:
    """Show competencies of organisations, with level and anniversary."""
    from projections import access_queries

    with settings.workspace() as workspace:
        told = workspace.known(known)
        found = access_queries.competencies(
            workspace.views,
            at_us=told.effective_us(effective),
            known=told.position,
            organisation=organisation,
            competency=competency,
        )
    rows = [_since(row) for row in found]
    settings.output.rows(_COMPETENCIES, rows, empty="There is no such competency then.")


@with_settings
def prerequisites(
    settings: Settings,
    partner: Annotated[
        str, typer.Argument(help="A partner location, or an organisation.", show_default=False)
    ],
    *,
    programme: Annotated[
        str, typer.Option(help="The incentive programme, such as OSU.", show_default=False)
    ],
    on: OnOption = None,
    known: KnownOption = None,
) -> None:
    """Show what a programme asks of a partner, and whether it is met."""
    from interfaces.rules_in_force import incentive_at
    from projections import party_queries
    from projections.prerequisites import Asked
    from projections.prerequisites import prerequisites as needs

    with settings.workspace() as workspace:
        told = workspace.known(known)
        at_us = told.effective_us(on, "--on")
        holder = workspace.holder(partner)
        location, organisation = None, partner
        if holder.scope == "location":
            place = party_queries.location(workspace.views, partner)
            location, organisation = partner, place["organisation"] if place else ""
        rules = incentive_at(workspace.reader, programme, told.position)
        asked = Asked(organisation, location, at_us, told.position)
        rows = needs(workspace.views, programme, rules, asked)
    about = {"partner": partner, "organisation": organisation, "programme": programme}
    rows = [{**row, **about, "location": location} for row in rows]
    settings.output.rows(_PREREQUISITES, rows, empty=f"{programme} asks for nothing.")


def _whose(
    workspace: Workspace, partner: str | None, names: tuple[str, str]
) -> dict[str, str | None]:
    """The filter for a location or an organisation, whichever the id is of."""
    if partner is None:
        return {}
    holder = workspace.holder(partner)
    return {names[0] if holder.scope == "location" else names[1]: partner}


def _grant(row: dict[str, Any]) -> dict[str, Any]:
    told = spelled(row)
    told |= {"since": told.pop("from"), "until": told.pop("until")}
    return {name: value or None for name, value in told.items()}


def _since(row: dict[str, Any]) -> dict[str, Any]:
    told = spelled(row)
    return {**told, "since": told.pop("effective")}
