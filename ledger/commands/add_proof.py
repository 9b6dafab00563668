"""Refreshing the proof of a claim."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from schemas.values import Id, Proof


class AddProof(Command):
    """Add a newer proof to a claim; the newest is what an arbitration compares."""

    NAME: ClassVar[str] = "claim.add_proof"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "claim": "C-1",
        "proof": {
            "documents": [{"title": "Statement of work, second year", "sha256": "cd" * 32}],
            "elements": ["identities", "customer_acknowledgement", "activities", "workloads"],
            "acknowledged_on": "2021-02-01",
        },
    }
    claim: Id
    proof: Proof

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The added proof, in the states where the policy takes one (domain.md §3.4, §5)."""
        raise NotImplementedError
