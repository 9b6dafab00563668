"""The chain's topic on a Kafka cluster: commits as records without keys, through one partition.

Acks from all replicas are asked for but not believed. The client does not retry: the journal sends
the same bytes again, and the chain makes a repeat harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from ledger.cluster.partition import Headers, Inlet, Message, Outlet, topic_id
from ledger.cluster.place import Place
from ledger.cluster.topics import ROOM_BYTES
from ledger.log.frame import MAX_COMMIT_BYTES
from ledger.log.journal.topic import Record, Stretch

_READ_AT_ONCE = 500
_NOTE = "attribution-note"


class KafkaTopic:
    """Partition 0 of a topic. For one thread at a time."""

    def __init__(self, place: Place, topic: str) -> None:
        self._identity = topic_id(place, topic)
        with ExitStack() as opened:
            self._inlet = opened.enter_context(closing(Inlet(place, topic, _READ_AT_ONCE)))
            self._outlet = Outlet(place, topic, max_bytes=MAX_COMMIT_BYTES + ROOM_BYTES)
            opened.callback(self._outlet.close, seconds=None)
            self._opened = opened.pop_all()

    def identity(self) -> str:
        """The topic's own id, as the cluster told it within about the last second."""
        return self._inlet.identity() or self._identity

    def beginning(self) -> int:
        """The first offset that is kept."""
        return self._inlet.beginning()

    def end(self) -> int:
        """The offset after the last record, asked of the cluster now."""
        return self._inlet.end()

    def read(self, offset: int, wait_seconds: float) -> Stretch:
        """The records from ``offset`` on that the next fetch brings."""
        found = self._inlet.read(offset, wait_seconds)
        records = [Record(at, one.value or b"", _note(one.headers)) for at, one in found.records]
        return Stretch(records, found.upto)

    def send(self, values: Sequence[bytes], note: bytes = b"") -> None:
        """Hand records to the client; what it gives up is told by ``undelivered``."""
        headers = ((_NOTE, note),) if note else ()
        self._outlet.send([Message(None, value, headers) for value in values])

    def undelivered(self) -> bool:
        """Whether the client gave a record up since the last ``send``.

        Raises ``StorageError`` where sending it again can't help.
        """
        return self._outlet.lost()

    def close(self) -> None:
        """Let the connections go; what was handed over is sent first."""
        self._opened.close()


def _note(headers: Headers) -> bytes:
    return next((value for name, value in headers if name == _NOTE and value), b"")
