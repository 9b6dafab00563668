"""Events about licensing agreements, from which TPOR follows by itself (domain.md §6)."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from schemas.event import Event, distinct
from schemas.values import Id, Imported, TenantId, Value


class TporRole(StrEnum):
    """The roles in which partners stand on an agreement, several at once (domain.md §6)."""

    DISTRIBUTOR = "distributor"
    RESELLER = "reseller"
    SOFTWARE_ADVISOR = "software_advisor"


class TransactingPartner(Value):
    """A partner location and its role on an agreement."""

    location: Id
    role: TporRole


class AgreementSigned(Event):
    """An agreement was signed; each named partner is TPOR in its role from then on."""

    TYPE: ClassVar[str] = "agreement.signed.v1"
    agreement: Id
    kind: Literal["EA", "MPSA", "OPEN"]
    tenant: TenantId
    partners: tuple[TransactingPartner, ...] = Field(min_length=1, max_length=10)
    imported: Imported | None = None

    def tags(self) -> tuple[str, ...]:
        """The agreement, the tenant and the partners."""
        return distinct(
            f"agreement:{self.agreement}",
            f"tenant:{self.tenant}",
            *(f"partner:{partner.location}" for partner in self.partners),
        )


class AgreementAmended(Event):
    """An amendment put partners on an agreement or took them off; TPOR follows (domain.md §6)."""

    TYPE: ClassVar[str] = "agreement.amended.v1"
    agreement: Id
    tenant: TenantId
    added: tuple[TransactingPartner, ...] = Field(default=(), max_length=10)
    removed: tuple[TransactingPartner, ...] = Field(default=(), max_length=10)

    def tags(self) -> tuple[str, ...]:
        """The agreement, the tenant and the partners that come and go."""
        return distinct(
            f"agreement:{self.agreement}",
            f"tenant:{self.tenant}",
            *(f"partner:{partner.location}" for partner in (*self.added, *self.removed)),
        )


class AgreementEnded(Event):
    """An agreement ended, and with it its TPOR associations."""

    TYPE: ClassVar[str] = "agreement.ended.v1"
    agreement: Id
    tenant: TenantId

    def tags(self) -> tuple[str, ...]:
        """The agreement and the tenant."""
        return (f"agreement:{self.agreement}", f"tenant:{self.tenant}")
