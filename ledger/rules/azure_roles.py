"""Which Azure roles count in which programme, on a date; how reports name them (domain.md §6.2)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Verdict(StrEnum):
    """What a programme's list says of a role."""

    COUNTS = "counts"
    COUNTS_NOT = "counts not"
    NOT_LISTED = "not listed"


class RoleList(NamedTuple):
    """The roles that count in a programme, and those that do not, from a date on.

    Roles are kept in lower case: Azure's own spellings of them vary.
    """

    programme: str
    since: date
    counts: frozenset[str]
    counts_not: frozenset[str]
    source: str

    def says(self, role: str) -> Verdict:
        """What the list says of a role."""
        if role.lower() in self.counts:
            return Verdict.COUNTS
        return Verdict.COUNTS_NOT if role.lower() in self.counts_not else Verdict.NOT_LISTED


class Reported(NamedTuple):
    """The name under which reports show some roles from a date on."""

    since: date
    name: str
    roles: frozenset[str]
    source: str


class Table(NamedTuple):
    """``azure_roles.toml``."""

    lists: tuple[RoleList, ...]
    reported: tuple[Reported, ...]


@cache
def table() -> Table:
    """Every list, in the order of the file."""
    text = files("ledger.rules").joinpath("azure_roles.toml").read_text("utf-8")
    found = tomllib.loads(text)
    lists = tuple(
        RoleList(
            each["programme"],
            each["from"],
            _lower(each["counts"]),
            _lower(each["counts_not"]),
            each["source"],
        )
        for each in found["list"]
    )
    reported = tuple(
        Reported(each["from"], each["name"], _lower(each["roles"]), each["source"])
        for each in found["reported"]
    )
    return Table(lists, reported)


def _lower(roles: Iterable[str]) -> frozenset[str]:
    return frozenset(role.lower() for role in roles)


def programmes() -> tuple[str, ...]:
    """Every programme that has a list."""
    return tuple(dict.fromkeys(each.programme for each in table().lists))


def list_of(programme: str, on: date) -> RoleList | None:
    """The list of a programme that is in force on a date; None before its first."""
    past = [one for one in table().lists if one.programme == programme and one.since <= on]
    return max(past, key=lambda one: one.since, default=None)


def counts(role: str, programme: str, on: date) -> bool:
    """Whether a role counts in a programme on a date.

    >>> counts("Owner", "MCI", date(2023, 7, 1)), counts("Reader", "MCI", date(2023, 7, 1))
    (True, False)
    """
    found = list_of(programme, on)
    return found is not None and found.says(role) is Verdict.COUNTS


def counting_for(role: str, on: date) -> tuple[str, ...]:
    """The programmes in which a role counts on a date."""
    return tuple(programme for programme in programmes() if counts(role, programme, on))


def reported_as(role: str, on: date) -> str:
    """How the transaction history names a link with a role on a date (domain.md §14.15).

    >>> reported_as("Owner", date(2023, 7, 1)), reported_as("Reader", date(2023, 7, 1))
    ('PAL.Contributor', 'PAL.Reader')
    """
    for one in table().reported:
        if one.since <= on and role.lower() in one.roles:
            return one.name
    return f"PAL.{role}"
