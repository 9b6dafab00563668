"""What an incentive programme asks of a partner, and whether that is met on a date (§2, §8.4)."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from ledger.rules import competencies as table
from ledger.rules.incentives import Incentive, Need
from projections import access_queries, party_queries
from projections.filters import Row

HELD = ("active", "at_risk")
"""States of a competency in which the organisation has it: at risk it lasts to its anniversary."""


class Asked(NamedTuple):
    """Of whom and when it is asked; ``location`` is None for the organisation as a whole."""

    organisation: str
    location: str | None
    at_us: int
    known: int


def prerequisites(
    views: sqlite3.Connection, programme: str, rules: Incentive, asked: Asked
) -> list[Row]:
    """One row for each thing the programme asks for.

    ``met`` is None where the sources do not publish what is asked. ``reason`` is the code of §8.4
    where it is not met; ``workloads`` are those it is asked for, empty for every claim.
    """
    return [_row(views, programme, need, asked) for need in rules.needs]


def _row(views: sqlite3.Connection, programme: str, need: Need, asked: Asked) -> Row:
    met, found = _FINDERS[need.what](views, programme, need, asked)
    return {
        "need": need.what,
        "asked": _asked(need, programme),
        "workloads": list(need.workloads),
        "met": met,
        "found": found,
        "reason": need.reason if met is False else None,
        "source": need.source,
    }


def _asked(need: Need, programme: str) -> str:
    if need.what == "enrolment":
        return f"enrolled in {programme}"
    if need.what == "country":
        return ", ".join(need.countries) if need.countries else "not published"
    least = f", {need.least} or higher" if need.least else ""
    return " or ".join(need.any_of) + least


Found = tuple[bool | None, str]


def _enrolment(views: sqlite3.Connection, programme: str, _: Need, asked: Asked) -> Found:
    whose = {"location": asked.location} if asked.location else {"organisation": asked.organisation}
    found = access_queries.enrolments(
        views, at_us=asked.at_us, known=asked.known, programme=programme, **whose
    )
    states = [f"{row['location']} {row['state'].replace('_', ' ')}" for row in found]
    met = any(row["state"] == "enrolled" for row in found)
    return met, ", ".join(states) or "never invited"


def _competency(views: sqlite3.Connection, _: str, need: Need, asked: Asked) -> Found:
    told, met = [], False
    for name in need.any_of:
        rows = access_queries.competencies(
            views,
            at_us=asked.at_us,
            known=asked.known,
            organisation=asked.organisation,
            competency=name,
        )
        for row in rows:
            level = f" {row['level']}" if row["level"] else ""
            told.append(f"{name}{level} {row['state'].replace('_', ' ')}")
            reaches = bool(row["level"]) and table.table()[name].reaches(row["level"], need.least)
            met = met or (row["state"] in HELD and reaches)
    return met, ", ".join(told) or "none"


def _agreement(views: sqlite3.Connection, _: str, need: Need, asked: Asked) -> Found:
    for name in need.any_of:
        signed, _since = access_queries.partner_agreement(
            views, asked.organisation, name, at_us=asked.at_us, known=asked.known
        )
        if signed:
            return True, f"{name} signed"
    return False, "unsigned"


def _country(views: sqlite3.Connection, _: str, need: Need, asked: Asked) -> Found:
    """The partner's country is that of the global parent organisation (domain.md §13.12)."""
    found = party_queries.organisation(views, asked.organisation)
    country = found["country"] if found else ""
    return (country in need.countries if need.countries is not None else None), country


_FINDERS = {
    "enrolment": _enrolment,
    "competency": _competency,
    "agreement": _agreement,
    "country": _country,
}
