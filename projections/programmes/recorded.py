"""Figures that people recorded, as known at a position: the latest, or the sum of some months.

What is recorded for the whole organisation goes before what is recorded for its locations, whose
figures are added (domain.md §8.3: people, each once [P]). A figure for one class or type goes
before one that names none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from projections.programmes.holder import Figure, Holder, months_before, months_between

_SQL = """
SELECT metric, organisation, location, tenant_class, type, on_day, value, max(position)
FROM figures
WHERE programme = :programme AND position <= :known
  AND (:organisation = '' OR organisation = :organisation)
GROUP BY metric, organisation, location, tenant_class, type, on_day
ORDER BY on_day
"""


class Told(NamedTuple):
    """One recorded value: as of which day, how much."""

    on: date
    value: Decimal


class _Key(NamedTuple):
    metric: str
    organisation: str
    location: str
    tenant_class: str
    type: str


@dataclass(frozen=True)
class Wanted:
    """A figure that is looked for: of a metric, in a class, of a type (``""``: of none)."""

    metric: str
    tenant_class: str
    type: str


class Recorded:
    """Everything recorded for a programme, of one partner or of all, as known at a position."""

    def __init__(
        self, views: sqlite3.Connection, programme: str, known: int, holder: Holder | None
    ) -> None:
        organisation = _organisation(views, holder)
        values = {"programme": programme, "known": known, "organisation": organisation or ""}
        self._by_location = holder is not None and holder.scope == "location"
        self._told: dict[str, dict[_Key, list[Told]]] = {}
        for *names, on, value, _ in views.execute(_SQL, values):
            if value is not None:
                key = _Key(*names)
                whose = key.location if self._by_location else key.organisation
                told = self._told.setdefault(whose, {}).setdefault(key, [])
                told.append(Told(date.fromisoformat(on), Decimal(value)))

    def holders(self) -> Collection[str]:
        """Whoever has a figure: organisations, or locations where one is asked for."""
        return self._told.keys()

    def snapshot(self, holder: str, wanted: Wanted, month: date) -> dict[str, Told] | None:
        """The latest values by whose they are (a location, or ``""``), up to a month's end.

        None where nothing is recorded.
        """
        series = self._series(holder, wanted)
        end = months_before(month, -1)
        latest = {whose: _latest(told, end) for whose, told in series.items()}
        found = {whose: told for whose, told in latest.items() if told is not None}
        if "" in found:
            return {"": found[""]}
        return found or None

    def flow(
        self, holder: str, wanted: Wanted, month: date, months: int
    ) -> dict[str, Decimal] | None:
        """The sums of some months by whose they are; None where nothing is recorded in them."""
        first, end = months_before(month, months - 1), months_before(month, -1)
        series = self._series(holder, wanted)
        sums = {
            whose: sum((one.value for one in mine), Decimal(0))
            for whose, told in series.items()
            if (mine := [one for one in told if first <= one.on < end])
        }
        if "" in sums:
            return {"": sums[""]}
        return sums or None

    def reached_months(
        self, holder: str, wanted: Wanted, month: date, least: Decimal, whose: Iterable[str]
    ) -> int | None:
        """How many months ago the sum came to ``least`` and stayed; None if it has not."""
        series = self._series(holder, wanted)
        ends = months_before(month, -1)
        days = sorted({one.on for name in whose for one in series.get(name, ()) if one.on < ends})
        since: date | None = None
        for day in days:
            there = [_until(series[name], day) for name in whose]
            enough = sum((one.value for one in there if one), Decimal(0)) >= least
            since = (since or day) if enough else None
        return None if since is None else months_between(since, month)

    def _series(self, holder: str, wanted: Wanted) -> dict[str, list[Told]]:
        """Values in order of day, by whose they are; the narrowest figure that is there."""
        found: dict[str, tuple[int, list[Told]]] = {}
        for key, told in self._told.get(holder, {}).items():
            if key.metric != wanted.metric:
                continue
            if key.tenant_class not in ("", wanted.tenant_class):
                continue
            if key.type not in ("", wanted.type):
                continue
            narrow = bool(key.tenant_class) + bool(key.type)
            whose = "" if self._by_location else key.location
            if whose not in found or found[whose][0] < narrow:
                found[whose] = (narrow, told)
        return {whose: told for whose, (_, told) in found.items()}


def _organisation(views: sqlite3.Connection, holder: Holder | None) -> str | None:
    if holder is None or holder.scope == "organisation":
        return holder and holder.id
    sql = "SELECT organisation FROM locations WHERE location = ?"
    found = views.execute(sql, (holder.id,)).fetchone()
    return found[0] if found else holder.id


def _latest(told: list[Told], end: date) -> Told | None:
    return max((one for one in told if one.on < end), default=None)


def _until(told: list[Told], day: date) -> Told | None:
    return max((one for one in told if one.on <= day), default=None)


def figure(told: dict[str, Told]) -> Figure:
    """The sum of values, by whom they are of."""
    return Figure(
        sum((one.value for one in told.values()), Decimal(0)),
        tenants={name: one.value for name, one in told.items() if name},
        origin="recorded",
    )
