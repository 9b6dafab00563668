"""Reading again what was put in quarantine: after an upgrade it may be an event."""

from __future__ import annotations

from consumers.subscriber import Received
from consumers.topic_reader import stored_of
from ledger.cluster.partition import Message, Placed
from ledger.cluster.quarantine import Unreadable
from ledger.errors import DamagedError


def redriven(record: Unreadable) -> Received | None:
    """The event that a record of `PREFIX.events` carries; None for what still can't be read.

    Only what a subscriber counted and left out is an event that somebody misses. The chain's rule
    for a record that is no commit never changes: it stays void.
    """
    if record.reader != "subscriber" or record.reason == "stranger":
        return None
    try:
        stored = stored_of(Placed(record.offset, Message(record.key, record.value, record.headers)))
    except DamagedError:
        return None
    return Received(stored.position, stored.commit_hash.hex(), stored)
