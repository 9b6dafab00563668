"""Events about the ledger itself: its birth, and the rules it adopts (DESIGN §5)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from schemas.event import Event
from schemas.values import Content, Id, Instant, Sha256, Text


class LedgerCreated(Event):
    """The ledger was born, with its id, its kind of clock and its first operator."""

    TYPE: ClassVar[str] = "ledger.created.v1"
    ledger: Id
    clock: Literal["real", "told"]
    operator: Id

    def tags(self) -> tuple[str, ...]:
        """The ledger, and the operator whose role begins here."""
        return (f"ledger:{self.ledger}", f"actor:{self.operator}")


class PolicyAdopted(Event):
    """A claim policy came into force, its whole content embedded; the latest start wins."""

    TYPE: ClassVar[str] = "policy.adopted.v1"
    policy: Id
    in_force_from: Instant
    content: Content
    sha256: Sha256

    def tags(self) -> tuple[str, ...]:
        """The policy, and the tag all policies share."""
        return (f"policy:{self.policy}", "policies:all")


class ProgrammeAdopted(Event):
    """A programme file (metrics, formulas, thresholds) was adopted, its content embedded."""

    TYPE: ClassVar[str] = "programme.adopted.v1"
    programme: Id
    content: Content
    sha256: Sha256

    def tags(self) -> tuple[str, ...]:
        """The programme."""
        return (f"programme:{self.programme}",)


class CalendarAdopted(Event):
    """A calendar of business days was adopted: its zone, weekend and the holidays of its years."""

    TYPE: ClassVar[str] = "calendar.adopted.v1"
    calendar: Id
    title: Text
    zone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
    weekend: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (5, 6)
    first_year: Annotated[int, Field(ge=1970, le=9999)]
    last_year: Annotated[int, Field(ge=1970, le=9999)]
    holidays: tuple[date, ...] = Field(max_length=2000)

    def tags(self) -> tuple[str, ...]:
        """The calendar."""
        return (f"calendar:{self.calendar}",)
