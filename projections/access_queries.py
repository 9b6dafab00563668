"""What partners need before they earn: enrolments, competencies, and what is met on a date."""

from __future__ import annotations

import sqlite3

from projections.filters import Row, one, rows, where

_MOST = 10_000


def enrolments(
    views: sqlite3.Connection,
    *,
    at_us: int,
    known: int,
    location: str | None = None,
    organisation: str | None = None,
    programme: str | None = None,
) -> list[Row]:
    """Each enrolment as it stood at an instant, as known at a position, by programme and location.

    A term that ended before the instant is told as it goes on by itself: rolled forward while all
    is complete, else inactive, whether or not the clock has recorded that.
    """
    conditions, values = where(
        {
            "location = ?": location,
            "organisation = ?": organisation,
            "programme = ?": programme,
            "position <= ?": known,
            "effective_us <= ?": at_us,
        }
    )
    sql = (
        "SELECT *, max(position) AS latest FROM enrolment_steps"
        f"{conditions} GROUP BY programme, location ORDER BY programme, location LIMIT ?"
    )
    return [_at(row, at_us) for row in rows(views, sql, [*values, _MOST])]


def _at(row: Row, at_us: int) -> Row:
    told = {name: value for name, value in row.items() if name not in ("latest", "step")}
    ends_us = row["term_ends_us"]
    over = ends_us is not None and ends_us <= at_us
    if over and row["state"] != "enrolled":
        told |= {"state": "inactive", "effective_us": ends_us, "term_ends_us": None}
    elif over:
        told["term_ends_us"] = None  # a later one, by itself
    told["missing"] = _missing(told)
    return told


def _missing(row: Row) -> str:
    if row["state"] not in ("enrolling", "validating_enrolment", "action_required"):
        return ""
    waiting = [f"{name} profile to validate" for name in row["submitted"].split()]
    wrong = [f"{name} profile to mend" for name in row["rejected"].split()]
    there = f"{row['submitted']} {row['rejected']} {row['validated']}".split()
    absent = [f"{name} profile" for name in ("payout", "tax") if name not in there]
    return ", ".join([*absent, *wrong, *waiting])


def competencies(
    views: sqlite3.Connection,
    *,
    at_us: int,
    known: int,
    organisation: str | None = None,
    competency: str | None = None,
) -> list[Row]:
    """Each competency as it stood at an instant, as known at a position.

    One whose anniversary had come is expired, whether or not the clock has recorded that.
    """
    conditions, values = where(
        {
            "organisation = ?": organisation,
            "competency = ?": competency,
            "position <= ?": known,
            "effective_us <= ?": at_us,
        }
    )
    sql = (
        "SELECT *, max(position) AS latest FROM competency_steps"
        f"{conditions} GROUP BY organisation, competency ORDER BY organisation, competency LIMIT ?"
    )
    found = rows(views, sql, [*values, _MOST])
    return [_expired(row, at_us) for row in found]


def _expired(row: Row, at_us: int) -> Row:
    told = {name: value for name, value in row.items() if name not in ("latest", "step")}
    due_us = row["anniversary_us"]
    if row["state"] in ("active", "at_risk") and due_us <= at_us:
        told |= {"state": "expired", "effective_us": due_us}
    return told


def partner_agreement(
    views: sqlite3.Connection, organisation: str, agreement: str, *, at_us: int, known: int
) -> tuple[bool, int | None]:
    """Whether the organisation's agreement is in force at an instant, and since when it is so."""
    sql = (
        "SELECT signed, effective_us FROM partner_agreements WHERE organisation = ? AND"
        " agreement = ? AND position <= ? AND effective_us <= ? ORDER BY position DESC LIMIT 1"
    )
    found = one(views, sql, organisation, agreement, known, at_us)
    return (bool(found["signed"]), found["effective_us"]) if found else (False, None)
