"""Refreshing the proof of a claim."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.policy import policy_of
from ledger.refusal import Refused
from ledger.rules.claim_steps import in_state, partners_claim
from ledger.rules.policy import ClaimState
from ledger.rules.proof import not_dated_ahead
from schemas.claims import ClaimProofAdded
from schemas.time import iso, to_us
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
        claim = partners_claim(facts, context, self.NAME, self.claim)
        policy = policy_of(facts, claim.policy)
        in_state(claim, self.NAME, *policy.proof.added_in)
        start = policy.proof.added_when_approved_from
        if start and claim.state is ClaimState.APPROVED and context.now_us < to_us(start):
            raise Refused("proof_not_taken", policy=policy.policy, start=iso(to_us(start)))
        not_dated_ahead(context, self.proof)
        event = ClaimProofAdded(
            claim=claim.claim, tenant=claim.tenant, location=claim.location, proof=self.proof
        )
        return Decision(event, context.now_us, claim.position)
