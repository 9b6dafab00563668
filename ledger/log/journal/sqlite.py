"""The journal of one machine: a table of commits in the ledger's own SQLite file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import zip_longest
from types import TracebackType
from typing import ClassVar

from ledger.errors import DamagedError
from ledger.log.chain import START, Accepted, Head, Void, follows, judge
from ledger.log.database import Database

PAGE = 16
"""Commits fetched at a time, so that reading keeps memory flat and close."""

_TABLE = """
CREATE TABLE IF NOT EXISTS commits (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  recorded_at_us INTEGER NOT NULL,
  hash BLOB NOT NULL,
  frame BLOB NOT NULL
)
"""


class SqliteJournal:
    """Commits in the table ``commits``; a group is one transaction, durable by fsync."""

    shared: ClassVar[bool] = False

    def __init__(self, database: Database) -> None:
        self.database = database
        self._head: Head | None = None
        self._group = _Group(self)
        with database.errors():
            database.connection.execute(_TABLE)

    def head(self) -> Head:
        """Where the table ends."""
        return self._head or self._read_head()

    def _read_head(self) -> Head:
        with self.database.errors():
            row = self.database.connection.execute(
                "SELECT last, hash, recorded_at_us FROM commits ORDER BY first DESC LIMIT 1"
            ).fetchone()
        return Head(*row) if row else START

    def group(self) -> AbstractContextManager[None]:
        """One transaction of the file; nobody else writes within it."""
        return self._group

    def begin(self) -> None:
        """Begin that transaction. Within it nobody else can write: the head is read once."""
        transaction = self.database.transaction()
        transaction.__enter__()
        try:
            self._head = self._read_head()
        except BaseException as error:
            transaction.__exit__(type(error), error, error.__traceback__)
            raise

    def end(self, error: BaseException | None) -> None:
        """End it: kept, or on an error as if it had never been."""
        self._head = None
        self.database.transaction().__exit__(None, error, None)

    def look(self, wait_seconds: float) -> bool:
        """Nobody else appends: nothing comes."""
        del wait_seconds
        return False

    def append(
        self, commits: Sequence[bytes], sealed: Sequence[Accepted] = ()
    ) -> list[Accepted] | Void:
        """Insert the commits if they follow the head and one another."""
        if self._head is None:
            with self.group():
                return self.append(commits, sealed)
        verdicts: list[Accepted] = []
        head = self._head
        for data, known in zip_longest(commits, sealed):
            verdict = known if known and follows(head, known) else judge(head, data)
            if isinstance(verdict, Void):
                return verdict
            verdicts.append(verdict)
            head = verdict.head
        self.keep(zip(commits, verdicts, strict=True))
        return verdicts

    @property
    def in_group(self) -> bool:
        """Whether a group is open."""
        return self._head is not None

    def keep(self, accepted: Iterable[tuple[bytes, Accepted]]) -> None:
        """Insert commits that were judged already, inside the open transaction."""
        rows = [
            (v.frame.first, v.head.position, v.head.recorded_at_us, v.head.hash, data)
            for data, v in accepted
        ]
        with self.database.errors():
            self.database.connection.executemany(
                "INSERT INTO commits (first, last, recorded_at_us, hash, frame)"
                " VALUES (?, ?, ?, ?, ?)",
                rows,
            )
        if rows and self._head is not None:
            _, position, recorded_at_us, digest, _ = rows[-1]
            self._head = Head(position, digest, recorded_at_us)

    def close(self) -> None:
        """Nothing to let go of: the file belongs to whoever opened it."""

    def read(self, after: int = 0) -> Iterator[tuple[bytes, Accepted]]:
        """The commits beyond ``after``, each judged again; raises ``DamagedError`` when one fails.

        What was accepted once stands in the table; one that no longer follows was changed since.
        """
        head = self._head_before(after)
        while True:
            with self.database.errors():
                rows = self.database.connection.execute(
                    "SELECT first, frame, last, hash, recorded_at_us FROM commits"
                    " WHERE first > ? ORDER BY first LIMIT ?",
                    (head.position, PAGE),
                ).fetchall()
            if not rows:
                return
            for first, data, *kept in rows:
                verdict = judge(head, data)
                if isinstance(verdict, Void):
                    raise _damaged(first, f"it is {verdict.reason} ({verdict.detail})")
                if verdict.head != tuple(kept):
                    raise _damaged(first, "its bytes do not give what is kept beside them")
                head = verdict.head
                yield data, verdict

    def _head_before(self, after: int) -> Head:
        with self.database.errors():
            row = self.database.connection.execute(
                "SELECT last, hash, recorded_at_us FROM commits WHERE last <= ?"
                " ORDER BY first DESC LIMIT 1",
                (after,),
            ).fetchone()
        return Head(*row) if row else START


class _Group:
    """The journal's transaction as a block; a class, because every decision passes through it."""

    __slots__ = ("_journal",)

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal

    def __enter__(self) -> None:
        """Begin it."""
        self._journal.begin()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._journal.end(error)


def _damaged(first: int, why: str) -> DamagedError:
    return DamagedError(
        f"The commit at position {first} was changed after it was accepted: {why}.",
        hint="Restore chain.db from a copy; nothing was mended.",
    )
