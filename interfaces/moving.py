"""Ledgers as origins and aims of a move: a folder, or this machine's node of a log on Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from interfaces.nodes import node_folder
from ledger.app import Ledger
from ledger.cluster.place import is_place, place
from ledger.log.chain import Head
from ledger.log.database import Database
from ledger.log.journal.sqlite import SqliteJournal
from ledger.moving.copying import Commits
from ledger.moving.usage import Counted
from ledger.usage.chain_decisions import decided
from ledger.usage.opening import open_usage_log


class House(NamedTuple):
    """A place a ledger can lie in: a folder, which is a node where there is a log."""

    folder: Path
    log: str


class LedgerOrigin:
    """The log of an open ledger up to its head of now."""

    def __init__(self, ledger: Ledger, journal: SqliteJournal) -> None:
        self.ledger = ledger.folder.ledger
        self.clock: Literal["real", "told"] = ledger.folder.clock
        self.keys = ledger.folder.keys
        self.usage = None if ledger.folder.log else ledger.folder.usage
        self._ledger, self._head, self._journal = ledger, ledger.head, journal

    def head(self) -> Head:
        """Where it ends; what is decided from now on is not part of it."""
        return self._head

    def commits(self, after: int) -> Commits:
        """Its commits beyond a position."""
        for data, accepted in self._journal.read(after):
            if accepted.head.position > self._head.position:
                return
            yield data, accepted

    @contextmanager
    def counted(self) -> Iterator[Counted | None]:
        """The usage that it counts; on a node read from the topic first, where it is not here."""
        with closing(self._ledger.reader()) as reader:
            found = decided(reader, upto=self._head.position)
        if not found:
            yield None
            return
        with closing(open_usage_log(self._ledger.folder)) as log:
            log.hold(found)
            yield Counted(found, log.read_attempt)


def house(named: str | Path) -> House:
    """The house that a path or an address means; it may be empty yet."""
    if not is_place(named):
        return House(Path(named), "")
    at = place(named)
    return House(node_folder(at.url), at.url)


@contextmanager
def origin(named: str | Path) -> Iterator[LedgerOrigin]:
    """The ledger at a path or an address, caught up, as an origin of a copy."""
    with Ledger.open(house(named).folder) as ledger:
        ledger.catch_up()
        with closing(Database(ledger.folder.chain)) as database:
            yield LedgerOrigin(ledger, SqliteJournal(database))
