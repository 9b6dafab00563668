"""Acts that reached the operator in time but are keyed in late (DESIGN §3)."""

from __future__ import annotations

from datetime import datetime

from ledger.decision import Context, Facts
from ledger.decision_models.claim_state import Claim
from ledger.refusal import Refused
from ledger.rules.effective import effective_us
from ledger.rules.roles import permit


def judged_us(
    facts: Facts,
    context: Context,
    command: str,
    claim: Claim,
    received_at: datetime | None,
    comment: str | None,
) -> int:
    """The instant by which lateness is judged: when the act was received, or now.

    Only those who may key in late may say when it was received, and the comment must tell what
    shows it (``evidence_needed``). Nothing about a claim is received before it was submitted.
    """
    if received_at is None:
        return context.now_us
    permit(facts, context, f"{command} received_at")
    if not comment:
        raise Refused("evidence_needed", command=command)
    return effective_us(
        context,
        command,
        received_at,
        not_before_us=claim.first_submitted_us,
        because="when the claim was submitted",
    )
