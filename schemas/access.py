"""Events about who may act: roles granted and revoked, role tables (domain.md §2)."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from schemas.event import Event, distinct
from schemas.values import Comment, Content, Id, Instant, Sha256, TenantId


class Role(StrEnum):
    """The roles of the ledger: partner roles of domain.md §2, the customer's, the programme's."""

    OPERATOR = "operator"
    GLOBAL_ADMIN = "global_admin"
    ACCOUNT_ADMIN = "account_admin"
    INCENTIVE_ADMIN = "incentive_admin"
    INCENTIVE_USER = "incentive_user"
    BILLING_ADMIN = "billing_admin"
    EXECUTIVE = "executive"
    CUSTOMER_ADMIN = "customer_admin"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ANALYST = "analyst"


class RoleGranted(Event):
    """An actor holds a role from the effective instant on, until ``until`` when that is given.

    Partner roles are scoped to an organisation and, for incentive roles, a location and an
    incentive programme (None: every programme); the customer's to a tenant; a reviewer may carry
    the organisation that employs it.
    """

    TYPE: ClassVar[str] = "role.granted.v1"
    grantee: Id
    role: Role
    organisation: Id | None = None
    location: Id | None = None
    tenant: TenantId | None = None
    until: Instant | None = None
    programme: Id | None = None

    def tags(self) -> tuple[str, ...]:
        """The grantee and the scope."""
        return distinct(
            f"actor:{self.grantee}",
            self.organisation and f"organisation:{self.organisation}",
            self.location and f"partner:{self.location}",
            self.tenant and f"tenant:{self.tenant}",
        )


class RoleRevoked(Event):
    """An actor lost a role in a scope from the effective instant on."""

    TYPE: ClassVar[str] = "role.revoked.v1"
    grantee: Id
    role: Role
    organisation: Id | None = None
    location: Id | None = None
    tenant: TenantId | None = None
    reason: Comment | None = None
    programme: Id | None = None

    def tags(self) -> tuple[str, ...]:
        """The grantee and the scope."""
        return distinct(
            f"actor:{self.grantee}",
            self.organisation and f"organisation:{self.organisation}",
            self.location and f"partner:{self.location}",
            self.tenant and f"tenant:{self.tenant}",
        )


class RolesAdopted(Event):
    """A role table came into force: who may do what, embedded whole (domain.md §2, DESIGN §5).

    A command that the content does not name, such as one of a later version, is permitted as the
    shipped table says.
    """

    TYPE: ClassVar[str] = "roles.adopted.v1"
    roles: Id
    content: Content
    sha256: Sha256

    def tags(self) -> tuple[str, ...]:
        """The role table, and the tag all role tables share."""
        return (f"roles:{self.roles}", "roletables:all")
