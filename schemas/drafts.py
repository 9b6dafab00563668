"""Events of a claim that is still being written: a draft asks for nothing (domain.md §4.2, 1)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.event import Event, distinct
from schemas.values import (
    Activity,
    Comment,
    Domain,
    Id,
    Proof,
    Sealed,
    SolutionArea,
    TenantId,
    Text,
    Value,
)


class DraftField(StrEnum):
    """What may stand in a draft, and be emptied again (domain.md §3.1)."""

    TITLE = "title"
    TENANT = "tenant"
    DOMAIN = "domain"
    SOLUTION_AREA = "solution_area"
    ACTIVITY = "activity"
    WORKLOADS = "workloads"
    SUBSCRIPTIONS = "subscriptions"
    CUSTOMER_CONTACT = "customer_contact"
    CUSTOMER_TECHNICAL_CONTACT = "customer_technical_contact"
    PARTNER_CONTACT = "partner_contact"
    PROOF = "proof"
    COMMENT = "comment"
    PAYMENT_OPT_OUT = "payment_opt_out"
    ACKNOWLEDGED = "acknowledged"
    SOLUTION_SELLER = "solution_seller"
    CUSTOMER_NAME = "customer_name"
    ISV_PRODUCT = "isv_product"


class DraftContent(Value):
    """The fields of a claim as far as they are filled; contacts are sealed from the first on."""

    title: Text | None = None
    tenant: TenantId | None = None
    domain: Domain | None = None
    solution_area: SolutionArea | None = None
    activity: Activity | None = None
    workloads: Annotated[tuple[Text, ...], Field(max_length=20)] | None = None
    subscriptions: Annotated[tuple[Id, ...], Field(max_length=20)] | None = None
    customer_contact: Sealed | None = None
    customer_technical_contact: Sealed | None = None
    partner_contact: Sealed | None = None
    contact_in_partner_domain: bool | None = None
    proof: Proof | None = None
    comment: Comment | None = None
    payment_opt_out: bool | None = None
    acknowledged: bool | None = None
    solution_seller: Sealed | None = None
    customer_name: Text | None = None
    isv_product: Text | None = None


class DraftEvent(Event):
    """What every event of a draft says: the claim it may become, and whose it is."""

    claim: Id
    location: Id

    def tags(self) -> tuple[str, ...]:
        """The claim and the partner; no slot, for a draft is in nobody's way."""
        return (f"claim:{self.claim}", f"partner:{self.location}")


class ClaimDrafted(DraftEvent):
    """A partner began to write a claim. ``policy`` is the one in force, which names its state."""

    TYPE: ClassVar[str] = "claim.drafted.v1"
    organisation: Id
    policy: Id | None = None
    content: DraftContent


class ClaimDraftEdited(DraftEvent):
    """Fields of a draft were filled or replaced (``content``), or emptied.

    ``location`` is whose draft it is from now on, ``moved_from`` whose it was if that changed.
    """

    TYPE: ClassVar[str] = "claim.draft_edited.v1"
    organisation: Id
    moved_from: Id | None = None
    content: DraftContent
    emptied: tuple[DraftField, ...] = Field(default=(), max_length=20)

    def tags(self) -> tuple[str, ...]:
        """The claim, and the partners before and after."""
        return distinct(*super().tags(), self.moved_from and f"partner:{self.moved_from}")


class ClaimDiscarded(DraftEvent):
    """The partner gave the draft up; its id is not used again."""

    TYPE: ClassVar[str] = "claim.discarded.v1"
    comment: Comment | None = None
