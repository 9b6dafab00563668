"""Copying a log into another house: same positions, same bytes, same hashes.

The house is a folder, or the node of a log on Kafka. It becomes a ledger when everything is there;
until then a small file in it says what is being copied, and the same copy goes on where it stopped.
Copied once more, it gets what came since.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from ledger.birth import not_empty
from ledger.errors import BadInputError, DamagedError
from ledger.folder import Folder, read_folder, require_files, write_folder
from ledger.log.chain import Accepted, Head, Void
from ledger.log.database import Database, translate
from ledger.log.index import Index, entries
from ledger.log.journal.opening import open_journal
from ledger.log.journal.port import Journal
from ledger.moving.usage import Aim, Counted
from ledger.privacy.key_tables import leave_topic
from ledger.privacy.keys import KeyStore
from ledger.usage.sqlite_log import FORMAT as OWN
from ledger.usage.sqlite_log import layout
from schemas.envelope import Attributes

MARK = "copying.json"
_COMMITS_AT_ONCE = 64

Progress = Callable[[Head], None]
Commits = Iterator[tuple[bytes, Accepted]]


class Origin(Protocol):
    """Where a log comes from: a ledger, or an archive of one."""

    ledger: str
    clock: Literal["real", "told"]

    def head(self) -> Head:
        """Where it ends."""

    def commits(self, after: int) -> Commits:
        """Its commits that hold a position beyond ``after``, each with its verdict."""

    def counted(self) -> AbstractContextManager[Counted | None]:
        """The usage that it counts up to its head; None where it counts none."""


class Copied(NamedTuple):
    """What a copy did: where the new house stands, and how many commits came."""

    folder: Folder
    head: Head
    commits: int


def copy_into(
    path: Path,
    log: str,
    origin: Origin,
    keys: Path,
    progress: Progress = lambda _: None,
    *,
    usage: Path | None = None,
) -> Copied:
    """Make the folder at ``path`` hold the origin's log; with ``log`` it is a node of that address.

    ``keys`` is the file of keys of persons, ``usage`` that of usage rows where the origin is a
    folder: a folder gets a copy of it, with what never counted. Elsewhere the rows that count come
    one decision after another. Keys and rows come before any event that needs them.

    Raises ``BadInputError`` where something else is in the way or usage can't lie there
    (``usage_not_moved``), ``DamagedError`` (``other_log``, ``other_usage``) where the house, or a
    topic, holds something else than the origin's beginning.
    """
    require_files(keys)
    _require_own(keys, origin)
    whole = Folder(path.resolve(), origin.ledger, origin.clock, log)
    with ExitStack() as opened:
        aim = None
        if log or usage is None or not _alike(usage, whole.usage):
            counted = opened.enter_context(origin.counted())
            if counted is not None:
                aim = opened.enter_context(closing(Aim(whole, counted)))
                aim.require_room()
        _claim(whole)
        _copy_file(keys, whole.path / "keys.db")
        if not log:
            leave_topic(whole.path / "keys.db")
        database = opened.enter_context(closing(Database(whole.chain)))
        index = Index(database)
        journal = opened.enter_context(closing(open_journal(log, database, index)))
        position = _require_beginning(journal, origin)
        if aim is not None:
            aim.take(position)
        elif usage is not None and usage.exists() and not log:
            _copy_file(usage, whole.usage)
        count = _append(journal, index, origin, progress)
        head = journal.head()
    if not (whole.path / "ledger.toml").exists():
        write_folder(whole)
    (whole.path / MARK).unlink(missing_ok=True)
    return Copied(whole, head, count)


def _alike(usage: Path, there: Path) -> bool:
    """Whether a copy of a usage log's file may lie there: in a new place, or over a copy of it."""
    return not layout(there) or layout(there) == layout(usage) == OWN


def _claim(whole: Folder) -> None:
    """Take the place for this copy, or go on with one; raises where it holds something else."""
    if (whole.path / "ledger.toml").is_file():
        found = read_folder(whole.path)
        if (found.ledger, found.log) == (whole.ledger, whole.log):
            return
        raise BadInputError(
            f"{whole.path} holds the ledger {found.ledger}"
            f"{f' of {found.log}' if found.log else ''}, not {whole.ledger}.",
            hint="Name a new folder.",
            code="folder_not_empty",
        )
    mark = whole.path / MARK
    told = {"ledger": whole.ledger, "log": whole.log}
    if mark.is_file():
        if json.loads(mark.read_text("utf-8")) != told:
            raise not_empty(whole.path)
        return
    if whole.path.exists() and any(it.name != "kafka.toml" for it in whole.path.iterdir()):
        raise not_empty(whole.path)
    whole.path.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps(told), encoding="utf-8")


def _require_own(keys: Path, origin: Origin) -> None:
    """The keys are those that the ledger's birth was bound to."""
    first = next(origin.commits(0), None)
    if first is None:
        raise BadInputError(
            "There is nothing to copy: the log is empty.", hint="Name a ledger.", code="no_ledger"
        )
    with closing(KeyStore(keys, os.urandom)) as store:
        bound = store.command_hash(origin.ledger.encode())
    genesis = Attributes.from_bytes(first[1].frame.events[0].attributes)
    if genesis.command_hash not in ("", bound):
        raise DamagedError(
            f"{keys} does not hold the keys of the ledger {origin.ledger}.",
            hint="Name the keys.db of that ledger; nothing was copied.",
            code="foreign_keys",
        )


def _copy_file(file: Path, to: Path) -> None:
    """A copy of one moment, whatever is written meanwhile; readable by its owner alone."""
    if to.exists() and to.samefile(file):
        return
    to.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(file)) as ours, closing(sqlite3.connect(to)) as copy:
            ours.backup(copy)
    except sqlite3.Error as error:
        raise translate(error, to) from error


def _require_beginning(journal: Journal, origin: Origin) -> int:
    """The position up to which the house holds the origin's beginning; raises for another log."""
    at = journal.head()
    if at.position:
        found = next(origin.commits(at.position - 1), None)
        if found is None or found[1].head != at:
            raise _other(at)
    return at.position


def _append(journal: Journal, index: Index, origin: Origin, progress: Progress) -> int:
    at, ends = journal.head(), origin.head()
    if at.position > ends.position or (at.position == ends.position and at != ends):
        raise _other(at)
    waiting, count = origin.commits(at.position), 0
    while page := list(islice(waiting, _COMMITS_AT_ONCE)):
        with journal.group():
            verdict = journal.append([data for data, _ in page])
            if isinstance(verdict, Void) or len(verdict) < len(page):
                raise _other(at)
            for accepted in verdict:
                index.apply(entries(accepted))
        at, count = verdict[-1].head, count + len(page)
        progress(at)
    if at != ends:
        raise _other(at)
    return count


def _other(at: Head) -> DamagedError:
    return DamagedError(
        f"At position {at.position} the log in the new house is not the beginning of the one that"
        " is copied.",
        hint="Somebody wrote to it, or it is another ledger's. Copy to an empty place; nothing that"
        " was there was changed.",
        code="other_log",
    )
