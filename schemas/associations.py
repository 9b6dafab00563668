"""Events about associations that nobody claims: DPOR, PAL, delegated administration, and others."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from schemas.event import Event, Timer, distinct
from schemas.time import to_us
from schemas.values import Document, Id, Imported, Instant, SlotName, Slug, TenantId, Text

Scope = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._()/-]{1,400}$")]
"""An Azure scope path: management group, subscription, resource group or resource."""


class DporSet(Event):
    """The customer's admin put a partner on the subscription's one DPOR place (domain.md §6.1)."""

    TYPE: ClassVar[str] = "dpor.set.v1"
    subscription: Id
    tenant: TenantId
    location: Id
    previous: Id | None = None
    imported: Imported | None = None

    def tags(self) -> tuple[str, ...]:
        """The slot, the subscription, the tenant and the partners that come and go."""
        return distinct(
            f"subscription:{self.subscription}",
            f"slot:dpor:{self.subscription}",
            f"tenant:{self.tenant}",
            f"partner:{self.location}",
            self.previous and f"partner:{self.previous}",
        )


class DporRemoved(Event):
    """The customer's admin emptied the DPOR place of a subscription."""

    TYPE: ClassVar[str] = "dpor.removed.v1"
    subscription: Id
    tenant: TenantId
    previous: Id

    def tags(self) -> tuple[str, ...]:
        """The slot, the subscription, the tenant and the partner that goes."""
        return (
            f"subscription:{self.subscription}",
            f"slot:dpor:{self.subscription}",
            f"tenant:{self.tenant}",
            f"partner:{self.previous}",
        )


class PalLinked(Event):
    """An identity linked its partner location in one customer tenant (domain.md §6.2)."""

    TYPE: ClassVar[str] = "pal.linked.v1"
    identity: Id
    tenant: TenantId
    location: Id

    def tags(self) -> tuple[str, ...]:
        """The identity, the tenant and the partner."""
        return (f"identity:{self.identity}", f"tenant:{self.tenant}", f"partner:{self.location}")


class PalUnlinked(Event):
    """The linking identity removed its link in a tenant."""

    TYPE: ClassVar[str] = "pal.unlinked.v1"
    identity: Id
    tenant: TenantId
    location: Id

    def tags(self) -> tuple[str, ...]:
        """The identity, the tenant and the partner."""
        return (f"identity:{self.identity}", f"tenant:{self.tenant}", f"partner:{self.location}")


Through = Literal["lighthouse"]
"""How an Azure role reaches a partner's own tenant: delegated through Azure Lighthouse."""


class AzureRoleAssigned(Event):
    """The customer gave an identity an Azure role on a scope; a link measures within it.

    ``through`` Lighthouse the link in the identity's home tenant does, else the one in ``tenant``.
    """

    TYPE: ClassVar[str] = "azure_role.assigned.v1"
    assignment: Id
    identity: Id
    tenant: TenantId
    role: Text
    scope: Scope
    through: Through | None = None

    def tags(self) -> tuple[str, ...]:
        """The assignment, the identity and the tenant."""
        return (
            f"assignment:{self.assignment}",
            f"identity:{self.identity}",
            f"tenant:{self.tenant}",
        )


class AzureRoleRemoved(Event):
    """An Azure role assignment was removed."""

    TYPE: ClassVar[str] = "azure_role.removed.v1"
    assignment: Id
    identity: Id
    tenant: TenantId

    def tags(self) -> tuple[str, ...]:
        """The assignment, the identity and the tenant."""
        return (
            f"assignment:{self.assignment}",
            f"identity:{self.identity}",
            f"tenant:{self.tenant}",
        )


class AzureRoleAssignedToGroup(Event):
    """The customer gave a group an Azure role on a scope: it counts for every member."""

    TYPE: ClassVar[str] = "azure_role.assigned_to_group.v1"
    assignment: Id
    group: Id
    tenant: TenantId
    role: Text
    scope: Scope
    through: Through | None = None

    def tags(self) -> tuple[str, ...]:
        """The assignment, the group and the tenant."""
        return (
            f"assignment:{self.assignment}",
            f"group:{self.group}",
            f"tenant:{self.tenant}",
        )


class AzureRoleRemovedFromGroup(Event):
    """An Azure role assignment of a group was removed."""

    TYPE: ClassVar[str] = "azure_role.removed_from_group.v1"
    assignment: Id
    group: Id
    tenant: TenantId

    def tags(self) -> tuple[str, ...]:
        """The assignment, the group and the tenant."""
        return (
            f"assignment:{self.assignment}",
            f"group:{self.group}",
            f"tenant:{self.tenant}",
        )


class DelegationEvent(Event):
    """What every event of a simple delegation says: whose tenant, and to which location."""

    tenant: TenantId
    location: Id

    def tags(self) -> tuple[str, ...]:
        """The tenant and the partner."""
        return (f"tenant:{self.tenant}", f"partner:{self.location}")

    def end_timer(self, until: Instant, *, runs: bool) -> Timer:
        """The timer of a delegation's end, started or stopped."""
        key = f"delegation_end:{self.tenant}|{self.location}|{to_us(until)}"
        return Timer(key, "delegation_end", to_us(until)) if runs else Timer(key, "", None)


class DelegatedAdminGranted(DelegationEvent):
    """The customer gave a partner delegated administration, DAP or GDAP (domain.md §6.3)."""

    TYPE: ClassVar[str] = "delegated_admin.granted.v1"
    kind: Literal["DAP", "GDAP"]
    roles: tuple[Text, ...] = Field(default=(), max_length=100)
    until: Instant | None = None

    def timers(self) -> tuple[Timer, ...]:
        """It ends by itself, where it has an end."""
        return (self.end_timer(self.until, runs=True),) if self.until else ()


class DelegatedAdminEnded(DelegationEvent):
    """A partner's delegated administration ended; ``overtaken`` is the end that it had else."""

    TYPE: ClassVar[str] = "delegated_admin.ended.v1"
    overtaken: Instant | None = None

    def timers(self) -> tuple[Timer, ...]:
        """The end of its term is awaited no more."""
        return (self.end_timer(self.overtaken, runs=False),) if self.overtaken else ()


class DelegatedAdminExpired(DelegationEvent):
    """A delegation's term ended. The clock records it; the grant said so from the first."""

    TYPE: ClassVar[str] = "delegated_admin.expired.v1"
    kind: Literal["DAP", "GDAP"]
    due: Instant

    def timers(self) -> tuple[Timer, ...]:
        """That end is awaited no more."""
        return (self.end_timer(self.due, runs=False),)


class AssociationRecorded(Event):
    """A partner is associated under a kind that has no event of its own (domain.md §6.6).

    ``kind`` is a row of the table of kinds, in lower case; ``slot`` the place it fills. ``source``
    says where this is known from.
    """

    TYPE: ClassVar[str] = "association.recorded.v1"
    kind: Slug
    slot: SlotName
    tenant: TenantId
    location: Id
    subscription: Id | None = None
    agreement: Id | None = None
    reference: Id | None = None
    source: Text
    documents: tuple[Document, ...] = Field(default=(), max_length=20)
    imported: Imported | None = None

    def tags(self) -> tuple[str, ...]:
        """The slot, the tenant, the partner, and what it is recorded on."""
        return distinct(
            f"slot:{self.slot}",
            f"tenant:{self.tenant}",
            f"partner:{self.location}",
            self.subscription and f"subscription:{self.subscription}",
            self.agreement and f"agreement:{self.agreement}",
        )


class AssociationEnded(Event):
    """An association of a kind without an event of its own ended."""

    TYPE: ClassVar[str] = "association.ended.v1"
    kind: Slug
    slot: SlotName
    tenant: TenantId
    location: Id
    reason: Text | None = None

    def tags(self) -> tuple[str, ...]:
        """The slot, the tenant and the partner."""
        return (f"slot:{self.slot}", f"tenant:{self.tenant}", f"partner:{self.location}")
