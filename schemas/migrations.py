"""Events of customers whose users go over to another tenant (domain.md §14.9)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schemas.event import Event, distinct
from schemas.values import Count, Id, SlotName, Slug, TenantId, Value


class Followed(Value):
    """A claim's holding of a workload, and the slot at the other tenant where it goes on.

    ``to`` is None where the claim holds the workload at the other tenant already.
    """

    claim: Id
    location: Id
    workload: Slug
    slot: SlotName
    to: SlotName | None = None


class CustomerMigrated(Event):
    """Users of a tenant went over to another: no growth, and the claims follow (domain.md §14.9).

    All users, or the number ``users``: then the claims hold at both tenants. ``left`` are slots of
    the other tenant that somebody else holds: those claims do not follow.
    """

    TYPE: ClassVar[str] = "customer.migrated.v1"
    tenant: TenantId
    to: TenantId
    users: Count | None = None
    followed: tuple[Followed, ...] = Field(default=(), max_length=50)
    left: tuple[SlotName, ...] = Field(default=(), max_length=50)

    def tags(self) -> tuple[str, ...]:
        """Both tenants, the claims that follow with their partners and slots, the usage births."""
        return distinct(
            f"tenant:{self.tenant}",
            f"tenant:{self.to}",
            *(f"claim:{one.claim}" for one in self.followed),
            *(f"partner:{one.location}" for one in self.followed),
            *(f"slot:{one.slot}" for one in self.followed),
            *(f"slot:{one.to}" for one in self.followed if one.to),
            "usage:births",
        )
