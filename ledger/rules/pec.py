"""Partner earned credit: who earns it, on which whole days, for what (domain.md §6.3, §13.17).

Pure functions of accesses over time. Access is held by an Azure role of the PEC list or on behalf
of (AOBO, which gives Owner); ending GDAP takes neither away, removing the role does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from ledger.rules import azure_roles
from ledger.rules.azure_scope import Access, Placement, roles_on
from schemas.time import to_us

DAY_US = 86_400_000_000
_PROGRAMME = "PEC"


@cache
def table() -> Mapping[str, Any]:
    """``pec.toml``."""
    return tomllib.loads(files("ledger.rules").joinpath("pec.toml").read_text("utf-8"))


class Sale(NamedTuple):
    """Who sold a subscription, through which channel."""

    channel: str
    transacting_partner: str | None
    indirect_reseller: str | None = None


def excluded(what: str) -> str | None:
    """Why a kind of charge (``reservation``, ``spot`` …) earns no credit; None when it may."""
    found: str | None = table()["excluded"].get(what)
    return found


def charges() -> tuple[str, ...]:
    """Every kind of charge that the table tells of, consumption first."""
    return ("consumption", *table()["excluded"])


def earner(sale: Sale, with_access: Iterable[str]) -> str | None:
    """The partner that earns, given all partners that have access; None when nobody does.

    >>> earner(Sale("csp_indirect", "1", "2"), {"2"}), earner(Sale("csp_indirect", "1", "2"), {"3"})
    ('1', None)
    """
    rule = table()["earner"].get(sale.channel)
    if rule is None:
        return None
    having = set(with_access)
    access = {getattr(sale, who) for who in rule["access_of"]} & having
    earns: str | None = getattr(sale, rule["earns"])
    return earns if access else None


def days_held(
    accesses: Iterable[Access],
    scope: str,
    first: date,
    last: date,
    *,
    placements: Iterable[Placement] = (),
    root: str = "",
) -> Mapping[str, tuple[date, ...]]:
    """For each ``who``, the days from ``first`` to ``last`` that it held access on the scope.

    A day counts when some role of the PEC list reached the scope at every instant of the day, from
    00:00 to 24:00 UTC; one role may take over from another without a gap.
    """
    every, placed = list(accesses), list(placements)
    found: dict[str, list[date]] = {}
    for day in _days(first, last):
        for who in _holding_all(every, scope, day, placed, root):
            found.setdefault(who, []).append(day)
    return {who: tuple(days) for who, days in found.items()}


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _holding_all(
    accesses: list[Access], scope: str, day: date, placements: list[Placement], root: str
) -> set[str]:
    """Who has access in every part of the day, between the instants at which anything changes."""
    start_us = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
    end_us = start_us + DAY_US
    eligible = [one for one in accesses if azure_roles.counts(one.role, _PROGRAMME, day)]
    turns = {start_us}
    turns |= {us for one in eligible for us in (one.from_us, one.until_us)}
    turns |= {one.at_us for one in placements}
    holding: set[str] | None = None
    for at_us in sorted(us for us in turns if start_us <= us < end_us):
        reaching = roles_on(eligible, scope, at_us, placements=placements, root=root)
        now = {one.who for one in reaching}
        holding = now if holding is None else holding & now
    return holding or set()
