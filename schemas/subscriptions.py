"""Events about what a customer bought: subscriptions, and the associations an order makes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.claims import consent_timer
from schemas.event import Event, Timer, distinct
from schemas.values import Id, Imported, Instant, SlotName, Slug, TenantId, Text, Value


class Channel(StrEnum):
    """The channel a subscription was sold through (domain.md §3.2, §6.3)."""

    EA = "ea"
    CSP_DIRECT = "csp_direct"
    CSP_INDIRECT = "csp_indirect"
    WEB_DIRECT = "web_direct"
    VOLUME_LICENSING = "volume_licensing"


class SubscriptionStarted(Event):
    """A subscription began. Under CSP the order itself makes the association (domain.md §6.3).

    ``dpor`` is the partner id entered at purchase (domain.md §6.1); ``succeeds`` names the
    subscription it renews. Effective at its start.
    """

    TYPE: ClassVar[str] = "subscription.started.v1"
    subscription: Id
    tenant: TenantId
    product: Slug
    offer: Text
    channel: Channel
    seats: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    agreement: Id | None = None
    transacting_partner: Id | None = None
    indirect_reseller: Id | None = None
    dpor: Id | None = None
    succeeds: Id | None = None
    imported: Imported | None = None

    def tags(self) -> tuple[str, ...]:
        """The subscription and the one it renews, its tenant, partners and the slots it fills."""
        return distinct(
            f"subscription:{self.subscription}",
            f"tenant:{self.tenant}",
            self.transacting_partner and f"partner:{self.transacting_partner}",
            self.indirect_reseller and f"partner:{self.indirect_reseller}",
            self.dpor and f"partner:{self.dpor}",
            self.dpor and f"slot:dpor:{self.subscription}",
            self.succeeds and f"subscription:{self.succeeds}",
            "usage:births",
        )


class EndedClaim(Value):
    """A claim that held, or was to hold, slots of a subscription that ended.

    ``consent_closes`` is when the window of the slots that the claim keeps closes; None where
    silence confirms none of them.
    """

    claim: Id
    consent_closes: Instant | None = None


class SubscriptionEnded(Event):
    """A subscription ended, and with it every association that lives on it (domain.md §4.4).

    ``claims`` are those that it ends in ``slots``.
    """

    TYPE: ClassVar[str] = "subscription.ended.v1"
    subscription: Id
    tenant: TenantId
    reason: Literal["expired", "cancelled", "renewed", "transferred"]
    slots: tuple[SlotName, ...] = Field(default=(), max_length=50)
    claims: Annotated[tuple[EndedClaim, ...], Field(max_length=1000)] | None = None

    def tags(self) -> tuple[str, ...]:
        """The subscription, its tenant, the slots that it empties and the claims it ends."""
        return distinct(
            f"subscription:{self.subscription}",
            f"tenant:{self.tenant}",
            f"slot:dpor:{self.subscription}",
            *(f"slot:{slot}" for slot in self.slots),
            *(f"claim:{each.claim}" for each in self.claims or ()),
        )

    def timers(self) -> tuple[Timer, ...]:
        """Silence is awaited only for what the claims keep."""
        return tuple(consent_timer(each.claim, each.consent_closes) for each in self.claims or ())


class SubscriptionTransferred(Event):
    """Another CSP chain serves a subscription from now on; its id and its access stay (§6.3).

    Who held it on which day is not changed by this; that the new owner takes the consumption's
    whole history is a matter of credit.
    """

    TYPE: ClassVar[str] = "subscription.transferred.v1"
    subscription: Id
    tenant: TenantId
    channel: Literal[Channel.CSP_DIRECT, Channel.CSP_INDIRECT]
    transacting_partner: Id
    indirect_reseller: Id | None = None
    previous_partner: Id
    previous_reseller: Id | None = None
    support_reason: Text | None = None

    def tags(self) -> tuple[str, ...]:
        """The subscription, its tenant, and the partners that come and go."""
        return distinct(
            f"subscription:{self.subscription}",
            f"tenant:{self.tenant}",
            f"partner:{self.transacting_partner}",
            self.indirect_reseller and f"partner:{self.indirect_reseller}",
            f"partner:{self.previous_partner}",
            self.previous_reseller and f"partner:{self.previous_reseller}",
        )


class SubscriptionMoved(Event):
    """A subscription moved from volume licensing to the modern commerce platform (§6.1).

    It goes on as ``becomes``, which is ``subscription`` itself where the platform kept the id. Its
    DPOR place is empty afterwards; under a new id everything that lived on the old one has ended,
    ``slots`` among it, and ``claims`` in those.
    """

    TYPE: ClassVar[str] = "subscription.moved.v1"
    subscription: Id
    tenant: TenantId
    becomes: Id
    product: Slug
    offer: Text
    channel: Literal[Channel.CSP_DIRECT, Channel.CSP_INDIRECT, Channel.WEB_DIRECT]
    seats: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    transacting_partner: Id | None = None
    indirect_reseller: Id | None = None
    previous_dpor: Id | None = None
    slots: tuple[SlotName, ...] = Field(default=(), max_length=50)
    claims: Annotated[tuple[EndedClaim, ...], Field(max_length=1000)] | None = None

    def tags(self) -> tuple[str, ...]:
        """Both subscriptions, the tenant, the partners and the slots that it empties."""
        return distinct(
            f"subscription:{self.subscription}",
            f"subscription:{self.becomes}",
            f"tenant:{self.tenant}",
            f"slot:dpor:{self.subscription}",
            *(f"slot:{slot}" for slot in self.slots),
            self.transacting_partner and f"partner:{self.transacting_partner}",
            self.indirect_reseller and f"partner:{self.indirect_reseller}",
            self.previous_dpor and f"partner:{self.previous_dpor}",
            "usage:births",
            *(f"claim:{each.claim}" for each in self.claims or ()),
        )

    def timers(self) -> tuple[Timer, ...]:
        """Silence is awaited only for what the claims keep."""
        return tuple(consent_timer(each.claim, each.consent_closes) for each in self.claims or ())


class SubscriptionState(StrEnum):
    """How a subscription that has not ended stands (domain.md §3.3)."""

    ACTIVE = "active"
    IN_GRACE = "in_grace"
    SUSPENDED = "suspended"


class SubscriptionStateChanged(Event):
    """A subscription went into grace, was suspended, or is active again. It ends nothing."""

    TYPE: ClassVar[str] = "subscription.state_changed.v1"
    subscription: Id
    tenant: TenantId
    state: SubscriptionState

    def tags(self) -> tuple[str, ...]:
        """The subscription and its tenant."""
        return (f"subscription:{self.subscription}", f"tenant:{self.tenant}")


class SubscriptionSeatsChanged(Event):
    """A subscription has another number of seats."""

    TYPE: ClassVar[str] = "subscription.seats_changed.v1"
    subscription: Id
    tenant: TenantId
    seats: Annotated[int, Field(ge=0, le=100_000_000)]

    def tags(self) -> tuple[str, ...]:
        """The subscription and its tenant."""
        return (f"subscription:{self.subscription}", f"tenant:{self.tenant}")
