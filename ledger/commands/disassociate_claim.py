"""Giving an approved association back."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from schemas.claims import DisassociationReason
from schemas.values import Comment, Id, SlotName


class DisassociateClaim(Command):
    """Give slots of an approved claim back (all of them unless some are named), with the reason."""

    NAME: ClassVar[str] = "claim.disassociate"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "reason": "no_longer_working"}
    claim: Id
    reason: DisassociationReason
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] = ()
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The end of what the claim holds (domain.md §4.2, row 12)."""
        raise NotImplementedError
