"""Reads from the usage topic what decisions count: the rows of their cuts, checked.

Only the stretches that cuts name are read; in them, only the records that the rule keeps.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.cluster.bulk import BulkTopic, Page
from ledger.errors import StorageError
from ledger.usage.decisions import Decided
from ledger.usage.log import Cut, DamagedUsageError
from ledger.usage.sending import LOOK_SECONDS, Patience
from ledger.usage.staging import Spool, StagedCut, Staging
from ledger.usage.topic_records import UnreadableRowsError, rows_of
from ledger.usage.topic_rule import Rule

GROUP_ROWS = 250_000
GROUP_DECISIONS = 50
"""Decisions whose rows are read together, at most; so that many small ones are read in one go."""


class _Wanted(NamedTuple):
    """A cut that is being read."""

    attempt: str
    cut: Cut
    rule: Rule
    staging: Staging


Filled = tuple[Decided, list[StagedCut]]


def groups(missing: Sequence[Decided]) -> Iterator[list[Decided]]:
    """Decisions in groups that are read together, in order."""
    group: list[Decided] = []
    rows = 0
    for entry in missing:
        own = sum(cut.count for cut in entry.decision.cut)
        if group and (rows + own > GROUP_ROWS or len(group) == GROUP_DECISIONS):
            yield group
            group, rows = [], 0
        group.append(entry)
        rows += own
    if group:
        yield group


class Filling:
    """Reads the cuts of a group of decisions from the topic of ledger ``source``."""

    def __init__(self, topic: BulkTopic, source: bytes, spool: Spool, patience: Patience) -> None:
        self._topic, self._source = topic, source
        self._spool, self._patience = spool, patience

    def read(self, group: Sequence[Decided]) -> Iterator[Filled]:
        """The decisions in order, each with the rows it counts.

        Raises ``DamagedUsageError`` where the topic does not hold them, ``StorageError`` where it
        does not give them in time.
        """
        wanted = [
            self._wanted(entry.decision.attempt, cut)
            for entry in group
            for cut in entry.decision.cut
        ]
        self._read(wanted)
        read = iter(wanted)
        for entry in group:
            yield entry, [_checked(next(read), entry.position) for _ in entry.decision.cut]

    def _wanted(self, attempt: str, cut: Cut) -> _Wanted:
        rule = Rule(self._source, cut.partition, {attempt})
        return _Wanted(attempt, cut, rule, Staging(self._spool))

    def _read(self, wanted: Sequence[_Wanted]) -> None:
        lanes: dict[int, list[_Wanted]] = defaultdict(list)
        for one in wanted:
            lanes[one.cut.partition].append(one)
        require_reach(self._topic, [one.cut for one in wanted])
        offsets = {at: min(it.cut.first_offset for it in lane) for at, lane in lanes.items()}
        ends = {at: max(it.cut.end_offset for it in lane) for at, lane in lanes.items()}
        moved = self._patience.monotonic()
        while offsets:
            pages = self._topic.read(offsets, LOOK_SECONDS)
            for page in pages:
                for one in lanes[page.partition]:
                    _take(one, page)
                offsets[page.partition] = _next(lanes[page.partition], page.upto)
            offsets = {at: offset for at, offset in offsets.items() if offset < ends[at]}
            now = self._patience.monotonic()
            if pages:
                moved = now
            elif now - moved >= self._patience.give_up_seconds:
                raise _silent(offsets)


def require_reach(topic: BulkTopic, cuts: Iterable[Cut]) -> None:
    """Raise ``DamagedUsageError`` unless the topic reaches over all cuts."""
    firsts, ends = topic.beginnings(), topic.ends()
    for cut in cuts:
        if cut.partition >= len(ends):
            raise _lost(cut, f"it has {len(ends)} partitions")
        if cut.end_offset > ends[cut.partition]:
            raise _lost(cut, f"the partition ends at offset {ends[cut.partition]}")
        if cut.first_offset < firsts[cut.partition]:
            raise _lost(cut, f"the partition begins at offset {firsts[cut.partition]}")


def _next(lane: Sequence[_Wanted], upto: int) -> int:
    """Where to read on: what lies between two cuts is passed over."""
    begins = [it.cut.first_offset for it in lane if it.cut.end_offset > upto]
    return max(upto, min(begins, default=upto))


def _take(one: _Wanted, page: Page) -> None:
    """Stage what belongs to a cut."""
    low = bisect_left(page.offsets, one.cut.first_offset)
    high = bisect_left(page.offsets, one.cut.end_offset)
    for kept in one.rule.take(page.headers[low:high]):
        try:
            rows = rows_of(kept.record, [page.values[low + place] for place in kept.places])
        except UnreadableRowsError as error:
            raise _changed(one.cut, str(error)) from error
        if len(rows):
            one.staging.take(kept.record, rows)


def _checked(one: _Wanted, position: int) -> StagedCut:
    one.staging.flush()
    digest = one.staging.digest
    if (digest.count, digest.hex()) != (one.cut.count, one.cut.digest):
        raise _changed(
            one.cut,
            f"they have digest {digest.hex()} over {digest.count} rows; position {position} states"
            f" {one.cut.digest} over {one.cut.count}",
        )
    return StagedCut(one.cut, one.rule.kept(one.attempt), one.staging.laid)


def _stretch(cut: Cut) -> str:
    return (
        f"usage rows at offsets {cut.first_offset} to {cut.end_offset - 1} of partition"
        f" {cut.partition}"
    )


def _changed(cut: Cut, why: str) -> DamagedUsageError:
    return DamagedUsageError(
        f"The {_stretch(cut)} are not those that were counted: {why}.",
        hint="Find out who changed the topic; nothing was kept of them.",
    )


def _lost(cut: Cut, why: str) -> DamagedUsageError:
    return DamagedUsageError(
        f"The topic lost {_stretch(cut)}: {why}.",
        hint="Restore the topic of usage; nothing was changed.",
        code="usage_truncated",
    )


def _silent(offsets: dict[int, int]) -> StorageError:
    at, offset = next(iter(offsets.items()))
    return StorageError(
        f"Kafka has usage rows beyond offset {offset} of partition {at} but gives none.",
        hint="Check the brokers, then repeat.",
        code="log_silent",
    )
