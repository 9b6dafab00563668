"""Taking a tracking id out of what a publisher deploys."""

from __future__ import annotations

from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.tracking import TRACKING
from ledger.rules.effective import effective_us
from ledger.rules.references import known, still_in_force
from ledger.rules.roles import permit
from schemas.tracking import TrackingId, TrackingIdRemoved
from schemas.values import Instant


class RemoveTrackingId(Command):
    """Record that a publisher removed its tracking id: later deployments are not tracked."""

    NAME: ClassVar[str] = "tracking_id.remove"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tracking_id": "eb7927c8-dd66-43e1-b0cf-c346a4220633",
        "effective_at": "2021-03-01T00:00:00Z",
    }
    tracking_id: TrackingId
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The removal, which is not retroactive: what was deployed stays (domain.md §6)."""
        found = known(facts, TRACKING, self.tracking_id)
        permit(facts, context, self.NAME, location=found.location)
        still_in_force("tracking id", self.tracking_id, found.removed_us)
        at_us = effective_us(
            context,
            self.NAME,
            self.effective_at,
            not_before_us=found.registered_us,
            because="its registration",
        )
        event = TrackingIdRemoved(tracking_id=self.tracking_id, location=found.location)
        return Decision(event, at_us)
