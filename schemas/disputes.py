"""Events of contested claims: a rejection disputed, and arbitration between two (§4.2, §5)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from schemas.claims import ClaimEvent, consent_timer, incumbent_timer
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

    def timers(self) -> tuple[Timer, ...]:
        """Who holds now will be told anew."""
        return (incumbent_timer(self.claim, None),)


class Side(Value):
    """A claim in an arbitration and its partner location."""

    claim: Id
    location: Id


class ArbitrationOpened(Event):
    """The incumbents were told that another claims what they hold (domain.md §5, 3; §14.7).

    Each may answer until ``answer_due`` with a fresher proof; silence does not block. The
    challenger's claim stays under review meanwhile.
    """

    TYPE: ClassVar[str] = "arbitration.opened.v1"
    tenant: TenantId
    challenger: Side
    incumbents: tuple[Side, ...] = Field(min_length=1, max_length=20)
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    comment: Comment | None = None
    answer_due: Instant

    def tags(self) -> tuple[str, ...]:
        """All claims, the tenant, all partners and the slots."""
        sides = (self.challenger, *self.incumbents)
        return distinct(
            *(f"claim:{side.claim}" for side in sides),
            f"tenant:{self.tenant}",
            *(f"partner:{side.location}" for side in sides),
            *(f"slot:{slot}" for slot in self.slots),
        )

    def timers(self) -> tuple[Timer, ...]:
        """The incumbents' answers are awaited."""
        return (incumbent_timer(self.challenger.claim, self.answer_due),)


class ArbitrationAnswered(ClaimEvent):
    """An incumbent answered in time, perhaps with a fresher proof (domain.md §5, 4).

    ``challengers`` are the claims that challenge it; in those of ``settled`` no other incumbent's
    answer is awaited any more.
    """

    TYPE: ClassVar[str] = "arbitration.answered.v1"
    statement: Comment
    proof: Proof | None = None
    challengers: tuple[Id, ...] = Field(min_length=1, max_length=20)
    settled: tuple[Id, ...] = Field(default=(), max_length=20)

    def tags(self) -> tuple[str, ...]:
        """The incumbent's claim, tenant and partner, and the claims that challenge it."""
        return distinct(*self.claim_tags(), *(f"claim:{claim}" for claim in self.challengers))

    def timers(self) -> tuple[Timer, ...]:
        """Where all have answered, nothing is awaited."""
        over = [claim for claim in self.challengers if claim in self.settled]
        return tuple(incumbent_timer(claim, None) for claim in dict.fromkeys(over))


class ArbitrationUnanswered(Event):
    """An incumbent's time to answer passed; the clock records it, the decision is open (§14.7).

    ``silent`` are those who did not answer; none where the challenge was over before.
    """

    TYPE: ClassVar[str] = "arbitration.unanswered.v1"
    tenant: TenantId
    challenger: Side
    silent: tuple[Side, ...] = Field(default=(), max_length=20)
    due: Instant

    def tags(self) -> tuple[str, ...]:
        """All claims, the tenant and all partners."""
        sides = (self.challenger, *self.silent)
        return distinct(
            *(f"claim:{side.claim}" for side in sides),
            f"tenant:{self.tenant}",
            *(f"partner:{side.location}" for side in sides),
        )

    def timers(self) -> tuple[Timer, ...]:
        """Nothing is awaited any more."""
        return (incumbent_timer(self.challenger.claim, None),)


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
    answer: Literal["answered", "silent"] | None = None


class ArbitrationDecided(Event):
    """The newest proofs of holder and challenger were compared and one was picked (domain.md §5).

    One event ends the loser and starts the winner at the same effective instant. The loser's
    claim is rejected (challenger) or replaced (incumbent) and may be disputed until
    ``dispute_until``. ``rule`` says how the sides were compared; ``same_organisation`` that they
    are no rivals (domain.md §14.6); ``closed`` that nothing else of the claim is contested;
    ``vacated`` are slots that the losers give up besides and that nobody takes (domain.md §3.2).
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
    rule: Comment | None = None
    same_organisation: bool | None = None
    closed: bool | None = None
    vacated: tuple[SlotName, ...] | None = Field(default=None, max_length=50)

    def tags(self) -> tuple[str, ...]:
        """Both claims, the tenant, both partners and the slots."""
        sides = (self.challenger, *self.incumbents)
        return distinct(
            *(f"claim:{side.claim}" for side in sides),
            f"tenant:{self.tenant}",
            *(f"partner:{side.location}" for side in sides),
            *(f"slot:{slot}" for slot in self.slots),
            *(f"slot:{slot}" for slot in self.vacated or ()),
        )

    def timers(self) -> tuple[Timer, ...]:
        """A winning challenger's window runs, and those of the losers for what they keep."""
        if self.outcome == "incumbent_stays":
            return (incumbent_timer(self.challenger.claim, None),) if self.closed else ()
        closes = self.consent_closes if self.silence_confirms else None
        return (
            consent_timer(self.challenger.claim, closes),
            incumbent_timer(self.challenger.claim, None),
            *(consent_timer(side.claim, side.consent_closes) for side in self.incumbents),
        )
