"""Fold of what partners need before they earn: enrolments, competencies, agreements (§2)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from projections.awaited import About, Awaited
from projections.filters import Row, one
from projections.record import Record
from schemas.time import from_iso

_PROFILES = ("payout", "tax")


class Access:
    """The tables of ``access.sql``; each event is written at once, as there are few."""

    def __init__(self, views: sqlite3.Connection) -> None:
        self._views = views
        self._awaited = Awaited(views)

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        enrolments = dict.fromkeys(_ENROLMENTS, self._enrolment)
        competencies = dict.fromkeys(_COMPETENCIES, self._competency)
        return {
            **enrolments,
            **competencies,
            "location.deleted.v1": self._location_deleted,
            "partner_agreement.signed.v1": self._agreement,
            "partner_agreement.ended.v1": self._agreement,
        }

    def _enrolment(self, record: Record) -> None:
        data = record.data
        sql = (
            "SELECT * FROM enrolment_steps WHERE location = ? AND programme = ?"
            " ORDER BY position DESC LIMIT 1"
        )
        before = one(self._views, sql, data["location"], data["programme"]) or _NEVER
        profiles = _profiles(before, record)
        completed = data.get("completed") or {}
        state = _ENROLMENTS[record.type] or _standing(profiles)
        running = state in _BEGUN
        term = completed.get("term_ends") or data.get("term_ends")
        promised = data.get("validation_due")
        row = (
            record.position,
            data["programme"],
            data["location"],
            data["organisation"],
            record.type,
            state,
            record.effective_at_us,
            *(" ".join(sorted(profiles[name])) for name in ("submitted", "validated", "rejected")),
            completed.get("earns_from") or (before["earns_from"] if running else None),
            from_iso(term) if term else (before["term_ends_us"] if running else None),
            from_iso(promised) if promised else None,
            data.get("reason"),
        )
        marks = ", ".join("?" * len(row))
        self._views.execute(f"INSERT INTO enrolment_steps VALUES ({marks})", row)
        self._await_enrolment(record, state, row[11], profiles["submitted"])

    def _location_deleted(self, record: Record) -> None:
        """Its enrolments end for good with it (domain.md §7.5)."""
        for programme in record.data.get("enrolments") or ():
            said = {**record.data, "programme": programme, "reason": _DELETED}
            self._enrolment(record._replace(data=said))

    def _await_enrolment(
        self, record: Record, state: str, term_us: int | None, submitted: set[str]
    ) -> None:
        """The end of its term, and while a profile waits the day promised for its validation."""
        data = record.data
        about = About(
            key=f"enrolment:{data['programme']}:{data['location']}",
            about=data["programme"],
            partner=data["location"],
            organisation=data["organisation"],
            state=state,
        )
        promised, validation_us = data.get("validation_due"), None
        if submitted and state in _BEGUN:
            before_us = self._awaited.standing(about.key).get("validation")
            validation_us = from_iso(promised) if promised else before_us
        wanted = {"enrolment_term": term_us, "validation": validation_us}
        self._awaited.only(record, about, wanted)

    def _competency(self, record: Record) -> None:
        data = record.data
        sql = (
            "SELECT * FROM competency_steps WHERE organisation = ? AND competency = ?"
            " ORDER BY position DESC LIMIT 1"
        )
        before = one(self._views, sql, data["organisation"], data["competency"]) or _NEVER
        anniversary = data.get("anniversary")
        attained = record.type == "competency.attained.v1"
        row = (
            record.position,
            data["organisation"],
            data["competency"],
            record.type,
            _COMPETENCIES[record.type],
            data.get("level") or before["level"],
            record.effective_at_us,
            record.effective_at_us if attained else before["attained_us"],
            from_iso(anniversary) if anniversary else before["anniversary_us"],
            data.get("reason"),
        )
        marks = ", ".join("?" * len(row))
        self._views.execute(f"INSERT INTO competency_steps VALUES ({marks})", row)
        about = About(
            key=f"competency:{data['organisation']}:{data['competency']}",
            about=data["competency"],
            organisation=data["organisation"],
            state=row[4],
        )
        self._awaited.only(record, about, {"anniversary": row[8] if row[4] in _HELD else None})

    def _agreement(self, record: Record) -> None:
        signed = record.type == "partner_agreement.signed.v1"
        data = record.data
        row = (record.position, data["organisation"], data["agreement"], signed)
        self._views.execute(
            "INSERT INTO partner_agreements VALUES (?, ?, ?, ?, ?)", (*row, record.effective_at_us)
        )


_NEVER: Row = dict.fromkeys(
    (
        *("submitted", "validated", "rejected", "earns_from", "term_ends_us"),
        *("level", "attained_us", "anniversary_us"),
    )
)

_DELETED = "The location was deleted."

_ENROLMENTS: dict[str, str | None] = {
    "enrolment.invited.v1": "invited",
    "enrolment.started.v1": None,
    "enrolment.profiles_submitted.v1": None,
    "enrolment.profiles_validated.v1": None,
    "enrolment.profiles_rejected.v1": None,
    "enrolment.made_ineligible.v1": "ineligible",
    "enrolment.left.v1": "inactive",
    "enrolment.discontinued.v1": "discontinued",
    "enrolment.rolled_forward.v1": "enrolled",
    "enrolment.lapsed.v1": "inactive",
    "location.deleted.v1": "discontinued",
}
"""The state after each event; None where the profiles decide."""

_BEGUN = ("enrolling", "validating_enrolment", "action_required", "enrolled")

_COMPETENCIES = {
    "competency.started.v1": "started",
    "competency.qualified.v1": "qualified",
    "competency.attained.v1": "active",
    "competency.renewed.v1": "active",
    "competency.at_risk.v1": "at_risk",
    "competency.expired.v1": "expired",
}

_HELD = ("active", "at_risk")

_MOVES = {
    "enrolment.profiles_submitted.v1": "submitted",
    "enrolment.profiles_validated.v1": "validated",
    "enrolment.profiles_rejected.v1": "rejected",
}


def _profiles(before: Row, record: Record) -> dict[str, set[str]]:
    """Where each profile stands after the event: it is in one place at most."""
    found = {
        name: set((before[name] or "").split()) for name in ("submitted", "validated", "rejected")
    }
    place = _MOVES.get(record.type)
    if place:
        moved: set[Any] = set(record.data["profiles"])
        for name, profiles in found.items():
            found[name] = profiles | moved if name == place else profiles - moved
    return found


def _standing(profiles: dict[str, set[str]]) -> str:
    if profiles["rejected"]:
        return "action_required"
    if profiles["validated"] == set(_PROFILES):
        return "enrolled"
    given = profiles["submitted"] | profiles["validated"] == set(_PROFILES)
    return "validating_enrolment" if given else "enrolling"
