"""The index: finds accepted events by position, type and tag, commands by id, timers by due time.

A function of the accepted commits and nothing else, in the same file as they are; it can be thrown
away and made again (``rebuild``). It reads the commits' bytes from the table ``commits``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from ledger.log.chain import Accepted
from ledger.log.database import VALUES, Database
from ledger.log.frame import event_size, frame_size
from ledger.log.query import Query, positions_sql
from schemas import catalogue
from schemas.envelope import Attributes
from schemas.event import Event, Timer

PAGE = 500
"""Events fetched at a time, so that reading keeps memory flat."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE IF NOT EXISTS events (
  position INTEGER PRIMARY KEY,
  type INTEGER NOT NULL,
  first INTEGER NOT NULL,
  at INTEGER NOT NULL,
  attributes_size INTEGER NOT NULL,
  data_size INTEGER NOT NULL
)""",
    "CREATE INDEX IF NOT EXISTS events_type ON events (type)",
    """CREATE TABLE IF NOT EXISTS event_tags (
  tag TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (tag, position)
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS commands (
  id TEXT NOT NULL,
  actor TEXT NOT NULL,
  hash TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (id, actor)
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS timers (
  key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  due_us INTEGER NOT NULL,
  position INTEGER NOT NULL
) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS timers_due ON timers (due_us, key)",
)
_COMMAND = (
    "SELECT c.hash, c.position, e.type FROM commands c CROSS JOIN events e"
    " ON e.position = c.position WHERE c.id = ? AND c.actor = ?"
)
DERIVED = ("types", "events", "event_tags", "commands", "timers")


Rows: TypeAlias = Sequence[tuple[str | int | bytes, ...]]
"""Rows to insert, in column order."""


class Stored(NamedTuple):
    """An accepted event as it lies in the log, with the commit that holds it."""

    position: int
    type: str
    attributes: bytes
    data: bytes
    recorded_at_us: int
    commit_hash: bytes
    prev_hash: bytes


class Entry(NamedTuple):
    """What the index keeps of one event."""

    position: int
    first: int
    at: int
    attributes_size: int
    data_size: int
    attributes: Attributes
    timers: tuple[Timer, ...]


class RunningTimer(NamedTuple):
    """A deadline that is awaited: its key and name, when it is due, the event that started it."""

    key: str
    name: str
    due_us: int
    position: int


class KnownCommand(NamedTuple):
    """A command that was decided before: its keyed hash, and its event's position and type."""

    hash: str
    position: int
    type: str


_TIMED = {model.TYPE for model in catalogue.EVENTS if model.timers is not Event.timers}


def timers_of(type_name: str, data: bytes) -> tuple[Timer, ...]:
    """The timers an event starts or stops; none for types that have none or are not known."""
    if not catalogue.known(type_name) or catalogue.current(type_name) not in _TIMED:
        return ()
    return catalogue.decode(type_name, data).timers()


def entries(accepted: Accepted) -> Iterator[Entry]:
    """What the index keeps of the events of one accepted commit."""
    frame = accepted.frame
    at = frame_size(frame.header)
    for position, event in enumerate(frame.events, start=frame.first):
        attributes = Attributes.from_bytes(event.attributes)
        yield Entry(
            position,
            frame.first,
            at + 4,
            len(event.attributes),
            len(event.data),
            attributes,
            timers_of(attributes.type, event.data),
        )
        at += event_size(event)


class Index:
    """The index in the ledger's file. Writes happen inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._type_ids: dict[str, int] = {}
        self._type_names: dict[int, str] = {}
        with database.errors():
            for statement in _TABLES:
                database.connection.execute(statement)
        self.refresh()

    def refresh(self) -> None:
        """Learn the type names another process added."""
        with self.database.errors():
            rows = self.database.connection.execute("SELECT id, name FROM types").fetchall()
        self._type_names = dict(rows)
        self._type_ids = {name: number for number, name in rows}

    def type_names(self) -> tuple[str, ...]:
        """Every type name that occurs in the log."""
        return tuple(self._type_ids)

    def type_counts(self) -> dict[str, int]:
        """How many events of each type name the log holds, in the order they first occurred."""
        with self.database.errors():
            rows = self.database.connection.execute(
                "SELECT t.name, count(*) FROM types t JOIN events e ON e.type = t.id"
                " GROUP BY t.id ORDER BY t.id"
            ).fetchall()
        return dict(rows)

    def applied(self) -> int:
        """The last position the index holds, 0 when empty."""
        with self.database.errors():
            row = self.database.connection.execute("SELECT max(position) FROM events").fetchone()
        return row[0] or 0

    def apply(self, found: Iterable[Entry]) -> None:
        """Take events up, in order, inside the open transaction."""
        events: list[tuple[int, ...]] = []
        tags: list[tuple[str, int]] = []
        commands: list[tuple[str, str, str, int]] = []
        timers: dict[str, tuple[str, int | None, int]] = {}
        for position, first, at, attributes_size, data_size, attributes, started in found:
            type_id = self._type_ids.get(attributes.type) or self._add_type(attributes.type)
            events.append((position, type_id, first, at, attributes_size, data_size))
            tags += [(tag, position) for tag in attributes.tags]
            if attributes.command_id:
                commands.append(
                    (attributes.command_id, attributes.actor, attributes.command_hash, position)
                )
            for key, name, due_us in started:
                timers[key] = (name, due_us, position)
        self._insert(events, tags, commands)
        if timers:
            self._set_timers(timers)

    def _insert(self, events: Rows, tags: Rows, commands: Rows) -> None:
        connection = self.database.connection
        with self.database.errors():
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", events)
            # A foreign application may give one event the same tag twice.
            connection.executemany("INSERT OR IGNORE INTO event_tags VALUES (?, ?)", tags)
            connection.executemany("INSERT INTO commands VALUES (?, ?, ?, ?)", commands)

    def _set_timers(self, timers: dict[str, tuple[str, int | None, int]]) -> None:
        stopped = [(key,) for key, (_, due_us, _) in timers.items() if due_us is None]
        running = [(key, *rest) for key, rest in timers.items() if rest[1] is not None]
        connection = self.database.connection
        with self.database.errors():
            if stopped:
                connection.executemany("DELETE FROM timers WHERE key = ?", stopped)
            if running:
                connection.executemany("INSERT OR REPLACE INTO timers VALUES (?, ?, ?, ?)", running)

    def _add_type(self, name: str) -> int:
        number = len(self._type_ids) + 1
        with self.database.errors():
            self.database.connection.execute("INSERT INTO types VALUES (?, ?)", (number, name))
        self._type_ids[name] = number
        self._type_names[number] = name
        return number

    def clear(self) -> None:
        """Forget everything, inside the open transaction: the first half of a rebuild."""
        with self.database.errors():
            for table in DERIVED:
                self.database.connection.execute(f"DELETE FROM {table}")
        self._type_ids.clear()
        self._type_names.clear()

    def find(
        self, query: Query, *, after: int = 0, limit: int = PAGE, upto: int | None = None
    ) -> list[Stored]:
        """The first ``limit`` events beyond ``after`` (and up to ``upto``) asked for, in order."""
        sql, values = positions_sql(query, self._type_ids.get, after)
        bound = "" if upto is None else " WHERE p.position <= ?"
        return self._stored(
            f"({sql}) p JOIN events e ON e.position = p.position"
            f" JOIN commits c ON c.first = e.first{bound} ORDER BY e.position LIMIT ?",
            [*values, *([] if upto is None else [upto]), limit],
        )

    def tagged(self, tag: str, types: Sequence[str]) -> list[Stored]:
        """Every event of the types that carries the tag, in order: what a decision model reads."""
        known = [number for name in types if (number := self._type_ids.get(name)) is not None]
        if not known:
            return []
        return self._stored(
            "event_tags t CROSS JOIN events e ON e.position = t.position"
            " CROSS JOIN commits c ON c.first = e.first"
            f" WHERE t.tag = ? AND e.type IN ({', '.join('?' * len(known))}) ORDER BY t.position",
            [tag, *known],
        )

    def unused(self, tags: Sequence[str]) -> set[str]:
        """Which of the tags no event carries."""
        found: set[str] = set(tags)
        for start in range(0, len(tags), VALUES):
            page = tags[start : start + VALUES]
            marks = ", ".join(["(?)"] * len(page))
            with self.database.errors():
                rows = self.database.connection.execute(
                    f"WITH wanted(tag) AS (VALUES {marks}) SELECT w.tag FROM wanted w"
                    " WHERE EXISTS (SELECT 1 FROM event_tags t WHERE t.tag = w.tag)",
                    page,
                ).fetchall()
            found.difference_update(tag for (tag,) in rows)
        return found

    def _stored(self, rest: str, values: Sequence[object]) -> list[Stored]:
        with self.database.errors():
            rows = self.database.connection.execute(
                "SELECT e.position, e.type, substr(c.frame, e.at + 1, e.attributes_size),"
                " substr(c.frame, e.at + e.attributes_size + 5, e.data_size),"
                f" c.recorded_at_us, c.hash, substr(c.frame, 17, 32) FROM {rest}",
                values,
            ).fetchall()
        names = self._type_names
        return [Stored(row[0], names[row[1]], *row[2:]) for row in rows]

    def positions_of(self, command_id: str) -> list[int]:
        """Where commands of that id were decided, whoever gave them."""
        with self.database.errors():
            found = self.database.connection.execute(
                "SELECT position FROM commands WHERE id = ? ORDER BY position", (command_id,)
            ).fetchall()
        return [position for (position,) in found]

    def commands(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], KnownCommand]:
        """Which of the (command id, actor) pairs were decided before, and where."""
        found: dict[tuple[str, str], KnownCommand] = {}
        if len(wanted) == 1:
            with self.database.errors():
                row = self.database.connection.execute(_COMMAND, wanted[0]).fetchone()
            if row:
                found[wanted[0]] = KnownCommand(row[0], row[1], self._type_names[row[2]])
            return found
        for start in range(0, len(wanted), VALUES):
            page = wanted[start : start + VALUES]
            marks = ", ".join(["(?, ?)"] * len(page))
            with self.database.errors():
                rows = self.database.connection.execute(
                    f"WITH wanted(id, actor) AS (VALUES {marks})"
                    " SELECT c.id, c.actor, c.hash, c.position, e.type FROM wanted w"
                    " CROSS JOIN commands c ON c.id = w.id AND c.actor = w.actor"
                    " CROSS JOIN events e ON e.position = c.position",
                    [value for pair in page for value in pair],
                ).fetchall()
            for command_id, actor, kept_hash, position, kind in rows:
                found[command_id, actor] = KnownCommand(kept_hash, position, self._type_names[kind])
        return found

    def due(self, until_us: int, limit: int = PAGE) -> list[RunningTimer]:
        """The timers due at or before an instant, earliest first."""
        with self.database.errors():
            rows = self.database.connection.execute(
                "SELECT key, name, due_us, position FROM timers WHERE due_us <= ?"
                " ORDER BY due_us, key LIMIT ?",
                (until_us, limit),
            ).fetchall()
        return [RunningTimer(*row) for row in rows]
