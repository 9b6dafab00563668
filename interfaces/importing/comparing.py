"""Our holdings beside what a file states: where the two differ, association by association."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from interfaces.importing.locations import at_locations
from interfaces.importing.stated import Stated, Told
from ledger.rules import kinds
from projections.holder_queries import holders, pages
from schemas.time import from_us, to_us

Row = dict[str, Any]


def compared(told: Told, views: sqlite3.Connection, known: int) -> Iterator[Row]:
    """Every difference, in order of kind, tenant and place.

    ``theirs_only``: the file states it and we hold nothing there; ``ours_only``: we hold it and the
    file, which speaks of that kind and customer, does not; ``other_partner``: both hold, but not by
    the same; ``other_date``: since another day, where the file says since when. Ours is what holds
    at the end of the file's newest month, as known at ``known``.
    """
    if told.month is None:
        return
    at_us = _end_us(told)
    theirs = _theirs(at_locations(told, views))
    spoken = {(kind, tenant) for kind, tenant, _ in theirs}
    ours = _ours(views, at_us, known, spoken)
    for place in sorted({*theirs, *ours}):
        mine, said = ours.get(place, {}), theirs.get(place, {})
        if len(mine) == len(said) == 1 and mine.keys() != said.keys():
            (row,), (stated,) = mine.values(), said.values()
            yield _row("other_partner", place, row, stated)
            continue
        for partner in sorted({*mine, *said}):
            ours_one, said_one = mine.get(partner), said.get(partner)
            if ours_one is None:
                yield _row("theirs_only", place, None, said_one)
            elif said_one is None:
                yield _row("ours_only", place, ours_one, None)
            elif said_one.since_said and _since(ours_one) != said_one.since:
                yield _row("other_date", place, ours_one, said_one)


Place = tuple[str, str, str]
"""A kind, a tenant, and the subscription or workload."""


def _theirs(told: Told) -> dict[Place, dict[str, Stated]]:
    found: dict[Place, dict[str, Stated]] = {}
    for one in told.stated:
        family = _family(one.kind)
        # A TPOR stands on an agreement, whatever subscription the row is about.
        on = "" if family == "TPOR" else one.subscription or one.workload
        place = (family, one.tenant, on)
        found.setdefault(place, {})[one.partner] = one
    return found


def _ours(
    views: sqlite3.Connection, at_us: int, known: int, spoken: set[tuple[str, str]]
) -> dict[Place, dict[str, Row]]:
    found: dict[Place, dict[str, Row]] = {}
    for kind in sorted({kind for kind, _ in spoken}):
        for row in pages(views, holders, {"effective_us": at_us, "known": known, "kind": kind}):
            if (kind, row["tenant"]) in spoken:
                place = (kind, row["tenant"], row["subscription"] or row["workload"] or "")
                found.setdefault(place, {})[row["partner"]] = row
    return found


def _since(row: Row) -> date:
    return from_us(row["effective_from"]).date()


def _family(text: str) -> str:
    found = kinds.kind(text)
    return (found.label_of or found.kind) if found else text


def _end_us(told: Told) -> int:
    """The last microsecond of the file's newest month."""
    assert told.month is not None, "a file that states something has a month"
    following = (told.month + timedelta(days=32)).replace(day=1)
    return to_us(datetime.combine(following, time(), UTC)) - 1


def _row(difference: str, place: Place, ours: Row | None, theirs: Stated | None) -> Row:
    kind, tenant, on = place
    return {
        "difference": difference,
        "kind": kind,
        "tenant": tenant,
        "on": on,
        "ours": ours and ours["partner"],
        "our_claim": ours and ours["claim"],
        "our_since": ours and _since(ours).isoformat(),
        "theirs": theirs and theirs.partner,
        "their_claim": (theirs and theirs.claim) or None,
        "their_since": theirs.since.isoformat() if theirs and theirs.since_said else None,
        "line": theirs and theirs.line,
        "because": ours and ours["because"],
    }
