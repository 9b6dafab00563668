"""What all folds of holdings share: setting, emptying and cutting a place over effective time."""

from __future__ import annotations

from collections.abc import Iterable

from projections import timeline
from projections.parties import Parties
from projections.record import Record
from projections.rules import RULES
from projections.slot_facts import CUT, EMPTIED, SET, STARTED
from projections.slots import Slots
from projections.timeline import Holding, Span
from schemas.time import FOREVER_US


class Placing:
    """A fold that brings holdings to their slots."""

    def __init__(self, slots: Slots, parties: Parties) -> None:
        self._slots, self._parties = slots, parties

    def _plain(
        self,
        record: Record,
        kind: str,
        slot: str,
        location: str,
        rule: str,
        *,
        subscription: str | None = None,
        role: str | None = None,
    ) -> Holding:
        return Holding(
            kind=kind,
            slot=slot,
            tenant=record.data["tenant"],
            subscription=subscription,
            workload=None,
            activity=None,
            scope=None,
            role=role,
            partner=location,
            organisation=self._parties.organisation_of(location),
            claim=None,
            because=record.position,
            rule=RULES[rule],
        )

    def _set(self, slot: str, holding: Holding, end_us: int, record: Record) -> None:
        at_us = record.effective_at_us
        own_end_us = FOREVER_US if holding.subscription else end_us
        self._slots.facts.tell(slot, record.position, SET, at_us, own_end_us, [holding])
        emptied = self._slots.emptied(slot)
        spans = timeline.started(self._slots.spans(slot), emptied, at_us, end_us, [holding])
        if at_us in emptied:
            self._slots.unmark_emptied(slot, at_us)
        self._slots.settle(slot, spans, record)

    def _empty(self, slot: str, record: Record) -> None:
        at_us = record.effective_at_us
        self._slots.facts.tell(slot, record.position, EMPTIED, at_us)
        spans = self._slots.spans(slot)
        turn = timeline.next_turn(spans, self._slots.emptied(slot), at_us)
        self._slots.mark_emptied(slot, at_us)
        self._slots.settle(slot, timeline.without(spans, at_us, turn), record)

    def _start(
        self,
        slot: str,
        holdings: list[Holding],
        end_us: int,
        record: Record,
        losers: Iterable[str] = (),
    ) -> None:
        spans, at_us = self._slots.spans(slot), record.effective_at_us
        if holdings[0].claim is None:
            own_end_us = FOREVER_US if holdings[0].subscription else end_us
            self._slots.facts.tell(slot, record.position, STARTED, at_us, own_end_us, holdings)
        for loser in losers:
            spans = timeline.without(spans, at_us, FOREVER_US, timeline.of_claim(loser))
        self._slots.settle(slot, timeline.started(spans, (), at_us, end_us, holdings), record)

    def _cut(self, slot: str, at_us: int, record: Record) -> list[Span]:
        spans = self._slots.spans(slot)
        if spans and spans[0].holding.claim is None:
            self._slots.facts.tell(slot, record.position, CUT, at_us)
        over = [span for span in spans if span.end_us > at_us]
        if over:
            self._slots.settle(slot, timeline.without(spans, at_us, FOREVER_US), record)
        return over
