"""Events of the customer's consent to a claim (domain.md §4.3; DESIGN §6)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.claims import ClaimEvent, answer_timer, consent_timer
from schemas.event import Timer, distinct
from schemas.values import Comment, Id, Instant, Sealed, SlotName, Value


class Restored(Value):
    """A slot whose earlier holder holds the vacated interval again, and by which claim.

    ``consent_closes`` is when that claim's own consent window closes, perhaps in the past; None
    where silence does not confirm it, or did already.
    """

    slot: SlotName
    claim: Id
    consent_closes: Instant | None = None


class ConsentConfirmed(ClaimEvent):
    """The customer said yes, in the way ``how`` tells; no silence is awaited any more."""

    TYPE: ClassVar[str] = "consent.confirmed.v1"
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    how: Literal["in_person", "portal", "e_mail", "signature"]
    given_by: Sealed | None = None

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and the slots confirmed."""
        return self.claim_tags(self.slots)

    def timers(self) -> tuple[Timer, ...]:
        """The consent window is over."""
        return (consent_timer(self.claim, None),)


class ConsentPassed(ClaimEvent):
    """The window closed in silence, which confirms (domain.md §4.2, 8). The clock records it."""

    TYPE: ClassVar[str] = "consent.passed.v1"
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    due: Instant

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and the slots confirmed."""
        return self.claim_tags(self.slots)

    def timers(self) -> tuple[Timer, ...]:
        """The consent window is over."""
        return (consent_timer(self.claim, None),)


class ConsentDeclined(ClaimEvent):
    """The customer said no (domain.md §4.2, 7).

    Inside a window it ends the holding as of its beginning and ``restored`` names who holds the
    vacated interval again; later, where the policy allows it, the holding ends from then on.
    ``answer_due`` is set where the reviewer goes on waiting for the partner's answer about slots
    that the claim still asks for; ``consent_closes`` where the customer said no to some slots only
    and its silence still confirms others.
    """

    TYPE: ClassVar[str] = "consent.declined.v1"
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    from_the_beginning: bool
    restored: tuple[Restored, ...] = Field(default=(), max_length=20)
    comment: Comment | None = None
    dispute_until: Instant | None = None
    answer_due: Instant | None = None
    consent_closes: Instant | None = None

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner, the slots vacated and the claims restored."""
        return distinct(
            *self.claim_tags(self.slots),
            *(f"claim:{restored.claim}" for restored in self.restored),
        )

    def timers(self) -> tuple[Timer, ...]:
        """No silence is awaited and no answer, unless about other slots of the claim.

        The windows of restored claims run on.
        """
        running = {back.claim: back.consent_closes for back in self.restored if back.consent_closes}
        return (
            consent_timer(self.claim, self.consent_closes),
            answer_timer(self.claim, self.answer_due),
            *(consent_timer(*one) for one in running.items() if one[0] != self.claim),
        )


class ObjectionRecorded(ClaimEvent):
    """The customer objected too late: a fact without effect, visible to audit (DESIGN §6).

    ``slots`` are those it named, where it named some.
    """

    TYPE: ClassVar[str] = "consent.objection_recorded.v1"
    window_closed: Instant
    comment: Comment | None = None
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] | None = None


class NoticeBounced(ClaimEvent):
    """The notice did not reach the customer: silence no longer confirms (DESIGN §6)."""

    TYPE: ClassVar[str] = "consent.notice_bounced.v1"
    comment: Comment | None = None

    def timers(self) -> tuple[Timer, ...]:
        """Silence is not awaited any more: the customer's yes is needed."""
        return (consent_timer(self.claim, None),)
