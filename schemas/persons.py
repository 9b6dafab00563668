"""Events about persons whose contacts the ledger holds, by their keys and nothing else (§8)."""

from __future__ import annotations

from typing import ClassVar, Literal

from schemas.event import Event
from schemas.values import Id


class PersonErased(Event):
    """A person's key was destroyed: what was sealed under it can't be read any more.

    Says nothing of the person; the reason is one of a list, so that nobody writes a name there.
    """

    TYPE: ClassVar[str] = "person.erased.v1"
    key: Id
    reason: Literal["asked", "retention", "mistake"] = "asked"

    def tags(self) -> tuple[str, ...]:
        """The key."""
        return (f"person:{self.key}",)
