"""Holdings with what each counts for: the recognition of whoever holds, on a date, as known."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date

from projections.filters import Row
from projections.recognition.counting import Standing, verdicts

_WORKLOAD_SLOT = "cpor:m365:"
_WORKLOAD_PRODUCT, _ROLE_PRODUCT = "m365", "azure"


def recognised(views: sqlite3.Connection, held: Iterable[Row], on: date) -> Iterator[Row]:
    """The holdings, each with ``verdicts``: what it counts for on the day, and why where not.

    ``held`` are rows of the holdings view as known at one position. A holding that no area of the
    table is about has none. Whether CPOR stands beside a DPOR is asked of the view at that
    position and instant, so rows carry these, too: ``known_position``, ``effective_us``.
    """
    for row in held:
        standing = Standing(
            row["kind"],
            _product(views, row),
            row["activity"],
            row["workload"] if row["slot"].startswith(_WORKLOAD_SLOT) else None,
            measured=row["kind"] != "PAL" or row["role"] is not None,
        )
        beside = _beside(views, row) if row["subscription"] else ()
        yield {
            **row,
            "verdicts": [
                {
                    "area": found.area.id,
                    "title": found.area.title,
                    "measures": list(found.area.measures),
                    "combine": found.area.combine,
                    "counts": found.counts,
                    "reason": str(found.reason),
                    "source": f"domain.md {found.area.source}",
                }
                for found in verdicts(standing, on, beside)
            ],
        }


def _product(views: sqlite3.Connection, row: Row) -> str:
    if row["slot"].startswith(_WORKLOAD_SLOT):
        return _WORKLOAD_PRODUCT
    if row["kind"] == "PAL":
        return _ROLE_PRODUCT
    found = views.execute(
        "SELECT product FROM subscriptions WHERE subscription = ?", (row["subscription"],)
    ).fetchone()
    return found[0] if found else ""


def _beside(views: sqlite3.Connection, row: Row) -> frozenset[str]:
    found = views.execute(
        "SELECT DISTINCT kind FROM holdings WHERE subscription = ? AND slot <> ?"
        " AND known_from <= ? AND known_to > ? AND effective_from <= ? AND effective_to > ?",
        (
            row["subscription"],
            row["slot"],
            *(row["known_position"],) * 2,
            *(row["effective_us"],) * 2,
        ),
    )
    return frozenset(kind for (kind,) in found)
