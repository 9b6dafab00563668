"""A claim as a value: its slots and what became of each, its state, proof, deadlines and consent.

States are those of domain.md §4.1. A claim whose slots fare differently is pending as long as one
is asked for, and approved as long as one is held.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from ledger.rules.policy import ClaimState
from schemas.values import Activity, ConsentMode, Proof, ProofElement, Slot, SolutionArea


class SlotOutcome(StrEnum):
    """What became of a slot that a claim asked for."""

    ASKED = "asked"
    AWAITING_CONSENT = "awaiting_consent"
    HELD = "held"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    DECLINED = "declined"
    GIVEN_BACK = "given_back"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    MOVED = "moved"


LOST = frozenset(
    {SlotOutcome.REJECTED, SlotOutcome.LAPSED, SlotOutcome.DECLINED, SlotOutcome.REPLACED}
)
"""The outcomes that may be disputed."""


class Consent(StrEnum):
    """How far the customer's consent has come.

    ``window``: silence will confirm when it closes. ``standing``: given by silence, may be taken
    back at any time. ``needed``: only the customer's own yes will do.
    """

    NONE = "none"
    WINDOW = "window"
    STANDING = "standing"
    NEEDED = "needed"
    PASSED = "passed"
    CONFIRMED = "confirmed"


class Delivered(NamedTuple):
    """The proof so far: elements of all its parts, the newest acknowledgement, its documents."""

    elements: frozenset[ProofElement]
    acknowledged_on: date | None
    documents: int

    @classmethod
    def of(cls, proof: Proof) -> Delivered:
        """A proof that stands alone."""
        return cls(frozenset(proof.elements), proof.acknowledged_on, len(proof.documents))

    def and_also(self, proof: Proof) -> Delivered:
        """This proof with a later one beside it."""
        dates = [day for day in (self.acknowledged_on, proof.acknowledged_on) if day]
        elements = self.elements.union(proof.elements)
        return Delivered(elements, max(dates, default=None), self.documents + len(proof.documents))


class Claim(NamedTuple):
    """A claim at the head of the log; instants in microseconds UTC, 0 where there is none.

    ``consented`` are slots whose consent was settled before the present one began: slots that are
    approved later have a consent of their own, and a no to those leaves the earlier as they are.
    """

    claim: str
    tenant: str
    location: str
    organisation: str
    policy: str
    solution_area: SolutionArea
    activity: Activity
    slots: tuple[Slot, ...]
    outcomes: tuple[SlotOutcome, ...]
    state: ClaimState
    position: int
    submitted_us: int
    proof: Delivered
    reachable: bool
    answer_due_us: int = 0
    lapsed: bool = False
    dispute_until_us: int = 0
    disputes: int = 0
    consent: Consent = Consent.NONE
    consent_mode: ConsentMode | None = None
    consent_closes_us: int = 0
    consented_us: int = 0
    consented: tuple[str, ...] = ()
    first_submitted_us: int = 0

    def names(self, *outcomes: SlotOutcome) -> tuple[str, ...]:
        """The slots with one of these outcomes, in the claim's order."""
        return tuple(
            slot.slot
            for slot, outcome in zip(self.slots, self.outcomes, strict=True)
            if outcome in outcomes
        )

    @property
    def asked(self) -> tuple[str, ...]:
        """The slots that still wait for a decision."""
        return self.names(SlotOutcome.ASKED)

    @property
    def held(self) -> tuple[str, ...]:
        """The slots that were approved and not lost since, consented or not."""
        return self.names(SlotOutcome.HELD, SlotOutcome.AWAITING_CONSENT)

    @property
    def unsettled(self) -> tuple[str, ...]:
        """The slots held that the present consent is about."""
        return tuple(slot for slot in self.held if slot not in self.consented)

    @property
    def in_window(self) -> tuple[str, ...]:
        """The slots that silence confirms when the consent window closes."""
        return self.unsettled if self.consent is Consent.WINDOW else ()

    @property
    def lost(self) -> tuple[str, ...]:
        """The slots that a dispute would ask for again."""
        return self.names(*LOST)

    def slots_named(self, names: Collection[str]) -> tuple[Slot, ...]:
        """The slots of these names, in the claim's order."""
        return tuple(slot for slot in self.slots if slot.slot in names)

    def outcome(self, slot: str) -> SlotOutcome | None:
        """What became of a slot; None where the claim never asked for it."""
        for asked, outcome in zip(self.slots, self.outcomes, strict=True):
            if asked.slot == slot:
                return outcome
        return None

    def turned(
        self, slots: Collection[str], outcome: SlotOutcome, end: ClaimState, **changes: Any
    ) -> Claim:
        """This claim after some slots had an outcome; ``end`` is its state if that was the last."""
        outcomes = tuple(
            outcome if slot.slot in slots else old
            for slot, old in zip(self.slots, self.outcomes, strict=True)
        )
        if SlotOutcome.ASKED in outcomes:
            state = self.state
        elif SlotOutcome.HELD in outcomes or SlotOutcome.AWAITING_CONSENT in outcomes:
            state = ClaimState.APPROVED
        else:
            state = end
        return self._replace(outcomes=outcomes, state=state, **changes)
