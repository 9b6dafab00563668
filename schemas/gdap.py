"""Events of granular delegated administration, GDAP: a relationship by an id of its own (§6.3).

A relationship is requested by a partner, approved by the customer, and ends by its term or by one
of the two. Its deadlines are timers; what happens when they run out, the clock records.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.event import Event, Timer
from schemas.time import to_us
from schemas.values import Id, Instant, TenantId, Text


class GdapEvent(Event):
    """What happens to one relationship between a partner location and a tenant."""

    relationship: Id
    tenant: TenantId
    location: Id

    def tags(self) -> tuple[str, ...]:
        """The relationship, the tenant and the partner."""
        return (
            f"gdap:{self.relationship}",
            f"tenant:{self.tenant}",
            f"partner:{self.location}",
        )

    def request_timer(self, due_us: int | None) -> Timer:
        """Until when the customer may approve."""
        return _timer("gdap_request", self.relationship, due_us)

    def end_timer(self, due_us: int | None) -> Timer:
        """When the term ends."""
        return _timer("gdap_end", self.relationship, due_us)

    def notice_timer(self, due_us: int | None) -> Timer:
        """When the next notice of the coming end is due."""
        return _timer("gdap_notice", self.relationship, due_us)


class GdapRequested(GdapEvent):
    """A partner asked for a relationship; unless the customer approves, the request lapses."""

    TYPE: ClassVar[str] = "gdap.requested.v1"
    roles: tuple[Text, ...] = Field(min_length=1, max_length=100)
    duration_days: Annotated[int, Field(ge=1, le=731)]
    auto_extend: bool = False
    lapses: Instant

    def timers(self) -> tuple[Timer, ...]:
        """The request lapses."""
        return (self.request_timer(to_us(self.lapses)),)


class GdapTerm(GdapEvent):
    """A relationship that stands until ``until``, with its next notice, if one is still to come."""

    until: Instant
    next_notice: Instant | None = None

    def timers(self) -> tuple[Timer, ...]:
        """The request is answered; the term ends, and before that comes a notice."""
        notice = self.next_notice
        return (
            self.request_timer(None),
            self.end_timer(to_us(self.until)),
            self.notice_timer(None if notice is None else to_us(notice)),
        )


class GdapApproved(GdapTerm):
    """The customer approved: the relationship stands from now on."""

    TYPE: ClassVar[str] = "gdap.approved.v1"
    roles: tuple[Text, ...] = Field(min_length=1, max_length=100)
    auto_extend: bool = False


class GdapExtended(GdapTerm):
    """The term ended and was extended by itself; ``ended`` is the end it had. By the clock."""

    TYPE: ClassVar[str] = "gdap.extended.v1"
    ended: Instant


class GdapAutoExtendSet(GdapEvent):
    """The partner switched the extension at the end of the term on or off."""

    TYPE: ClassVar[str] = "gdap.auto_extend_set.v1"
    auto_extend: bool


class GdapExpiryNotified(GdapEvent):
    """A notice said that the term ends in ``days`` days. The clock records it."""

    TYPE: ClassVar[str] = "gdap.expiry_notified.v1"
    days: Annotated[int, Field(ge=0, le=731)]
    until: Instant
    next_notice: Instant | None = None

    def timers(self) -> tuple[Timer, ...]:
        """The next notice, or none."""
        notice = self.next_notice
        return (self.notice_timer(None if notice is None else to_us(notice)),)


class GdapOver(GdapEvent):
    """A relationship, or the request for one, is over."""

    def timers(self) -> tuple[Timer, ...]:
        """Nothing is awaited any more."""
        return (self.request_timer(None), self.end_timer(None), self.notice_timer(None))


class GdapRequestLapsed(GdapOver):
    """The customer did not approve in time. The clock records it."""

    TYPE: ClassVar[str] = "gdap.request_lapsed.v1"
    due: Instant


class GdapExpired(GdapOver):
    """The term ended. The clock records it."""

    TYPE: ClassVar[str] = "gdap.expired.v1"
    due: Instant


class GdapTerminated(GdapOver):
    """The customer or the partner ended it; the reseller relationship stays (domain.md §6.3)."""

    TYPE: ClassVar[str] = "gdap.terminated.v1"
    by: Literal["customer", "partner"]


def _timer(name: str, relationship: str, due_us: int | None) -> Timer:
    return Timer(f"{name}:{relationship}", name if due_us is not None else "", due_us)
