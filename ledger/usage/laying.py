"""Lays cuts that were counted in another house onto a topic, at the offsets they have there.

A decision names partition and offsets, and never changes. So the records of its cut are put into
that very stretch: the first at its first offset, the last before its end, the others between; a
place that nobody needs gets a record that readers pass over. Which cut a place goes to follows from
the cuts alone (the one that ends first), so a copy that was killed goes on by comparing.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import polars as pl

from ledger.cluster.bulk import BulkTopic, Headers, Page
from ledger.errors import BadInputError, DamagedError
from ledger.usage.decisions import Decided
from ledger.usage.filling import require_reach
from ledger.usage.log import Batch, Cut
from ledger.usage.sending import LOOK_SECONDS, Patience, not_taken
from ledger.usage.topic_records import STATEMENTS_AT_ONCE, Sealing, Sent, told
from schemas.cloud_event import source_urn

CHUNK_RECORDS = 10_000
"""Records that are sent, and read back, at a time."""

_FILLER: Headers = [("attribution-filler", b"1")]

Read = Callable[[Cut], Iterable[Batch]]


class _Record(NamedTuple):
    """What lies at one offset."""

    key: bytes | None
    value: bytes
    headers: Headers


_NOTHING = _Record(None, b"", _FILLER)


class Laying:
    """Lays the cuts of decisions of a ledger onto its topic. For one thread."""

    def __init__(
        self, topic: BulkTopic, ledger: str, decided: Sequence[Decided], patience: Patience
    ) -> None:
        self._topic, self._ledger, self._patience = topic, ledger, patience
        self._source = source_urn(ledger).encode()
        self._decided = decided

    def require_room(self) -> None:
        """Raise ``BadInputError`` unless the topic has every partition that the cuts name."""
        cuts = (cut for entry in self._decided for cut in entry.decision.cut)
        needed = max((cut.partition + 1 for cut in cuts), default=0)
        there = self._topic.partitions()
        if there < needed:
            raise BadInputError(
                f"The decisions of {self._ledger} name usage rows in {needed} partitions; the topic"
                f" of usage has {there}.",
                hint="Make the topics anew: attribution topics create URL --usage-partitions"
                f" {needed}",
                code="usage_not_moved",
            )

    def lay(self, read: Read, position: int, progress: Callable[[int], None]) -> None:
        """Lay what is decided beyond a position, which the new house has already.

        ``read`` gives the rows of a cut; ``progress`` is told how many records lie there.

        Raises:
            BadInputError: ``usage_not_moved``: a cut is to lie where others lie already.
            DamagedError: ``other_usage``: something else lies in a place.
            StorageError: the cluster does not take it in time.
        """
        known = [it for it in self._decided if it.position <= position]
        require_reach(self._topic, [cut for entry in known for cut in entry.decision.cut])
        begins: dict[int, int] = {}
        for cut in (cut for entry in known for cut in entry.decision.cut):
            begins[cut.partition] = max(begins.get(cut.partition, 0), cut.end_offset)
        lanes: dict[int, list[tuple[Cut, str]]] = {}
        for entry in self._decided[len(known) :]:
            for cut in entry.decision.cut:
                lanes.setdefault(cut.partition, []).append((cut, entry.decision.attempt))
        done = 0
        for partition, lane in sorted(lanes.items()):
            begin = begins.get(partition, 0)
            places = _places(
                [
                    _Waiting(cut, attempt, self._records(cut, attempt, read))
                    for cut, attempt in lane
                ],
                begin,
            )
            attempts = {attempt for _, attempt in lane}
            at = begin
            while chunk := list(islice(places, CHUNK_RECORDS)):
                self._put(partition, at, chunk, attempts)
                at, done = at + len(chunk), done + len(chunk)
                progress(done)

    def _records(self, cut: Cut, attempt: str, read: Read) -> Iterator[_Record]:
        sealing = Sealing(self._ledger, attempt, self._topic.partitions())
        waiting: list[pl.DataFrame] = []

        def sealed(rows: pl.DataFrame) -> Sent:
            return sealing.placed(cut.partition, "statement", rows)

        for batch in read(cut):
            other = batch.record != "statement" or (
                bool(waiting) and waiting[0].item(0, "metric") != batch.metric
            )
            if waiting and other:
                yield from _each(sealed(pl.concat(waiting)))
                waiting = []
            if batch.record == "increment":
                yield from _each(sealing.placed(cut.partition, "increment", batch.rows))
                continue
            # Full records only, so that no more are needed than there were.
            rows = pl.concat([*waiting, batch.rows])
            full = len(rows) - len(rows) % STATEMENTS_AT_ONCE
            if full:
                yield from _each(sealed(rows[:full]))
            waiting = [rows[full:]] if len(rows) > full else []
        if waiting:
            yield from _each(sealed(pl.concat(waiting)))

    def _put(self, partition: int, at: int, chunk: Sequence[_Record], attempts: set[str]) -> None:
        """Have a chunk lie at an offset: what is there is compared, the rest sent and read back."""
        patience = self._patience
        seen, end = 0, at + len(chunk)
        if self._topic.ends()[partition] < end:
            self._topic.lost()  # what was lost before is no news
        moved = sent = patience.monotonic()
        upto = min(end, self._topic.ends()[partition])  # what lies there already
        if upto < end:
            self._send(partition, chunk[max(0, upto - at) :])
        while seen < len(chunk):
            before = seen
            for page in self._topic.read({partition: at + seen}, LOOK_SECONDS):
                seen += self._same(page, at, seen, chunk, attempts)
            now = patience.monotonic()
            if seen > before:
                moved = sent = now
            elif now - moved >= patience.give_up_seconds:
                raise not_taken(len(chunk) - seen, "the copy goes on where it stopped.")
            elif self._topic.lost() or now - sent >= patience.resend_seconds:
                self._topic.flush(patience.resend_seconds)
                if self._topic.ends()[partition] == at + seen:
                    self._send(partition, chunk[seen:])
                sent = patience.monotonic()

    def _send(self, partition: int, records: Sequence[_Record]) -> None:
        keys, values, headers = zip(*records, strict=True)
        self._topic.send(partition, list(keys), list(values), list(headers))

    def _same(
        self, page: Page, at: int, seen: int, chunk: Sequence[_Record], attempts: set[str]
    ) -> int:
        """How many records of a page lie as the chunk wants them; raises for one that doesn't."""
        count = min(len(page.offsets), len(chunk) - seen)
        for place in range(count):
            wanted, offset = chunk[seen + place], at + seen + place
            found = _Record(wanted.key, page.values[place], page.headers[place])
            if page.offsets[place] != offset or not self._fits(found, wanted, attempts):
                raise _other(page.partition, offset)
        return count

    def _fits(self, found: _Record, wanted: _Record, attempts: set[str]) -> bool:
        if wanted is not _NOTHING:
            return found == wanted
        # Any record will do, but not one that a reader takes for a copied attempt's.
        known = told(found.headers, self._source)
        return known is None or known.name.attempt not in attempts


class _Waiting:
    """A cut on its way: its records, one looked at before it is taken."""

    def __init__(self, cut: Cut, attempt: str, records: Iterator[_Record]) -> None:
        self.cut, self.attempt = cut, attempt
        self._records, self._near = records, deque[_Record]()

    def __lt__(self, other: _Waiting) -> bool:
        return self.cut.end_offset < other.cut.end_offset

    def left(self, most: int) -> int:
        """How many records wait, counted up to ``most``."""
        while len(self._near) < most:
            record = next(self._records, None)
            if record is None:
                break
            self._near.append(record)
        return min(len(self._near), most)

    def take(self) -> _Record:
        """The next record."""
        if not self.left(1):
            raise _no_room(self.cut)
        return self._near.popleft()


def _places(waiting: Sequence[_Waiting], begin: int) -> Iterator[_Record]:
    """What lies at each offset from ``begin`` up to the last end."""
    coming = deque(sorted(waiting, key=lambda it: it.cut.first_offset))
    open_: list[_Waiting] = []
    last = max((it.cut.end_offset for it in waiting), default=begin)
    for offset in range(begin, last):
        if coming and coming[0].cut.first_offset < offset:
            raise _no_room(coming[0].cut)
        if open_ and open_[0].cut.end_offset <= offset:
            raise _no_room(open_[0].cut)
        if coming and coming[0].cut.first_offset == offset:
            one = coming.popleft()
            yield one.take()
            if one.cut.end_offset > offset + 1:
                insort(open_, one)
            elif one.left(1):
                raise _no_room(one.cut)
            continue
        if open_ and open_[0].cut.end_offset == offset + 1:
            one = open_.pop(0)
            yield one.take() if one.left(1) else _NOTHING  # its rows came in one record
            if one.left(1):
                raise _no_room(one.cut)
            continue
        ready = next((it for it in open_ if it.left(2) == 2), None)
        yield ready.take() if ready is not None else _NOTHING
    if coming or open_:
        raise _no_room((coming or open_)[0].cut)


def _each(sent: Sent) -> Iterator[_Record]:
    return map(_Record, sent.keys, sent.values, sent.headers)


def _other(partition: int, offset: int) -> DamagedError:
    return DamagedError(
        f"At offset {offset} of partition {partition} of the usage topic lies something else than"
        " what is to be copied there.",
        hint="Somebody wrote to it, or a record was lost on the way. Copy to topics made anew; the"
        " old house is as it was.",
        code="other_usage",
    )


def _no_room(cut: Cut) -> BadInputError:
    return BadInputError(
        f"The usage rows that a decision names by offsets {cut.first_offset} to"
        f" {cut.end_offset - 1} of partition {cut.partition} can't be laid there: others lie in"
        " their place.",
        hint="They were on their way when this house was first copied to. Copy to topics made anew,"
        " with nothing being loaded.",
        code="usage_not_moved",
    )
