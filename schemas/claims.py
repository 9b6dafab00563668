"""Events of a CPOR claim, from submission to its end (domain.md §3, §4)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.event import Event, Timer, distinct
from schemas.time import to_us
from schemas.values import (
    Activity,
    Comment,
    ConsentMode,
    Deficiency,
    Domain,
    Id,
    Imported,
    Instant,
    Proof,
    Sealed,
    Slot,
    SlotName,
    SolutionArea,
    TenantId,
    Text,
    Value,
)


class RejectionReason(StrEnum):
    """Why a claim was rejected (domain.md §4.1)."""

    INSUFFICIENT_PROOF = "insufficient_proof"
    NO_ANSWER = "no_answer"
    CUSTOMER_DECLINED = "customer_declined"
    PARTNER_REQUEST = "partner_request"
    WRONG_DETAILS = "wrong_details"
    LOST_ARBITRATION = "lost_arbitration"


class DisassociationReason(StrEnum):
    """Why a partner gave an approved association back (domain.md §4.2, row 12)."""

    WRONG_LOCATION = "wrong_location"
    WRONG_ACTIVITY = "wrong_activity"
    NO_LONGER_WORKING = "no_longer_working"


def answer_timer(claim: str, due: datetime | None) -> Timer:
    """The partner's answer to a claim's reviewer is awaited until ``due``; no more with None."""
    return _timer("answer", claim, due)


def consent_timer(claim: str, closes: datetime | None) -> Timer:
    """Silence about a claim confirms when its consent window ``closes``; no more with None."""
    return _timer("consent", claim, closes)


def incumbent_timer(challenger: str, due: datetime | None) -> Timer:
    """The answers of those whom a claim challenges are awaited until ``due``; no more with None."""
    return _timer("incumbent", challenger, due)


def _timer(name: str, claim: str, due: datetime | None) -> Timer:
    key = f"{name}:{claim}"
    return Timer(key, "", None) if due is None else Timer(key, name, to_us(due))


class Contest(Value):
    """A slot that was held when a claim asked for it, and the claim that held it."""

    slot: SlotName
    holder_claim: Id


class ClaimEvent(Event):
    """What every event of a claim says: the claim, its customer and its partner location."""

    claim: Id
    tenant: TenantId
    location: Id

    def claim_tags(self, slots: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The claim, tenant, partner and the slots concerned, as tags."""
        own = (f"claim:{self.claim}", f"tenant:{self.tenant}", f"partner:{self.location}")
        return distinct(*own, *[f"slot:{slot}" for slot in slots]) if slots else own

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant and partner."""
        return self.claim_tags()


class ClaimSubmitted(ClaimEvent):
    """A partner claimed one or more slots of one customer, with its proof (domain.md §4.2, 1-2).

    The claim is judged under ``policy`` to its end. ``contested`` lists slots that were held at
    the time: the claim then waits for arbitration (domain.md §5). ``review_due`` is the
    reviewer's promised day, an instant; passing it changes nothing by itself. ``acknowledged`` is
    the tick beside the proof, ``drafted`` tells that a draft of the claim came before; solution
    seller, customer name and ISV product belong to revenue association (domain.md §3.1).
    """

    TYPE: ClassVar[str] = "claim.submitted.v1"
    title: Text
    policy: Id
    organisation: Id
    domain: Domain | None = None
    solution_area: SolutionArea
    activity: Activity
    slots: tuple[Slot, ...] = Field(min_length=1, max_length=20)
    customer_contact: Sealed
    customer_technical_contact: Sealed | None = None
    partner_contact: Sealed
    contact_in_partner_domain: bool = False
    proof: Proof
    comment: Comment | None = None
    payment_opt_out: bool = False
    acknowledged: bool | None = None
    drafted: bool | None = None
    solution_seller: Sealed | None = None
    customer_name: Text | None = None
    isv_product: Text | None = None
    contested: tuple[Contest, ...] = Field(default=(), max_length=20)
    review_due: Instant

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and every slot asked for."""
        return self.claim_tags(tuple(slot.slot for slot in self.slots))


class ClaimImported(ClaimEvent):
    """A claim that was approved elsewhere is held here, too, as a file of its day tells it.

    The partner holds the slots from the effective instant on. What the file does not tell, its
    contacts and its proof, is not known here; the time to object is over.
    """

    TYPE: ClassVar[str] = "claim.imported.v1"
    title: Text
    policy: Id
    organisation: Id
    solution_area: SolutionArea
    activity: Activity
    slots: tuple[Slot, ...] = Field(min_length=1, max_length=20)
    imported: Imported

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and every slot held."""
        return self.claim_tags(tuple(slot.slot for slot in self.slots))


class ClaimAmended(ClaimEvent):
    """The partner changed a submitted claim, where its policy lets it (domain.md §4.2, Editing).

    ``location`` is whose claim it is from now on, ``moved_from`` whose it was if that changed.
    ``slots`` are what it asks for, of those not decided yet; ``withdrawn`` those it asked for
    before. A contact that is not there stays as it was.
    """

    TYPE: ClassVar[str] = "claim.amended.v1"
    organisation: Id
    moved_from: Id | None = None
    slots: tuple[Slot, ...] = Field(max_length=20)
    withdrawn: tuple[SlotName, ...] = Field(default=(), max_length=20)
    contested: tuple[Contest, ...] = Field(default=(), max_length=20)
    customer_contact: Sealed | None = None
    customer_technical_contact: Sealed | None = None
    partner_contact: Sealed | None = None
    contact_in_partner_domain: bool | None = None
    comment: Comment | None = None

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, both partners and every slot asked for before or now."""
        return distinct(
            *self.claim_tags((*(slot.slot for slot in self.slots), *self.withdrawn)),
            self.moved_from and f"partner:{self.moved_from}",
        )


class ClaimCommented(ClaimEvent):
    """Partner or reviewer said something about the claim; its history shows it (domain.md §4.2)."""

    TYPE: ClassVar[str] = "claim.commented.v1"
    by: Literal["partner", "reviewer"]
    comment: Comment


class ClaimReviewStarted(ClaimEvent):
    """A reviewer took the claim up (domain.md §4.2, 3); ``decision_due`` is the promised day."""

    TYPE: ClassVar[str] = "claim.review_started.v1"
    decision_due: Instant


class ClaimActionRequested(ClaimEvent):
    """The reviewer needs more; silence until ``answer_due`` rejects (domain.md §4.2, 4-6)."""

    TYPE: ClassVar[str] = "claim.action_requested.v1"
    deficiencies: tuple[Deficiency, ...] = Field(min_length=1, max_length=10)
    comment: Comment
    answer_due: Instant

    def timers(self) -> tuple[Timer, ...]:
        """The partner's answer is awaited until ``answer_due``."""
        return (answer_timer(self.claim, self.answer_due),)


class ClaimResubmitted(ClaimEvent):
    """The partner answered in time, with a proof that replaces the earlier (domain.md §4.2, 5)."""

    TYPE: ClassVar[str] = "claim.resubmitted.v1"
    proof: Proof
    comment: Comment | None = None
    review_due: Instant

    def timers(self) -> tuple[Timer, ...]:
        """No answer is awaited any more."""
        return (answer_timer(self.claim, None),)


class ClaimProofAdded(ClaimEvent):
    """The partner refreshed the proof; the newest is what an arbitration compares (§3.4, §5)."""

    TYPE: ClassVar[str] = "claim.proof_added.v1"
    proof: Proof


class ClaimApproved(ClaimEvent):
    """The proof was accepted: the partner holds the slots from the effective instant on.

    Consent follows ``consent_mode``: in an opt-out window silence until ``consent_closes``
    confirms; under explicit consent the holding begins only with the customer's yes
    (domain.md §4.2, 4 and 7-8; DESIGN §6). ``silence_confirms`` is false where the notice can't
    be trusted to have reached the customer. ``awaits_yes`` tells, under explicit consent, whether
    the customer's yes is still to come; where it is not told, it came if it was said and stands.
    """

    TYPE: ClassVar[str] = "claim.approved.v1"
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    consent_mode: ConsentMode
    awaits_yes: bool | None = None
    consent_closes: Instant | None = None
    silence_confirms: bool = True
    back_dated_because: Comment | None = None
    comment: Comment | None = None

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and the slots now held."""
        return self.claim_tags(self.slots)

    def timers(self) -> tuple[Timer, ...]:
        """The consent window runs until it closes, where silence confirms; no answer is awaited."""
        closes = self.consent_closes if self.silence_confirms else None
        return (
            consent_timer(self.claim, closes),
            answer_timer(self.claim, None),
            incumbent_timer(self.claim, None),
        )


class ClaimRejected(ClaimEvent):
    """The claim was rejected; it may be disputed until ``dispute_until`` unless final (§4.2, 9).

    ``held`` tells that the slots were held: the partner asked for the end of its association
    (§4.2, 12). ``consent_closes`` is then when the window of the slots that the claim keeps closes.
    """

    TYPE: ClassVar[str] = "claim.rejected.v1"
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    reason: RejectionReason
    comment: Comment
    deficiencies: Annotated[tuple[Deficiency, ...], Field(max_length=10)] | None = None
    dispute_until: Instant | None = None
    held: bool | None = None
    consent_closes: Instant | None = None

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and the slots no longer asked for."""
        return self.claim_tags(self.slots)

    def timers(self) -> tuple[Timer, ...]:
        """No answer is awaited any more; a window open for other slots runs on."""
        if self.held:
            return (consent_timer(self.claim, self.consent_closes),)
        return (answer_timer(self.claim, None), incumbent_timer(self.claim, None))


class ClaimLapsed(ClaimEvent):
    """No answer came until the deadline: the clock rejected the claim (domain.md §4.2, 6)."""

    TYPE: ClassVar[str] = "claim.lapsed.v1"
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    due: Instant
    dispute_until: Instant | None = None

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and the slots no longer asked for."""
        return self.claim_tags(self.slots)

    def timers(self) -> tuple[Timer, ...]:
        """No answer is awaited any more; a window open for other slots runs on."""
        return (answer_timer(self.claim, None), incumbent_timer(self.claim, None))


class ClaimDisassociated(ClaimEvent):
    """The partner gave the association back, with its reason (domain.md §4.2, 12).

    ``consent_closes`` is when the window of the slots that the claim keeps closes; None where
    silence confirms none of them.
    """

    TYPE: ClassVar[str] = "claim.disassociated.v1"
    slots: tuple[SlotName, ...] = Field(min_length=1, max_length=20)
    reason: DisassociationReason
    comment: Comment | None = None
    consent_closes: Instant | None = None

    def tags(self) -> tuple[str, ...]:
        """The claim, tenant, partner and the slots given back."""
        return self.claim_tags(self.slots)

    def timers(self) -> tuple[Timer, ...]:
        """The consent window runs on for the slots the claim keeps, if for any."""
        return (consent_timer(self.claim, self.consent_closes),)
