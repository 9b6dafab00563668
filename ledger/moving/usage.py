"""The usage rows that a ledger's decisions count, on their way into another house.

Decisions name cuts by the offsets of the house they were made in. A folder keeps the rows under
these names (``moved_log``); onto a topic they are laid at these very offsets (``laying``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from ledger.folder import Folder
from ledger.usage.decisions import Decided
from ledger.usage.log import Batch, Cut, DamagedUsageError
from ledger.usage.replica import HeldCut, turn_into_moved
from ledger.usage.sqlite_log import MOVED_FORMAT, layout
from ledger.usage.staging import Spool, Staging

Reach = Callable[[int], None]
"""Told the position up to which rows came, or how many records lie."""


class Counted(NamedTuple):
    """What a ledger counts: its decisions in order, and the rows of each cut."""

    decided: Sequence[Decided]
    read: Callable[[Cut], Iterable[Batch]]


def bring(path: Path, counted: Counted, progress: Reach = lambda _: None) -> None:
    """Bring what is counted into the usage log of a folder, decision by decision; repeatable.

    Raises ``DamagedUsageError`` where rows are not those that were counted.
    """
    if layout(path) != MOVED_FORMAT:
        path.touch(mode=0o600)
        turn_into_moved(path, counted.decided)
    from ledger.usage.moved_log import MovedUsageLog

    log = MovedUsageLog(path)
    with closing(Spool(path.parent)) as spool:
        for entry in counted.decided:
            if entry.position <= log.replica.held_to()[0]:
                continue
            spool.clear()
            held = [_held(spool, cut, counted.read(cut)) for cut in entry.decision.cut]
            log.replica.keep(entry, held)
            progress(entry.position)
    log.hold(counted.decided)


def _held(spool: Spool, cut: Cut, batches: Iterable[Batch]) -> HeldCut:
    staging = Staging(spool)
    for batch in batches:
        staging.take(batch.record, batch.rows)
    staging.flush()
    if (staging.digest.count, staging.digest.hex()) != (cut.count, cut.digest):
        raise DamagedUsageError(
            f"The usage rows {cut.first_offset} to {cut.end_offset - 1} of partition"
            f" {cut.partition} are not those that were counted: they have digest"
            f" {staging.digest.hex()} over {staging.digest.count} rows; the chain states"
            f" {cut.digest} over {cut.count}.",
            hint="Restore what is copied; nothing was kept of them.",
        )
    return HeldCut(cut, cut.count, staging.batches())


class Aim:
    """Where the rows go: a folder's own file, or the topic that the folder is a node of."""

    def __init__(self, whole: Folder, counted: Counted) -> None:
        self._whole, self._counted = whole, counted
        self._opened = ExitStack()
        self._laying = None
        if whole.log:
            from ledger.cluster.link import settings_file
            from ledger.cluster.place import place
            from ledger.usage.kafka_log import opened
            from ledger.usage.laying import Laying
            from ledger.usage.sending import Patience

            where = place(whole.log, settings_file(whole.path))
            link = where.link()
            topic = self._opened.enter_context(closing(opened(where).topic))
            patience = Patience(link.resend_ms / 1000, link.give_up_ms / 1000)
            self._laying = Laying(topic, whole.ledger, counted.decided, patience)

    def require_room(self) -> None:
        """Raise ``BadInputError`` where this house can't hold them."""
        if self._laying is not None:
            self._laying.require_room()

    def take(self, position: int) -> None:
        """Take what is decided beyond a position; what the house has up to there, it has."""
        if self._laying is None:
            bring(self._whole.usage, self._counted)
        else:
            self._laying.lay(self._counted.read, position, lambda _: None)

    def close(self) -> None:
        """Let the topic go."""
        self._opened.close()
