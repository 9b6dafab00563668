"""Reads `PREFIX.events` as a reader of a folder reads the log: pages of events, filtered, in order.

Keeps a record if, and only if, ``position == last + 1``; and looks whether its commit follows the
one before, so a log that was restored to another story is noticed.
"""

from __future__ import annotations

import orjson
from pydantic import ValidationError

from consumers.accepted import Mark, commit_of, position_of, restored, unreadable, why_passed_over
from consumers.chain_check import ChainCheck
from ledger.cluster.partition import Inlet, Message, Placed, Stretch
from ledger.cluster.quarantine import Keep
from ledger.errors import DamagedError
from ledger.log.index import Stored
from ledger.log.query import Query
from ledger.log.reader import Page
from schemas.cloud_event_kafka import attributes, envelope
from schemas.envelope import Envelope
from schemas.time import from_iso

SILENCE_SECONDS = 5.0
"""How long records that are known to be there may take to come."""


class TopicReader:
    """Accepted events from a topic, for one thread.

    ``commit`` is the hash of the commit that holds the event of ``after``, where the reader kept
    it: with it the first page shows whether the log was restored meanwhile. Every page may raise
    ``StorageError`` when the cluster can't be reached, and ``DamagedError`` (``log_restored``,
    ``log_truncated``, ``unreadable_event``).

    ``keep`` is given what can't be read: records of strangers, and events that are then counted
    and left out. Without it such an event ends the reading (``unreadable_event``). ``check`` sees
    each event that counts, and may refuse it (``not_in_chain``).
    """

    def __init__(
        self,
        inlet: Inlet,
        *,
        after: int = 0,
        commit: bytes = b"",
        keep: Keep | None = None,
        check: ChainCheck | None = None,
    ) -> None:
        self._inlet, self._keep, self._check = inlet, keep, check
        self._expected = (after, commit) if after and commit else None
        self._last_commit = commit
        self._mark = Mark(after, after)

    def page_or_wait(self, query: Query, *, after: int, timeout_seconds: float) -> Page:
        """The next events, at once when there are any; else those that come while waiting.

        ``upto`` moves on with the log even when nothing of it was asked for.
        """
        if after != self._mark.position:
            self._mark, self._last_commit, self._expected = Mark(after, after), b"", None
        if self._expected:
            self._require_as_kept(*self._expected)
            self._expected = None
        stretch = self._inlet.read(self._mark.offset, timeout_seconds)
        if stretch.upto == self._mark.offset < self._inlet.end():
            stretch = self._inlet.read(self._mark.offset, SILENCE_SECONDS)
            if stretch.upto == self._mark.offset:
                raise self._inlet.silent(self._mark.offset)
        return self._page(stretch, query, after)

    def _page(self, stretch: Stretch, query: Query, after: int) -> Page:
        """What counts of a stretch; up to what can't be passed, which the next page then meets."""
        found, upto = [], stretch.upto
        for record in stretch.records:
            if position_of(record.message) != self._mark.position + 1:
                self._pass_over(record)
                continue
            try:
                counted = self._counted(record)
            except DamagedError:
                if self._mark.position == after:
                    raise
                upto = record.offset
                break
            if counted is not None and query.matches(counted.type, tags(counted)):
                found.append(counted)
        self._mark = Mark(self._mark.position, upto)
        return Page(found, self._mark.position)

    def commit_at(self, position: int) -> bytes:
        """The hash of the commit that holds the last position read."""
        assert position == self._mark.position, "only the place where the reader stands is known"
        return self._last_commit

    def close(self) -> None:
        """Let the connections go."""
        self._inlet.close()
        if self._check is not None:
            self._check.close()

    def _counted(self, record: Placed) -> Stored | None:
        """The event of the next position; None where it can't be read and is kept."""
        before = self._last_commit
        try:
            stored = stored_of(record)
        except DamagedError as error:
            if self._keep is None:
                raise
            self._keep(unreadable("subscriber", self._inlet.name, record, error.code, str(error)))
            # The next one is checked against the hash that this one states, where it states one.
            self._last_commit = commit_of(record.message)
            self._mark = Mark(self._mark.position + 1, record.offset + 1)
            return None
        if before and before not in (stored.commit_hash, stored.prev_hash):
            raise restored(stored.position)
        if self._check is not None:
            self._check.require(stored)
        self._mark = Mark(stored.position, record.offset + 1)
        self._last_commit = stored.commit_hash
        return stored

    def _pass_over(self, record: Placed) -> None:
        why = why_passed_over(record.message, self._mark.position)
        if why == "stranger" and self._keep is not None:
            self._keep(unreadable("subscriber", self._inlet.name, record, why))

    def _require_as_kept(self, position: int, commit: bytes) -> None:
        offset, end = position - 1, self._inlet.end()
        while offset < end:
            stretch = self._inlet.read(offset, SILENCE_SECONDS)
            for record in stretch.records:
                if position_of(record.message) == position:
                    if commit_of(record.message) != commit:
                        raise restored(position)
                    return
            if stretch.upto == offset:
                break
            offset = stretch.upto
        raise DamagedError(
            f"The topic of events does not hold position {position}, which was read before.",
            hint="It was made anew, or lost its end. Read from the beginning into a fresh state,"
            " once a relay has filled it.",
            code="log_truncated",
        )


def tags(stored: Stored) -> tuple[str, ...]:
    """The tags of an event."""
    found: list[str] = orjson.loads(stored.attributes)["tags"]
    return tuple(found)


def stored_of(record: Placed) -> Stored:
    """The event that a record carries; raises ``DamagedError`` where it can't be read."""
    message = record.message
    try:
        return _stored(envelope(message.headers, message.value or b""), message)
    except ValueError as error:
        raise DamagedError(
            f"The record at offset {record.offset} of the topic of events can't be read:"
            f" {_fault(error)}.",
            hint="Update this reader; if it is the newest, find out who wrote the record.",
            code="unreadable_event",
        ) from error


def _fault(error: ValueError) -> str:
    """What is wrong with a record, without anything that it holds."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['type']}"
    return "its value is no JSON" if isinstance(error, orjson.JSONDecodeError) else "its headers"


def _stored(told: Envelope, message: Message) -> Stored:
    return Stored(
        told.position,
        told.type,
        attributes(told).to_bytes(),
        message.value or b"",
        from_iso(told.recorded_at),
        bytes.fromhex(told.commit),
        bytes.fromhex(told.prev),
    )
