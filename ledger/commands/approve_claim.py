"""Approving a claim."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Comment, Id, Instant, SlotName


class ApproveClaim(Command):
    """Accept a claim's proof: the partner holds its slots from now on, or from an earlier date."""

    NAME: ClassVar[str] = "claim.approve"
    EXAMPLE: ClassVar[dict[str, Any]] = {"claim": "C-1", "comment": "Proof complete."}
    claim: Id
    slots: Annotated[tuple[SlotName, ...], Field(max_length=20)] = ()
    effective_from: Instant | None = None
    back_dated_because: Comment | None = None
    comment: Comment | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The approval, if every slot is free over the whole interval (domain.md §4.2, row 4)."""
        raise NotImplementedError
