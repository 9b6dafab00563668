"""Events of contested claims: a rejection disputed, and arbitration between two (§4.2, §5)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from schemas.claims import ClaimEvent, consent_timer
from schemas.event import Event, Timer, distinct
from schemas.values import (
    Comment,
    ConsentMode,
    Count,
    Id,
    Instant,
    Proof,
    SlotName,
    TenantId,
    Value,
)


class ClaimDisputed(ClaimEvent):
    """A rejected claim was re-opened, with a justification or a new proof (domain.md §4.2, 9)."""

    TYPE: ClassVar[str] = "claim.disputed.v1"
    justification: Comment
    proof: Proof | None = None
    answer_due: Instant


class ComparedProof(Value):
    """One side of an arbitration: its claim, partner and the date its customer acknowledged.

    ``consent_closes`` is set for an incumbent that loses slots and keeps others in its consent
    window: when that window closes.
    """

    claim: Id
    location: Id
    acknowledged_on: date | None = None
    documents: Count
    consent_closes: Instant | None = None


class ArbitrationDecided(Event):
    """The newest proofs of holder and challenger were compared and one was picked (domain.md §5).

    One event ends the loser and starts the winner at the same effective instant. The loser's
    claim is rejected (challenger) or replaced (incumbent) and may be disputed until
    ``dispute_until``.
    """

    TYPE: ClassVar[str] = "arbitration.decided.v1"
    tenant: TenantId
    challenger: ComparedProof
    incumbents: tuple[ComparedProof, ...] = Field(min_length=1, max_length=20)
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    outcome: Literal["incumbent_stays", "challenger_wins"]
    reason: Comment
    dispute_until: Instant | None = None
    consent_mode: ConsentMode | None = None
    consent_closes: Instant | None = None
    silence_confirms: bool = True

    def tags(self) -> tuple[str, ...]:
        """Both claims, the tenant, both partners and the slots."""
        sides = (self.challenger, *self.incumbents)
        return distinct(
            *(f"claim:{side.claim}" for side in sides),
            f"tenant:{self.tenant}",
            *(f"partner:{side.location}" for side in sides),
            *(f"slot:{slot}" for slot in self.slots),
        )

    def timers(self) -> tuple[Timer, ...]:
        """A winning challenger's window runs, and those of the losers for what they keep."""
        if self.outcome == "incumbent_stays":
            return ()
        closes = self.consent_closes if self.silence_confirms else None
        return (
            consent_timer(self.challenger.claim, closes),
            *(consent_timer(side.claim, side.consent_closes) for side in self.incumbents),
        )
