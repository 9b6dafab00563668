"""Keeping the views in step with the log: batches, checkpoints, rebuilding beside and swapping.

Each batch is one transaction that also moves the checkpoint, so the views stand at one position at
all times. A rebuild works on ``views.db.building``, which nobody reads, and replaces the views in
one step when it is whole; killed before that, it leaves them as they were.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ledger.collecting import give_back, seldom_collected
from ledger.errors import BusyError, DamagedError
from projections import beside
from projections import views as store
from projections.fold import Fold
from projections.record import START, Head, Record, Source

BATCH = 5_000
"""Events a transaction; enough that the cost of a commit vanishes, few enough to stay small."""

REBUILD_BATCH = 500
"""Events folded at a time in a rebuild, one transaction: what they are made of stays in cache."""

APART_FROM = 20_000
"""Events from which on a rebuild is worth a second process, which writes what this one folds."""

Progress = Callable[[int, int], None]
"""Told the position reached and the head."""


class Views:
    """The one open writer of a views.db in this process, with what its folds remember.

    ``connection`` may be used to ask. Not for several threads at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = store.open_writing(path)
        self._fold: Fold | None = None
        self._folded_to = START

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    def reopen(self) -> None:
        """Open the file again after it was replaced; nothing is remembered."""
        self.connection = store.open_writing(self.path)
        self._fold = None

    def rest(self) -> None:
        """Give back what the folds remember and SQLite keeps; for when nothing more is to come."""
        self._fold = None
        self.connection.execute("PRAGMA shrink_memory")
        give_back()

    def apply(self, at: Head, records: Sequence[Record]) -> bool:
        """Fold records that follow ``at`` in one transaction; False when another was quicker."""
        with store.named_errors(self.path), self._transaction():
            if store.checkpoint(self.connection) != at:
                self._fold = None
                return False
            fold = self._remembered(at)
            fold.fold(records)
            fold.write()
            self._folded_to = _head(records)
            store.advance(self.connection, self._folded_to)
        return True

    def _remembered(self, at: Head) -> Fold:
        if self._fold is None or self._folded_to != at:
            self._fold = Fold(self.connection)
        return self._fold

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            self._fold = None
            with suppress(sqlite3.Error):  # a full disk rolls back by itself
                self.connection.execute("ROLLBACK")
            raise


def catch_up(
    source: Source, views: Views, *, batch: int = BATCH, progress: Progress | None = None
) -> Head:
    """Fold everything that ``source`` holds beyond the checkpoint; returns how far the views are.

    Any ``batch`` gives the same rows. Raises ``DamagedError`` when the views are ahead of the log
    or follow another one, and then changes nothing.
    """
    at = verified(source, views)
    while records := source.after(at.position, batch):
        if views.apply(at, records) and progress:
            progress(records[-1].position, source.head().position)
        at = store.checkpoint(views.connection)
    return at


def verified(source: Source, views: Views) -> Head:
    """The checkpoint, found again in the log; raises ``DamagedError`` when it is not there."""
    with store.named_errors(views.path):
        at = store.checkpoint(views.connection)
    if at.position == 0:
        return at
    found = next(iter(source.after(at.position - 1, 1)), None)
    if found is None:
        head = source.head().position
        raise _astray(views, f"reach position {at.position}, the log only {head}", "views_ahead")
    if found.commit_hash != at.commit_hash:
        raise _astray(views, f"follow another log from before {at.position} on", "views_astray")
    return at


def rebuild(
    source: Source, views: Views, *, batch: int = REBUILD_BATCH, progress: Progress | None = None
) -> Head:
    """Build the views anew from position 1 and put them in place whole; returns how far they are.

    Readers go on with the old views, without waiting, until the new ones stand.
    """
    views.close()
    try:
        head = rebuild_file(source, views.path, batch=batch, progress=progress)
    finally:
        views.reopen()
    return head


def rebuild_file(
    source: Source, path: Path, *, batch: int = REBUILD_BATCH, progress: Progress | None = None
) -> Head:
    """As ``rebuild``, for views that are missing or can't be opened: torn, or of another format."""
    building = path.with_name(f"{path.name}.building")
    with _alone(path), store.named_errors(building):
        building.unlink(missing_ok=True)
        head = _build(source, building, batch, progress)
        with building.open("rb") as whole:
            os.fsync(whole.fileno())
        _put_in_place(building, path)
    return head


def _build(source: Source, building: Path, batch: int, progress: Progress | None) -> Head:
    apart = source.head().position >= APART_FROM and beside.worthwhile()
    connection = store.open_building(building, apart=apart)
    try:
        at = _fold_all(source, connection, batch, progress)
        store.advance(connection, at)
        connection.execute("COMMIT")
        store.finish_building(connection, apart=apart)
    except BaseException:
        with suppress(sqlite3.Error):
            connection.close()
        raise
    return at


def _fold_all(
    source: Source, connection: sqlite3.Connection, batch: int, progress: Progress | None
) -> Head:
    fold, at = Fold(connection, fresh=True), START
    connection.execute("BEGIN")
    with seldom_collected():
        while records := source.after(at.position, batch):
            fold.fold(records)
            fold.write(whole=False)
            at = _head(records)
            if progress:
                progress(at.position, source.head().position)
        fold.write()
    return at


def _head(records: Sequence[Record]) -> Head:
    last = records[-1]
    return Head(last.position, last.commit_hash, last.recorded_at_us)


def _put_in_place(building: Path, path: Path) -> None:
    if not path.exists() or _unread(path):
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        building.replace(path)
        return
    # Somebody has the file open: a backup brings the new pages in as one transaction.
    with closing(sqlite3.connect(building)) as whole, closing(store.connect_live(path)) as seen:
        whole.backup(seen)
    building.unlink()


def _unread(path: Path) -> bool:
    """Whether nobody has the views open, or nobody can use them."""
    try:
        old = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            # Only the sole connection to a file may leave WAL.
            return bool(old.execute("PRAGMA journal_mode=DELETE").fetchone()[0] == "delete")
        finally:
            old.close()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True  # torn: of no use to anybody


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"The views in {path} are being rebuilt by another process."
            raise BusyError(message, hint="Wait until it is done.") from error
        yield


def _astray(views: Views, what: str, code: str) -> DamagedError:
    hint = store.rebuild_advice(views.path)
    return DamagedError(f"The views in {views.path} {what}.", hint=hint, code=code)
