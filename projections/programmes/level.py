"""The level of a partner under a programme: points, what counts, the window and the enrolment."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ledger.rules.programmes.programme import Programme
from projections.access_queries import competencies
from projections.filters import Row
from projections.growth.engine import AnalyticsEngine
from projections.programmes.facts import last_us
from projections.programmes.holder import Holder, months_before
from projections.programmes.measures import Measured, measuring
from projections.programmes.next_level import NextLevel, next_level
from projections.programmes.score import ClassScore, Memo, Score, score_measured
from schemas.time import from_us


class Standing(NamedTuple):
    """The enrolment that belongs to a programme, as it stood at the end of the month.

    It lasts to the anniversary whatever the score (domain.md §13.7); ``renewal_from`` is the first
    month of the window in which it can be renewed [P].
    """

    competency: str
    state: str
    level: str | None
    attained: date | None
    anniversary: date | None
    renewal_from: date | None


class InMonth(NamedTuple):
    """What a score was in one month of the window."""

    month: date
    score: Score

    @property
    def better(self) -> ClassScore:
        """The class that counts."""
        return self.score.better


@dataclass(frozen=True)
class PartnerLevel:
    """A partner's level in a month, with all that decided; the same for ever at its position."""

    programme: Programme
    holder: Holder
    month: date
    measured: Measured
    window: tuple[InMonth, ...]
    standing: Standing | None

    @property
    def score(self) -> Score:
        """The score of the month itself."""
        return self.window[-1].score

    @property
    def next(self) -> NextLevel | None:
        """What is needed for the next level in the class that counts."""
        return next_level(self.programme, self.score.better)

    @property
    def attained_in(self) -> InMonth | None:
        """The best month of the window that reaches a level; the latest of equals (§8.3)."""
        levels = [one.id for one in self.programme.qualify.levels]
        reached = [one for one in self.window if one.better.level is not None]
        return max(reached, key=lambda one: (_place(levels, one), one.month), default=None)


def _place(levels: list[str], one: InMonth) -> int:
    assert one.better.level is not None, "only months that reach one"
    return levels.index(one.better.level.id)


def partner_level(
    engine: AnalyticsEngine,
    views: sqlite3.Connection,
    programme: Programme,
    name: str,
    holder: Holder,
    month: date,
    position: int,
) -> PartnerLevel:
    """The level of ``holder`` in ``month`` (its first day), as known at ``position``.

    ``name`` is what the programme is asked for by, under which figures are recorded.
    """
    months = programme.qualify.window_months
    asks = measuring(engine, views, programme, name, position, holder, margin=months - 1)
    window, measured = [], None
    for n in range(months):
        found = asks.month(months_before(month, n))
        measured = measured or found
        scored = score_measured(programme, found, holder.id)
        window.append(InMonth(found.month, scored))
    assert measured is not None, "a window has a month"
    return PartnerLevel(
        programme,
        holder,
        month,
        measured,
        tuple(reversed(window)),
        _standing(views, programme, holder, month, position),
    )


class Ranked(NamedTuple):
    """A partner's place: its score and the level of the class that counts."""

    organisation: str
    score: Score


def ranking(
    engine: AnalyticsEngine,
    views: sqlite3.Connection,
    programme: Programme,
    name: str,
    month: date,
    position: int,
) -> list[Ranked]:
    """Every organisation that could have a figure, by level and points, the best first; by id."""
    asks = measuring(engine, views, programme, name, position)
    measured = asks.month(month)
    levels = [one.id for one in programme.qualify.levels]
    memo: Memo = {}
    scored = (
        Ranked(holder, score_measured(programme, measured, holder, memo))
        for holder in sorted(asks.holders())
    )
    return sorted(scored, key=lambda one: _order(levels, one))


def _order(levels: list[str], one: Ranked) -> tuple[int, Decimal]:
    best = one.score.better
    return (-levels.index(best.level.id) if best.level else 1, -best.points)


def _standing(
    views: sqlite3.Connection, programme: Programme, holder: Holder, month: date, position: int
) -> Standing | None:
    if programme.competency is None:
        return None
    organisation = holder.id if holder.scope == "organisation" else _employer(views, holder.id)
    rows = competencies(
        views,
        at_us=last_us(month),
        known=position,
        organisation=organisation,
        competency=programme.competency,
    )
    return next(_told(programme, row) for row in rows) if rows else None


def _told(programme: Programme, row: Row) -> Standing:
    due = _day(row["anniversary_us"])
    window = programme.qualify.window_months
    renewal = months_before(due, window) if due else None
    return Standing(
        str(row["competency"]),
        str(row["state"]),
        (row["level"] and str(row["level"])) or None,
        _day(row["attained_us"]),
        due,
        renewal,
    )


def _employer(views: sqlite3.Connection, location: str) -> str:
    sql = "SELECT organisation FROM locations WHERE location = ?"
    found = views.execute(sql, (location,)).fetchone()
    return found[0] if found else ""


def _day(instant_us: object) -> date | None:
    return from_us(instant_us).date() if isinstance(instant_us, int) else None
