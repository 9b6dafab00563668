"""The key store of persons on many machines: a compacted topic of wrapped keys (docs/adr/0014).

A new key is in the topic, and was read back from it, before the event that needs it is sent. Of two
keys for one person the one that comes first in the topic is sealed under; the other stays readable.
The chain alone destroys keys: a tombstone only makes the cluster forget.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from ledger.cluster.partition import Inlet, Message, Outlet, Placed
from ledger.cluster.place import Place
from ledger.cluster.quarantine import Keep, Unreadable
from ledger.cluster.topics import check
from ledger.errors import DamagedError, StorageError
from ledger.log.database import Database
from ledger.privacy.key_tables import make_tables
from ledger.privacy.keys import NewKey
from ledger.privacy.wrapping import UnwrappableError, Wrapping

_LOOK_SECONDS = 0.25
_SECRET_BYTES = 32
_HASH_BYTES = 32
_PERSON, _SECRET = "person", "secret"
_SECRETS = ("commands", "persons")
"""The ledger's own secrets, which every node needs to decide at all."""


class KeyTopic:
    """Follows the topic into a ``keys.db``, and writes to it. Safe for many threads."""

    def __init__(
        self, place: Place, path: Path, ledger: str, wrapping: Wrapping, keep: Keep
    ) -> None:
        self._place, self._ledger, self._wrapping, self._keep = place, ledger, wrapping, keep
        self._link = place.link()
        self._lock = threading.RLock()
        (topic,) = check(place, place.keys)
        with ExitStack() as opened:
            self._database = opened.enter_context(closing(Database(path)))
            self._inlet = opened.enter_context(closing(Inlet(place, place.keys)))
            self._outlet = opened.enter_context(closing(Outlet(place, place.keys)))
            with self._database.transaction() as connection:
                connection.execute("PRAGMA secure_delete=ON")
                make_tables(connection)
                self._begin(connection, topic.id)
            self._opened = opened.pop_all()

    def _begin(self, connection: sqlite3.Connection, identity: str) -> None:
        row = connection.execute("SELECT identity, wrapped_by FROM key_topic").fetchone()
        told = (identity, self._wrapping.name)
        if row is None:
            connection.execute("INSERT INTO key_topic VALUES (1, ?, ?, 0)", told)
        elif row[0] != identity:
            # What this node holds goes into the new one (``complete``); nothing is lost by that.
            connection.execute(
                "UPDATE key_topic SET identity = ?, wrapped_by = ?, next_offset = 0", told
            )
            connection.execute("DELETE FROM shared_keys")
        elif row[1] != self._wrapping.name:
            raise DamagedError(
                f"This node's wrapping key is not the one its keys were shared under: it has"
                f" {self._wrapping.name}, the topic {row[1]}.",
                hint="Give every node the same wrapping key; nothing was changed.",
                code="wrong_wrapping_key",
            )

    # Following

    def follow(self) -> None:
        """Take over everything up to the topic's end of this moment."""
        with self._lock:
            end, at = self._inlet.end(), self._next_offset()
            until = time.monotonic() + self._link.give_up_ms / 1000
            while at < end:
                at, found = self._read_on(at)
                if not found and time.monotonic() > until:
                    raise self._inlet.silent(at)

    def _next_offset(self) -> int:
        with self._database.errors():
            (offset,) = self._database.connection.execute(
                "SELECT next_offset FROM key_topic"
            ).fetchone()
        return int(offset)

    def _read_on(self, at: int) -> tuple[int, list[Placed]]:
        """Apply the records from an offset on; where they end, and they themselves."""
        found = self._inlet.read(at, _LOOK_SECONDS)
        if found.upto > at:
            with self._database.transaction() as connection:
                for record in found.records:
                    if record.offset >= self._next_offset():  # else another process was quicker
                        self._apply(connection, record)
                connection.execute(
                    "UPDATE key_topic SET next_offset = max(next_offset, ?)", (found.upto,)
                )
        return found.upto, found.records

    def _apply(self, connection: sqlite3.Connection, record: Placed) -> None:
        key, value, _ = record.message
        try:
            ledger, kind, name = self._named(key)
            if ledger != self._ledger:
                return  # of a ledger that lost the race for these topics
            if value is None:
                connection.execute("DELETE FROM shared_keys WHERE id = ?", (name,))
                return
            assert key is not None, "a name was read from it"
            secret = self._wrapping.unwrap(value, key)
            if kind == _SECRET:
                self._apply_secret(connection, name, secret)
            else:
                self._apply_person(connection, name, secret, record.offset)
        except UnwrappableError as error:
            self._keep(
                Unreadable(
                    "keys",
                    self._place.keys,
                    record.offset,
                    error.reason,
                    str(error),
                    key,
                    value,
                    tuple(record.message.headers),
                )
            )

    @staticmethod
    def _named(key: bytes | None) -> tuple[str, str, str]:
        parts = (key or b"").decode("utf-8", "replace").split("/")
        if len(parts) != 3 or parts[1] not in (_PERSON, _SECRET):
            raise UnwrappableError("no_key", "its key names no key of a ledger")
        ledger, kind, name = parts
        return ledger, kind, name

    @staticmethod
    def _apply_secret(connection: sqlite3.Connection, name: str, secret: bytes) -> None:
        if name not in _SECRETS or len(secret) != _SECRET_BYTES:
            raise UnwrappableError("no_key", "no secret of a ledger")
        connection.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, secret))
        connection.execute("INSERT OR IGNORE INTO shared_keys VALUES (?)", (name,))

    @staticmethod
    def _apply_person(
        connection: sqlite3.Connection, key_id: str, both: bytes, offset: int
    ) -> None:
        if len(both) != _SECRET_BYTES + _HASH_BYTES:
            raise UnwrappableError("no_key", "no key of a person")
        secret, found_by = both[:_SECRET_BYTES], both[_SECRET_BYTES:]
        connection.execute("INSERT OR IGNORE INTO shared_keys VALUES (?)", (key_id,))
        known = connection.execute(
            "SELECT 1 FROM persons WHERE id = :id UNION ALL SELECT 1 FROM later_keys WHERE id = :id"
            " UNION ALL SELECT 1 FROM erased_keys WHERE id = :id",
            {"id": key_id},
        ).fetchone()
        if known:
            return
        first = connection.execute(
            "SELECT 1 FROM persons WHERE found_by = ?", (found_by,)
        ).fetchone()
        if first is None:
            connection.execute("INSERT INTO persons VALUES (?, ?, ?)", (key_id, secret, found_by))
        else:
            connection.execute(
                "INSERT INTO later_keys VALUES (?, ?, ?, ?)", (key_id, secret, found_by, offset)
            )

    # Writing

    def publish(self, keys: Sequence[NewKey]) -> None:
        """Put new keys of persons into the topic; they are read back from it when this returns.

        Raises ``StorageError`` (``keys_not_shared``) when that takes too long: no event that needs
        them was sent.
        """
        self._send(
            [
                Message(place, self._wrapping.wrap(one.secret + one.found_by, place))
                for one in keys
                for place in [self._key_of(_PERSON, one.id)]
            ]
        )

    def bury(self, key_ids: Iterable[str], *, again: bool = False) -> None:
        """Write tombstones for erased keys that the topic still has; ``again``: for all of them.

        The chain says already that they are erased.
        """
        ids = list(key_ids)
        if not again:
            shared = self._shared()
            ids = [one for one in ids if one in shared]
        self._send([Message(self._key_of(_PERSON, one), None) for one in ids])

    def complete(self) -> int:
        """Put into the topic what only this node has; how much that was.

        Keys made before there was a topic, and those that somebody took out who may not.
        """
        with self._lock:
            with self._database.errors():
                query = self._database.connection.execute
                secrets = query(
                    "SELECT name, secret FROM secrets WHERE name IN (?, ?)"
                    " AND name NOT IN (SELECT id FROM shared_keys)",
                    _SECRETS,
                ).fetchall()
                persons = query(
                    "SELECT id, secret, found_by FROM persons"
                    " WHERE id NOT IN (SELECT id FROM shared_keys) UNION ALL"
                    " SELECT id, secret, found_by FROM later_keys"
                    " WHERE id NOT IN (SELECT id FROM shared_keys)"
                ).fetchall()
            wrap = self._wrapping.wrap
            self._send(
                [
                    Message(place, wrap(secret, place))
                    for name, secret in secrets
                    for place in [self._key_of(_SECRET, name)]
                ]
            )
            self.publish([NewKey(*row) for row in persons])
        return len(secrets) + len(persons)

    def has_secrets(self) -> bool:
        """Whether the topic gave what a node needs to decide at all."""
        with self._database.errors():
            (count,) = self._database.connection.execute(
                "SELECT count(*) FROM secrets WHERE name IN (?, ?)", _SECRETS
            ).fetchone()
        return bool(count == len(_SECRETS))

    def lying_there(self) -> set[str]:
        """The ids of persons' keys of which the broker that answers still has a wrapped copy.

        The whole topic is read: what was compacted away is not found any more.
        """
        found: set[str] = set()
        with self._lock:
            end, at = self._inlet.end(), self._inlet.beginning()
            until = time.monotonic() + self._link.give_up_ms / 1000
            while at < end:
                stretch = self._inlet.read(at, _LOOK_SECONDS)
                if stretch.upto == at and time.monotonic() > until:
                    raise self._inlet.silent(at)
                at = stretch.upto
                for record in stretch.records:
                    parts = (record.message.key or b"").decode("utf-8", "replace").split("/")
                    if record.message.value is not None and parts[:2] == [self._ledger, _PERSON]:
                        found.add(parts[-1])
        return found

    def close(self) -> None:
        """Let file and connections go."""
        self._opened.close()

    def _key_of(self, kind: str, name: str) -> bytes:
        return f"{self._ledger}/{kind}/{name}".encode()

    def _shared(self) -> set[str]:
        with self._database.errors():
            rows = self._database.connection.execute("SELECT id FROM shared_keys")
            return {key_id for (key_id,) in rows}

    def _send(self, messages: Sequence[Message], now: Callable[[], float] = time.monotonic) -> None:
        """Send records and read on until each was read back; no ack is believed."""
        if not messages:
            return
        with self._lock:
            open_ones = {(one.key, one.value) for one in messages}
            at = self._next_offset()
            begun = sent = now()
            self._outlet.send(messages)
            while open_ones:
                at, found = self._read_on(at)
                open_ones -= {(one.message.key, one.message.value) for one in found}
                if not open_ones:
                    return
                if now() - begun > self._link.give_up_ms / 1000:
                    raise _not_shared(self._place)
                if self._outlet.lost() or now() - sent > self._link.resend_ms / 1000:
                    self._outlet.send([it for it in messages if (it.key, it.value) in open_ones])
                    sent = now()


def _not_shared(place: Place) -> StorageError:
    return StorageError(
        f"Kafka did not take keys of persons into {place.keys!r} in time; the commands that need"
        " them were not kept.",
        hint="Check the brokers, then repeat under the same command ids.",
        code="keys_not_shared",
    )
