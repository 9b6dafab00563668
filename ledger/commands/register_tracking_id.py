"""Registering a tracking id of a publisher."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from ledger.decision import Command, Context, Decision, Facts
from ledger.decision_models.tracking import TRACKING
from ledger.refusal import Refused
from ledger.rules.cua import rules
from ledger.rules.effective import effective_us
from ledger.rules.references import unused
from ledger.rules.roles import permit
from ledger.rules.standing import living_location
from schemas.tracking import TrackingId, TrackingIdRegistered, TrackingKind
from schemas.values import Id, Instant, Text

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class RegisterTrackingId(Command):
    """Register a tracking id under a publisher's partner id, with or without `pid-`."""

    NAME: ClassVar[str] = "tracking_id.register"
    EXAMPLE: ClassVar[dict[str, Any]] = {
        "tracking_id": "pid-eb7927c8-dd66-43e1-b0cf-c346a4220633",
        "location": "101",
        "kind": "cua",
        "description": "Shop in a box",
        "effective_at": "2020-08-01T00:00:00Z",
    }
    tracking_id: TrackingId
    location: Id
    kind: TrackingKind
    description: Text
    effective_at: Instant | None = None

    def decide(self, facts: Facts, context: Context) -> Decision:
        """The registration; an id belongs to one publisher (domain.md §6.4)."""
        permit(facts, context, self.NAME, location=self.location)
        living_location(facts, self.location)
        unused(facts, TRACKING, self.tracking_id)
        if self.kind in rules().guid_kinds and not _GUID.fullmatch(self.tracking_id):
            raise Refused("tracking_id_no_guid", value=self.tracking_id, kind=self.kind)
        at_us = effective_us(context, self.NAME, self.effective_at)
        event = TrackingIdRegistered(
            tracking_id=self.tracking_id,
            location=self.location,
            kind=self.kind,
            description=self.description,
        )
        return Decision(event, at_us)
