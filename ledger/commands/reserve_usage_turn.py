"""Reserving the turn of a usage attempt."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ledger.decision import Command, Context, Decision, Facts
from ledger.refusal import Refused
from ledger.rules.effective import check_until
from ledger.rules.roles import permit
from ledger.rules.usage_basis import check_turn
from schemas.time import from_us, iso
from schemas.usage import Metric, UsageTurnReserved
from schemas.values import Id, Instant

LONGEST_TURN = timedelta(hours=1)


class ReserveUsageTurn(Command):
    """Let an attempt that lost twice go first until ``expires_at``, at most an hour ahead."""

    NAME: ClassVar[str] = "usage.reserve"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "attempt": "R-2020-08.3",
        "metrics": ["m365.mau", "m365.pau"],
        "expires_at": "2020-09-16T00:10:00Z",
    }
    attempt: Id
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1, max_length=64)]
    expires_at: Instant

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The reservation, if nobody else's turn runs for one of the metrics (DESIGN §2.4)."""
        permit(facts, context, self.NAME)
        check_until(self.expires_at, context.now_us)
        if self.expires_at - from_us(context.now_us) > LONGEST_TURN:
            raise Refused(
                "turn_too_long",
                expires=self.expires_at.isoformat(),
                now=iso(context.now_us),
            )
        check_turn(facts, context, self.attempt, self.metrics)
        event = UsageTurnReserved(
            attempt=self.attempt, metrics=self.metrics, expires_at=self.expires_at
        )
        return Decision(event, context.now_us)
