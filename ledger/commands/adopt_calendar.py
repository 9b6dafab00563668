"""Adopting a calendar of business days."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Id


class AdoptCalendar(Command):
    """Adopt a calendar of business days: a country's public holidays, or dates of your own."""

    NAME: ClassVar[str] = "calendar.adopt"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "builtin": "CZ",
        "zone": "Europe/Prague",
        "first_year": 2019,
        "last_year": 2025,
    }
    calendar: Id = "default"
    builtin: str | None = None
    content: dict[str, Any] | None = None
    zone: str | None = None
    first_year: int | None = None
    last_year: int | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The adoption, zone and holidays embedded (DESIGN §5)."""
        raise NotImplementedError
