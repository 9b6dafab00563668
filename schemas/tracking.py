"""Events of customer usage attribution, CUA: tracking ids and what is deployed with them (§6.4)."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

from schemas.associations import Scope
from schemas.event import Event
from schemas.values import Id, TenantId, Text

_PREFIX = re.compile("(pid-)+", re.IGNORECASE)


def _without_prefix(text: object) -> object:
    found = _PREFIX.match(text) if isinstance(text, str) else None
    return text[found.end() :] if isinstance(text, str) and found else text


_ID = r"^[a-z0-9](-?[a-z0-9]){0,63}$"

TrackingId = Annotated[
    str,
    BeforeValidator(_without_prefix),
    StringConstraints(to_lower=True, max_length=100, pattern=f"(?i-u){_ID}"),
    WithJsonSchema({"type": "string", "maxLength": 100, "pattern": _ID}),
]
"""A tracking id without ``pid-`` and in lower case: a template writes the prefix, Terraform does
not (domain.md §6.4). A GUID, or what Partner Center made up for a marketplace offer."""

TrackingKind = Literal["cua", "tracked_template", "marketplace"]
"""How what is deployed carries the id."""


class TrackingIdRegistered(Event):
    """A publisher registered a tracking id under its own identifiers."""

    TYPE: ClassVar[str] = "tracking_id.registered.v1"
    tracking_id: TrackingId
    location: Id
    kind: TrackingKind
    description: Text

    def tags(self) -> tuple[str, ...]:
        """The tracking id and the publisher."""
        return (f"tracking:{self.tracking_id}", f"partner:{self.location}")


class TrackingIdRemoved(Event):
    """A publisher took a tracking id out of what is deployed: later deployments have none."""

    TYPE: ClassVar[str] = "tracking_id.removed.v1"
    tracking_id: TrackingId
    location: Id

    def tags(self) -> tuple[str, ...]:
        """The tracking id and the publisher."""
        return (f"tracking:{self.tracking_id}", f"partner:{self.location}")


class DeploymentReported(Event):
    """Something was deployed with a tracking id: the resources in ``scope`` are its publisher's.

    ``automatic``: the marketplace itself added the id (domain.md §6.4).
    """

    TYPE: ClassVar[str] = "deployment.reported.v1"
    deployment: Id
    tracking_id: TrackingId
    location: Id
    kind: TrackingKind
    tenant: TenantId
    subscription: Id
    scope: Scope
    automatic: bool

    def tags(self) -> tuple[str, ...]:
        """The deployment, its tracking id, tenant, subscription and publisher."""
        return (
            f"deployment:{self.deployment}",
            f"tracking:{self.tracking_id}",
            f"tenant:{self.tenant}",
            f"subscription:{self.subscription}",
            f"partner:{self.location}",
        )


class DeploymentEnded(Event):
    """The resources of a deployment are gone; there is nothing left to attribute."""

    TYPE: ClassVar[str] = "deployment.ended.v1"
    deployment: Id
    tracking_id: TrackingId
    location: Id
    tenant: TenantId

    def tags(self) -> tuple[str, ...]:
        """The deployment, its tracking id, tenant and publisher."""
        return (
            f"deployment:{self.deployment}",
            f"tracking:{self.tracking_id}",
            f"tenant:{self.tenant}",
            f"partner:{self.location}",
        )
