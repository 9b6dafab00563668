"""Which journal a file has: its own table, or the topic that it is a replica of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.clock import SystemClock
from ledger.cluster.quarantine import Quarantine, Unreadable
from ledger.log.chain import Accepted
from ledger.log.database import Database
from ledger.log.index import Index, entries
from ledger.log.journal.kafka import KafkaJournal, Patience
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.journal.topic import Record

if TYPE_CHECKING:
    from ledger.cluster.link import Link


def open_journal(
    log: str, database: Database, index: Index, quarantine: Path | None = None
) -> SqliteJournal | KafkaJournal:
    """The journal behind a ``chain.db``: of the log at an address, or its own where that is empty.

    A topic is checked before it is used. Records of it that are no commits are kept in the file
    ``quarantine``, where one is named.

    What other nodes appended goes into the index with the commits. Raises what opening the topic
    raises: ``StorageError`` when the cluster can't be reached, ``DamagedError`` when it could
    forget, was made anew or lost something.
    """
    if not log:
        return SqliteJournal(database)
    # The Kafka client takes a tenth of a second to load: only nodes pay for it.
    from ledger.cluster.link import settings_file
    from ledger.cluster.place import place
    from ledger.cluster.topics import check
    from ledger.log.journal.kafka_topic import KafkaTopic

    where = place(log, settings_file(database.path.parent))
    check(where, where.chain)

    def into_index(accepted: Sequence[Accepted]) -> None:
        index.apply(chain.from_iterable(map(entries, accepted)))

    topic = KafkaTopic(where, where.chain)
    try:
        keep = _into(quarantine, where.chain) if quarantine else _nowhere
        return KafkaJournal(database, topic, into_index, _patience(where.link()), keep)
    except BaseException:
        topic.close()
        raise


def _into(path: Path, topic: str) -> Callable[[Record, str], None]:
    """Keeps a record of the chain's topic in the quarantine at a path."""
    quarantine = Quarantine(path, SystemClock().now_us)

    def keep(record: Record, why: str) -> None:
        quarantine.keep(
            Unreadable("chain", topic, record.offset, "no_commit", why, None, record.value)
        )

    return keep


def _nowhere(_record: Record, _why: str) -> None:
    """Keeps nothing."""


def _patience(link: Link) -> Patience:
    return Patience(link.give_way_ms / 1000, link.resend_ms / 1000, link.give_up_ms / 1000)
