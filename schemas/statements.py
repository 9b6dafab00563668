"""Events about what is paid: rate cards adopted, statements issued (domain.md §8.4, DESIGN §7)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from schemas.event import Event
from schemas.values import Content, Count, Id, Sha256, Value


class RatesAdopted(Event):
    """A user's own rate card came into force, its whole content embedded."""

    TYPE: ClassVar[str] = "rates.adopted.v1"
    rates: Id
    content: Content
    sha256: Sha256

    def tags(self) -> tuple[str, ...]:
        """The card, and the tag all cards share."""
        return (f"rates:{self.rates}", "rates:all")


class StatedRule(Value):
    """A content that a statement rests on: adopted at a position, or shipped and embedded here."""

    sort: Literal["programme", "incentive", "rates"]
    name: Id
    sha256: Sha256
    adopted_at: Count | None = None
    content: Content | None = None


class StatementIssued(Event):
    """What a partner earned in a month was stated as known at ``position``, by its hash.

    ``month`` is its first day. The statement is computed again from position and rules; its
    canonical bytes, in the given ``form``, have the hash ``sha256``.
    """

    TYPE: ClassVar[str] = "statement.issued.v1"
    statement: Id
    organisation: Id
    location: Id | None = None
    month: date
    position: Count
    form: Count
    sha256: Sha256
    lines: Count
    credited: Count
    rules: tuple[StatedRule, ...] = Field(max_length=1000)

    def tags(self) -> tuple[str, ...]:
        """The statement, and whose it is."""
        whose = f"partner:{self.location}" if self.location else f"organisation:{self.organisation}"
        return (f"statement:{self.statement}", whose)
