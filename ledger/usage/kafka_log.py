"""The usage log of many machines: a topic that all nodes append to, and a replica of what counts.

Attempts are appended to the topic and read back. What a decision counts is kept in the node's own
``usage.db``, in the order of decisions; readers read that alone, so a node that holds everything
asks the cluster for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import ClassVar, NamedTuple

import polars as pl

from ledger.cluster.bulk import BulkTopic, open_bulk
from ledger.cluster.place import Place
from ledger.cluster.topics import check
from ledger.collecting import seldom_collected
from ledger.usage.batches import parts
from ledger.usage.decisions import Decided
from ledger.usage.filling import Filling, groups, require_reach
from ledger.usage.log import EVERYTHING, Batch, Cut, DamagedUsageError, Wanted
from ledger.usage.replica import HeldCut, Replica
from ledger.usage.rows import Record
from ledger.usage.sending import Patience, Sending, cuts
from ledger.usage.staging import Spool, StagedCut
from ledger.usage.topic_records import Sealing
from schemas.cloud_event import source_urn

CHUNK_ROWS = 20_000
"""Rows that become records at a time."""


_YOUNG_OBJECTS = 1_000_000
"""A record is some ten objects, which live until it is read back: none of them is a cycle."""


class Opened(NamedTuple):
    """The usage topic, open, and its own id."""

    topic: BulkTopic
    identity: str


def opened(place: Place) -> Opened:
    """The usage topic of a place, once it is known to be fit to keep usage."""
    (found,) = check(place, place.usage)
    return Opened(open_bulk(place, place.usage), found.id)


class KafkaUsageLog:
    """``UsageLog`` of a node of ``ledger``; its replica is at ``path``.

    ``open_topic`` is called when the topic is first needed. For one thread.
    """

    shared: ClassVar[bool] = True
    dense: ClassVar[bool] = False

    def __init__(
        self,
        path: Path,
        ledger: str,
        open_topic: Callable[[], Opened],
        patience: Patience = Patience(),  # noqa: B008  an immutable value
    ) -> None:
        self.path = path
        self._ledger, self._source = ledger, source_urn(ledger).encode()
        self._open_topic, self._patience = open_topic, patience
        self._replica = Replica(path)
        self._staged: dict[str, list[StagedCut]] = {}
        self._opened = ExitStack()

    def append(
        self,
        attempt: str,
        statements: Iterable[pl.DataFrame],
        increments: Iterable[pl.DataFrame],
    ) -> list[Cut]:
        """See ``UsageLog.append``. Rows are sent and read back a bounded number at a time."""
        self._staged.clear()  # an attempt that came before and counts is held, or will be read
        self._spool.clear()
        topic = self._topic
        sealing = Sealing(self._ledger, attempt, topic.partitions())
        sending = Sending(topic, self._source, attempt, self._spool, self._patience)
        told: tuple[tuple[Record, Iterable[pl.DataFrame]], ...] = (
            ("statement", statements),
            ("increment", increments),
        )
        with seldom_collected(_YOUNG_OBJECTS):
            for record, frames in told:
                for rows in (part for frame in frames for part in parts(frame, CHUNK_ROWS)):
                    for sent in sealing.records(record, rows):
                        sending.put(sent)
            self._staged[attempt] = sending.finish()
        return cuts(self._staged[attempt])

    def hold(self, decided: Sequence[Decided]) -> None:
        """See ``UsageLog.hold``: what is missing is read from the topic, in order of decisions."""
        for at_hand, entries in groupby(self._missing(decided), self._is_at_hand):
            if at_hand:
                for entry in entries:
                    self._keep(self._spool, entry, self._staged.pop(entry.decision.attempt, []))
                continue
            for group in groups(list(entries)):
                with closing(Spool(self.path.parent)) as spool:
                    filling = Filling(self._topic, self._source, spool, self._patience)
                    with seldom_collected(_YOUNG_OBJECTS):
                        for entry, staged in filling.read(group):
                            self._keep(spool, entry, staged)

    def read(self, after_offset: int = -1, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read``: what this node holds, in the order in which it came to count."""
        return self._replica.read(after_offset, wanted)

    def read_attempt(self, cut: Cut, wanted: Wanted = EVERYTHING) -> Iterator[Batch]:
        """See ``UsageLog.read_attempt``."""
        return self._replica.read_cut(cut, wanted)

    def end_offset(self) -> int:
        """See ``UsageLog.end_offset``: of what this node holds."""
        return self._replica.end_offset()

    def left_over(self, decided: Sequence[Decided]) -> int:
        """See ``UsageLog.left_over``: records of the topic that are not of what is held."""
        topic = self._topic
        require_reach(topic, [cut for entry in decided for cut in entry.decision.cut])
        held = self._replica.records()  # first: another process may hold more at any moment
        return sum(topic.ends()) - sum(topic.beginnings()) - held

    def close(self) -> None:
        """Let the topic go."""
        self._opened.close()

    @cached_property
    def _spool(self) -> Spool:
        return self._opened.enter_context(closing(Spool(self.path.parent)))

    @cached_property
    def _topic(self) -> BulkTopic:
        topic, identity = self._open_topic()
        self._opened.enter_context(closing(topic))
        known = self._replica.origin(identity)
        if known != identity:
            raise DamagedUsageError(
                f"The topic of usage was deleted and created again: its id is {identity}, and this"
                f" node followed {known}.",
                hint="Restore the topic; nothing was changed.",
                code="topic_recreated",
            )
        return topic

    def _missing(self, decided: Sequence[Decided]) -> list[Decided]:
        position, attempt = self._replica.held_to()
        if not position or not decided or decided[-1].position < position:
            return [entry for entry in decided if entry.position > position]
        own = [entry.decision.attempt for entry in decided if entry.position == position]
        if own != [attempt]:
            raise DamagedUsageError(
                f"This node's usage.db holds the attempt {attempt} as that of position {position};"
                f" the chain says {own[0] if own else 'that there is none'}.",
                hint="Run `attribution rebuild --only usage` on this node.",
            )
        return [entry for entry in decided if entry.position > position]

    def _is_at_hand(self, entry: Decided) -> bool:
        """Whether nothing has to be read from the topic: there is nothing, or it was just sent."""
        staged = self._staged.get(entry.decision.attempt)
        return not entry.decision.cut or (
            staged is not None and tuple(cuts(staged)) == entry.decision.cut
        )

    def _keep(self, spool: Spool, entry: Decided, staged: Sequence[StagedCut]) -> None:
        held = [HeldCut(it.cut, it.records, map(spool.fetch, it.laid)) for it in staged]
        self._replica.keep(entry, held)
