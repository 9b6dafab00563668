"""What only the ledger's own clock records: that time passed."""

from __future__ import annotations

from ledger.decision import Context
from ledger.refusal import Refused

CLOCK = "clock"
"""The actor of what happens because time passed."""


def only_the_clock(context: Context, command: str) -> None:
    """Refuse, as ``not_permitted``, anybody but the clock."""
    if context.actor != CLOCK:
        why = "only the ledger's own clock records that time passed"
        raise Refused("not_permitted", actor=context.actor, command=command, why=why, who="nobody")
