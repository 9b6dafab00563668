"""Fold of corrections: a fact that was true from another instant on, or never was.

Who learned it before is still answered as then: rows are closed and opened, never rewritten.
"""

from __future__ import annotations

from collections.abc import Callable

from projections.pal import Pal
from projections.parties import Parties
from projections.placing import Placing
from projections.record import Record
from projections.slots import Slots
from projections.tracking import Tracking
from schemas.time import from_iso

_ENDS = ("subscription.ended.v1", "subscription.moved.v1")


class Corrections(Placing):
    """What follows from corrections, brought to the slots and to what the folds remember."""

    def __init__(self, slots: Slots, parties: Parties, pal: Pal, tracking: Tracking) -> None:
        super().__init__(slots, parties)
        self._pal, self._tracking = pal, tracking

    def handlers(self) -> dict[str, Callable[[Record], None]]:
        """What this fold does about each type of event."""
        return {"fact.corrected.v1": self._corrected, "fact.retracted.v1": self._retracted}

    def _corrected(self, record: Record) -> None:
        self._mend(record, from_iso(record.data["now"]))

    def _retracted(self, record: Record) -> None:
        self._mend(record, None)

    def _mend(self, record: Record, at_us: int | None) -> None:
        data = record.data
        self._parties.mend(record, at_us)
        if self._pal.mend(record, at_us) or self._tracking.mend(record, at_us):
            return
        slots = self._slots.facts.mend(data["fact"], at_us)
        if data["of"] in _ENDS:
            # Also what was told later, and ends with the subscription.
            named = data["about"][0].partition(":")[2]
            slots = sorted({*slots, f"dpor:{named}", f"csp:{named}"})
        for slot in slots:
            spans, emptied = self._slots.facts.told(slot, self._parties.subscription_end)
            self._slots.empty_only(slot, emptied)
            self._slots.settle(slot, spans, record)
