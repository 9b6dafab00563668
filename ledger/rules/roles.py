"""Who may do what: the role table and the check that every decision begins with.

The table in force (``roles.toml``, or what was adopted) says for each command which roles may do
it and how their scope must relate to what the command is about (domain.md §2). A role counts from
its effective instant until it is revoked or lapses, never before; an incentive role that is scoped
to a programme counts only for what that programme is about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ledger.decision import Context, Facts
from ledger.decision_models.actor import ACTOR, Actor, Grant, Scope
from ledger.decision_models.partner import LOCATION
from ledger.decision_models.role_tables import ROLE_TABLES
from ledger.refusal import Refused
from ledger.rules.role_table import Relation, Row, table
from schemas.access import Role
from schemas.time import FOREVER_US, iso


def permit(  # noqa: PLR0913  one keyword for each thing that a command can be about
    facts: Facts,
    context: Context,
    command: str,
    *,
    organisation: str | None = None,
    location: str | None = None,
    tenant: str | None = None,
    identity: str | None = None,
    programmes: Collection[str] = (),
) -> None:
    """Return only if the actor may do ``command`` now about what is named; else ``Refused``.

    ``organisation`` follows from ``location`` when it is left out; ``programmes`` are the incentive
    programmes that it is about. A command without a row raises ``KeyError``: nobody may do what the
    table does not name.
    """
    row = facts(ROLE_TABLES, "all").row(command)
    if row.itself and identity is not None and context.actor == identity:
        return
    actor = facts(ACTOR, context.actor)
    if organisation is None and location and Relation.OWN_ORGANISATION in row.may.values():
        known = facts(LOCATION, location)
        organisation = known.organisation if known else None
    about = Scope(organisation, location, tenant)
    for grant in actor.grants:
        relation = row.may.get(grant.role)
        counts = relation and grant.counts(context.now_us) and _stands(facts, grant.scope)
        if (
            relation
            and counts
            and _relates(relation, grant.scope, about)
            and _for_programme(grant.scope, programmes)
        ):
            return
    why = _why(row, actor, about, context)
    raise Refused(
        "not_permitted", actor=context.actor, command=command, why=why, who=_granters(row)
    )


def _stands(facts: Facts, scope: Scope) -> bool:
    """Whether what a role was granted for still exists: roles of a deleted location end (§7.5)."""
    location = facts(LOCATION, scope.location) if scope.location else None
    return location is None or location.deleted_us == FOREVER_US


def _relates(relation: Relation, own: Scope, about: Scope) -> bool:
    match relation:
        case Relation.ANY:
            return True
        case Relation.OWN_LOCATION:
            return own.location is not None and own.location == about.location
        case Relation.OWN_ORGANISATION:
            return own.organisation is not None and own.organisation == about.organisation
        case Relation.OWN_TENANT:
            return own.tenant is not None and own.tenant == about.tenant


def _for_programme(own: Scope, programmes: Collection[str]) -> bool:
    """Whether the role counts for one of the programmes; without a programme, for every."""
    return own.programme is None or own.programme in programmes


def _why(row: Row, actor: Actor, about: Scope, context: Context) -> str:
    """Who may, and what the actor is instead: the nearest of its roles, when it has any."""
    ways = [_way(relation, roles, about) for relation, roles in _by_relation(row).items()]
    needed = " or ".join((*ways, "that identity itself") if row.itself else ways)
    held = [grant for grant in actor.grants if grant.role in row.may]
    if not held:
        return f"one must be {needed}"
    nearest = max(held, key=lambda grant: _relates(row.may[grant.role], grant.scope, about))
    return f"one must be {needed}, and {context.actor} {_state(nearest, context.now_us)}"


def _by_relation(row: Row) -> Mapping[Relation, list[Role]]:
    ways: dict[Relation, list[Role]] = {}
    for role, relation in row.may.items():
        ways.setdefault(relation, []).append(role)
    return ways


def _way(relation: Relation, roles: list[Role], about: Scope) -> str:
    titles = " or ".join(_title(role) for role in roles)
    if relation is Relation.ANY:
        return titles
    part = relation.removeprefix("own_")
    return f"{titles} of {part} {getattr(about, part) or '(none named)'}"


def _state(grant: Grant, now_us: int) -> str:
    scope = grant.scope
    parts = (("location", scope.location), ("tenant", scope.tenant))
    where = [f" of {part} {value}" for part, value in parts if value]
    if not where and scope.organisation:
        where = [f" of organisation {scope.organisation}"]
    if scope.programme:
        where.append(f" for programme {scope.programme}")
    held = _title(grant.role) + "".join(where)
    if now_us < grant.from_us:
        return f"is {held} only from {iso(grant.from_us)} on"
    if grant.until_us <= now_us:
        return f"was {held} only until {iso(grant.until_us)}"
    return f"is {held}"


def _granters(row: Row) -> str:
    """Who can grant a role that the row asks for."""
    granters = (granter for role in row.may for granter in table()[f"role.grant {role}"].may)
    return " or ".join(dict.fromkeys(f"the {_title(granter)}" for granter in granters))


def _title(role: Role) -> str:
    return role.replace("_", " ")
