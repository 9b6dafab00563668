"""Why a partner admin link measures, or what it lacks: a pure function (domain.md §6.2, §10.7)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from ledger.rules import azure_roles
from projections.pal_facts import Assignment, Link
from schemas.time import from_us, iso


class Case(NamedTuple):
    """What is known of an identity in a tenant at ``at_us``, microseconds UTC.

    ``state`` and ``since_us`` tell whether it can sign in; ``registered`` and ``location_known``
    whether identity and linked location exist. Links are those that stand, roles those given then.
    """

    identity: str
    tenant: str
    at_us: int
    registered: bool
    state: str
    since_us: int
    home: str | None
    here: Link | None
    at_home: Link | None
    location_known: bool
    roles: Sequence[Assignment]


class Why(NamedTuple):
    """The verdict: a code of ``pal_reasons.toml``, its sentence and what to do next."""

    code: str
    says: str
    next: str

    @property
    def measures(self) -> bool:
        """Whether the link measures for some programme."""
        return self.code == "measures"


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """``pal_reasons.toml``."""
    return tomllib.loads(files("projections").joinpath("pal_reasons.toml").read_text("utf-8"))


def measured(case: Case) -> list[Assignment]:
    """The roles of a case that some standing link measures."""
    return [role for role in case.roles if _link_for(case, role)]


def _link_for(case: Case, role: Assignment) -> Link | None:
    delegated = role.delegated and case.home != case.tenant
    return case.at_home if delegated else case.here


def why(case: Case) -> Why:
    """The verdict on a case."""
    code = _code(case)
    link = case.here or case.at_home
    values = {
        "identity": case.identity,
        "tenant": case.tenant,
        "home": case.home,
        "since": iso(case.since_us),
        "location": link and link.partner,
        "roles": ", ".join(sorted({role.role for role in case.roles})),
    }
    row = table()[code]
    return Why(code, row["says"].format(**values), row["next"].format(**values))


def _code(case: Case) -> str:
    if not case.registered:
        return "unknown_identity"
    if case.state != "active":
        return case.state
    counted = measured(case)
    if not counted and (case.here is None or case.roles):
        return _missing_link(case)
    if not case.location_known:
        return "no_record"
    if not counted:
        return "no_role"
    on = _day(case.at_us)
    counts = any(azure_roles.counting_for(role.role, on) for role in counted)
    return "measures" if counts else "role_does_not_count"


def _missing_link(case: Case) -> str:
    """Which link is missing, where no link measures any role."""
    if case.roles and all(role.delegated for role in case.roles):
        return "linked_elsewhere"
    if case.at_home is not None and case.here is None:
        return "not_delegated" if case.roles else "no_role"
    return "not_linked"


def _day(at_us: int) -> date:
    return from_us(at_us).date()
