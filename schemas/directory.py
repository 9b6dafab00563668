"""Events about who can reach what in Azure: identities that come and go, groups, the scope tree.

They decide what a partner admin link measures (domain.md §6.2).
"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from schemas.event import Event, distinct
from schemas.values import Id, TenantId, Text


class IdentityEvent(Event):
    """What happens to an identity as a whole, in every tenant at once."""

    identity: Id
    location: Id

    def tags(self) -> tuple[str, ...]:
        """The identity and its partner location."""
        return (f"identity:{self.identity}", f"partner:{self.location}")


class IdentityDisabled(IdentityEvent):
    """An identity can't sign in any more; its attribution stops until it is enabled again."""

    TYPE: ClassVar[str] = "identity.disabled.v1"


class IdentityEnabled(IdentityEvent):
    """A disabled identity can sign in again; its attribution resumes."""

    TYPE: ClassVar[str] = "identity.enabled.v1"


class IdentityDeleted(IdentityEvent):
    """An identity is gone; its attribution stops for good."""

    TYPE: ClassVar[str] = "identity.deleted.v1"


class GroupRegistered(Event):
    """A security group became known, with the directory (tenant) it lives in."""

    TYPE: ClassVar[str] = "group.registered.v1"
    group: Id
    tenant: TenantId
    name: Text

    def tags(self) -> tuple[str, ...]:
        """The group and its directory."""
        return (f"group:{self.group}", f"tenant:{self.tenant}")


class GroupMemberAdded(Event):
    """An identity became a member: the group's Azure roles count for it too."""

    TYPE: ClassVar[str] = "group.member_added.v1"
    group: Id
    identity: Id

    def tags(self) -> tuple[str, ...]:
        """The membership, the identity and the group."""
        return (
            f"membership:{self.group}:{self.identity}",
            f"identity:{self.identity}",
            f"group:{self.group}",
        )


class GroupMemberRemoved(Event):
    """An identity is no member any more: the group's Azure roles stop counting for it."""

    TYPE: ClassVar[str] = "group.member_removed.v1"
    group: Id
    identity: Id

    def tags(self) -> tuple[str, ...]:
        """The membership, the identity and the group."""
        return (
            f"membership:{self.group}:{self.identity}",
            f"identity:{self.identity}",
            f"group:{self.group}",
        )


class ScopePlaced(Event):
    """A subscription or a management group was put under a management group of its tenant.

    Exactly one of ``subscription`` and ``management_group`` is given. Without ``parent`` it lies
    under the tenant's root, above which there is nothing.
    """

    TYPE: ClassVar[str] = "scope.placed.v1"
    tenant: TenantId
    subscription: Id | None = None
    management_group: Id | None = None
    parent: Id | None = None

    @model_validator(mode="after")
    def _one_is_placed(self) -> Self:
        if (self.subscription is None) == (self.management_group is None):
            raise ValueError("needs either subscription or management_group, to say what is placed")
        return self

    def tags(self) -> tuple[str, ...]:
        """The place of what is put there, the tenant and, for a subscription, that."""
        return distinct(
            place_tag(self.tenant, self.subscription, self.management_group),
            f"tenant:{self.tenant}",
            self.subscription and f"subscription:{self.subscription}",
        )


def place_tag(tenant: str, subscription: str | None, management_group: str | None) -> str:
    """The tag under which all placements of one subscription or management group are found."""
    kind = f"subscription:{subscription}" if subscription else f"group:{management_group}"
    return f"place:{tenant}:{kind}"
