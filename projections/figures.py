"""Fold of figures that people record for programmes (domain.md §8): each row as it was told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from projections.record import Record


class Figures:
    """The table of ``figures.sql``; each event is written at once, as there are few."""

    def __init__(self, views: sqlite3.Connection) -> None:
        self._views = views

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {"metric.recorded.v1": self._told, "metric.withdrawn.v1": self._told}

    def _told(self, record: Record) -> None:
        data = record.data
        row = (
            record.position,
            data["programme"],
            data["metric"],
            data["organisation"],
            data.get("location") or "",
            data.get("tenant_class") or "",
            data.get("type") or "",
            data["on"],
            data.get("value"),
            data.get("source") or data["reason"],
        )
        marks = ", ".join("?" * len(row))
        self._views.execute(f"INSERT INTO figures VALUES ({marks})", row)
