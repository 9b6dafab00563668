"""Events about who may act: roles granted and revoked, role tables (domain.md §2)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.event import Event, Timer, distinct
from schemas.time import to_us
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


class RoleEvent(Event):
    """What every event of a role says: whose it is, which, and in which scope."""

    grantee: Id
    role: Role
    organisation: Id | None = None
    location: Id | None = None
    tenant: TenantId | None = None

    def tags(self) -> tuple[str, ...]:
        """The grantee and the scope."""
        return distinct(
            f"actor:{self.grantee}",
            self.organisation and f"organisation:{self.organisation}",
            self.location and f"partner:{self.location}",
            self.tenant and f"tenant:{self.tenant}",
        )


class RoleGranted(RoleEvent):
    """An actor holds a role from the effective instant on, until ``until`` when that is given.

    Partner roles are scoped to an organisation and, for incentive roles, a location and an
    incentive programme (None: every programme); the customer's to a tenant; a reviewer may carry
    the organisation that employs it.
    """

    TYPE: ClassVar[str] = "role.granted.v1"
    until: Instant | None = None
    programme: Id | None = None

    def timers(self) -> tuple[Timer, ...]:
        """The role ends by itself, where it has an end."""
        return (_end_timer(self, self.until, runs=True),) if self.until else ()


class RoleRevoked(RoleEvent):
    """An actor lost a role in a scope from the effective instant on.

    ``overtaken`` are the ends that grants of it had and that are awaited no more.
    """

    TYPE: ClassVar[str] = "role.revoked.v1"
    reason: Comment | None = None
    programme: Id | None = None
    overtaken: Annotated[tuple[Instant, ...], Field(max_length=100)] | None = None

    def timers(self) -> tuple[Timer, ...]:
        """None of the ends that it overtakes is awaited."""
        return tuple(_end_timer(self, until, runs=False) for until in self.overtaken or ())


class RoleLapsed(RoleEvent):
    """A grant of a role came to its end. The clock records it; the grant said so from the first."""

    TYPE: ClassVar[str] = "role.lapsed.v1"
    due: Instant
    programme: Id | None = None

    def timers(self) -> tuple[Timer, ...]:
        """That end is awaited no more."""
        return (_end_timer(self, self.due, runs=False),)


def end_of(event: RoleGranted | RoleRevoked | RoleLapsed, until: Instant) -> str:
    """What waits for a grant's end: the grant, and the end itself, as grants may overlap.

    A location may change its organisation meanwhile (domain.md §7.5), so it goes without.
    """
    organisation = None if event.location else event.organisation
    scope = (organisation, event.location, event.tenant, event.programme)
    named = "|".join(part or "" for part in (event.grantee, event.role, *scope))
    return f"{named}|{to_us(until)}"


def _end_timer(
    event: RoleGranted | RoleRevoked | RoleLapsed, until: Instant, *, runs: bool
) -> Timer:
    """The timer of a grant's end, started or stopped."""
    key = f"role_end:{end_of(event, until)}"
    return Timer(key, "role_end", to_us(until)) if runs else Timer(key, "", None)


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
