"""The ledger as its users hold it: submit commands, get outcomes, read what was accepted.

The composition root of the write side: ``create`` and ``open`` wire file, journal, index, writer,
keys and clock together; everything that could differ is passed in.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from ledger.birth import not_empty, unfinished
from ledger.clock import Clock, SystemClock
from ledger.commands import catalogue as commands
from ledger.commands.erase_person import ErasePerson
from ledger.deciding import Deciding, Outcome, Request, TimeKeeper
from ledger.decision import Command
from ledger.errors import AttributionError, BadInputError, BusyError, DamagedError
from ledger.folder import Folder, read_folder, require_files, write_folder
from ledger.log.chain import Head
from ledger.log.database import Database
from ledger.log.group import Group, NewEvent, Work
from ledger.log.index import Index, RunningTimer
from ledger.log.journal.kafka import void_records
from ledger.log.journal.opening import open_journal
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.query import Query, QueryItem
from ledger.log.reader import Reader
from ledger.log.verify import genesis_of, require_genesis
from ledger.log.writer import OutrunError, Writer, rebuild_index
from ledger.privacy.erasing import erase
from ledger.privacy.keys import Entropy, KeyStore
from ledger.privacy.sharing import fetch_keys, key_topic
from ledger.privacy.wrapping import no_wrapping_key
from ledger.rehearsal import Rehearsal
from schemas import catalogue
from schemas.envelope import Attributes
from schemas.governance import LedgerCreated
from schemas.persons import PersonErased

LOOKS, LOOK_SECONDS = 50, 0.001
"""How often, and after which rest, a reader looks whether another process has kept a commit."""

BULK_REQUESTS = 500
"""Requests decided in one group when many are submitted."""


class Ledger:
    """An open ledger. Safe for many threads; several processes may hold the same folder."""

    def __init__(
        self,
        folder: Folder,
        *,
        clock: Clock | None = None,
        entropy: Entropy = os.urandom,
        only_read: bool = False,
        keystore: Callable[[Path, Entropy], KeyStore] = KeyStore,
    ) -> None:
        self.folder = folder
        # Whoever only reads may have been given everything but the keys.
        self._keyed = folder.keys.exists() or not only_read
        require_files(*([] if folder.log else [folder.chain]), *[folder.keys] * self._keyed)
        with ExitStack() as opened:
            self._database = opened.enter_context(
                closing(Database(folder.chain, replica=bool(folder.log)))
            )
            self.index = Index(self._database)
            journal = open_journal(folder.log, self._database, self.index, folder.quarantine)
            self._journal = opened.enter_context(closing(journal))
            self.keys = opened.enter_context(closing(keystore(folder.keys, entropy)))
            self._require_whole()
            self._entropy = entropy
            if self.keys.shared and folder.log and not only_read:
                self._follow_keys(opened)
            if only_read:
                for database in (self._database, self.keys.database):
                    database.refuse_writing()
            self._opened = opened.pop_all()
        self.writer = Writer(self._database, self._journal, self.index, folder.ledger)
        self._time_keeper = TimeKeeper(clock or SystemClock(), folder.clock)
        self.deciding = Deciding(self.index, self.keys, self._time_keeper, record_lapse)
        self._beside_a_writer = False
        self._glance = self._opened.enter_context(closing(self.reader()))
        self._erasures_known = 0
        self.writer.before_group.append(self._learn_erasures)
        self.writer.before_group.append(self.deciding.prepare)
        self.writer.before_keep.append(self._save_keys)
        self.writer.on_kept.append(self.deciding.kept)
        self.writer.on_forget.append(self.deciding.forget)
        if not only_read:
            self._finish_erasures()
            if self.keys.topic is not None:
                self.keys.topic.complete()

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        clock_kind: Literal["real", "told"] = "real",
        operator: str = "operator",
        at_us: int | None = None,
        log: str = "",
        clock: Clock | None = None,
        entropy: Entropy = os.urandom,
    ) -> Self:
        """Make a ledger in an empty or new folder and open it.

        With ``log``, the address of an empty log on Kafka, the folder is its first node.

        Its first event names the ledger, its kind of clock and the first operator. On a told clock
        ``at_us`` is the instant of its birth. Whatever interrupts it, the folder is a whole ledger
        or as it was. Raises ``BadInputError`` where something is already.
        """
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise not_empty(path)
        if (at_us is not None) != (clock_kind == "told"):
            raise BadInputError(
                "A told clock needs the instant of the ledger's birth, a real clock has its own.",
                hint="Give --at together with --clock told, or neither.",
                code="bad_clock",
            )
        born_us = (clock or SystemClock()).now_us() if at_us is None else at_us
        with unfinished(path) as building:
            folder = Folder(building, f"l-{entropy(8).hex()}", clock_kind, log)
            _write_genesis(folder, operator, born_us, entropy)
            write_folder(folder)
        return cls(folder._replace(path=path.resolve()), clock=clock, entropy=entropy)

    @classmethod
    def join(
        cls,
        path: Path,
        log: str,
        keys: Path | None = None,
        *,
        clock: Clock | None = None,
        entropy: Entropy = os.urandom,
    ) -> Self:
        """Make a new or empty folder one more node of a log on Kafka, and open it.

        ``keys`` is the file of keys that nodes of one machine share; without it they come from the
        topic of wrapped keys (docs/adr/0014). Raises ``BadInputError`` where something
        is already, or where the log holds no ledger yet.
        """
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise not_empty(path)
        if keys is not None:
            require_files(keys)
        with unfinished(path) as building:
            unnamed = Folder(building, "", "real", log, "" if keys is None else str(keys.resolve()))
            with closing(Database(unnamed.chain)) as database:
                with closing(open_journal(log, database, Index(database))) as journal:
                    journal.head()
                ledger, clock_kind = genesis_of(database, log)
            named = unnamed._replace(ledger=ledger, clock=clock_kind)
            if keys is None:
                fetch_keys(named, entropy)
            write_folder(named)
        return cls.open(path, clock=clock, entropy=entropy)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock | None = None,
        entropy: Entropy = os.urandom,
        only_read: bool = False,
    ) -> Self:
        """Open the ledger in a folder; ``only_read`` refuses every write, and needs no keys.

        Raises ``BadInputError`` where there is none, ``DamagedError`` where it is not whole,
        ``BusyError`` where another process holds it.
        """
        folder = read_folder(path.resolve())
        return cls(folder, clock=clock, entropy=entropy, only_read=only_read)

    def _require_whole(self) -> None:
        """Head, index and folder belong together; an index that is behind is made again."""
        if self._journal.shared:
            self._journal.head()  # up to the topic's end of now
        kept = SqliteJournal(self._database)
        with self._database.snapshot():  # another process may commit at any moment
            head, applied = kept.head(), self.index.applied()
            genesis = require_genesis(self._database, self.folder)
        # A ledger made before its birth was bound to its keys has no hash there.
        if self._keyed and genesis.command_hash not in (
            "",
            self.keys.command_hash(self.folder.ledger.encode()),
        ):
            raise DamagedError(
                f"keys.db is not that of the ledger {self.folder.ledger}.",
                hint="Put the files of one ledger together again.",
                code="foreign_keys",
            )
        if applied < head.position:
            rebuild_index(self._database, kept, self.index)
        elif applied > head.position:
            raise DamagedError(
                f"The index knows position {applied}, the log ends at {head.position}:"
                " the log lost its end.",
                hint="Restore chain.db from a copy; nothing was mended.",
                code="log_truncated",
            )

    def _follow_keys(self, opened: ExitStack) -> None:
        """Follow the topic of keys, where this node was told the wrapping key."""
        self.keys.topic = key_topic(self.folder, self._entropy)
        if self.keys.topic is not None:
            opened.callback(self.keys.topic.close)
            self.keys.topic.follow()

    def share_keys(self) -> int:
        """Put the keys of persons into their topic, for nodes elsewhere; how many were not there.

        From then on every node of this ledger needs the wrapping key to seal. Raises
        ``BadInputError`` in a ledger of a folder, or without a wrapping key.
        """
        if not self.folder.log:
            raise BadInputError(
                "This ledger lies in a folder, and so do its keys.",
                hint="Keys are shared between the nodes of a ledger on Kafka.",
                code="no_node",
            )
        if self.keys.topic is None:
            self._follow_keys(self._opened)
        if self.keys.topic is None:
            raise no_wrapping_key()
        self.keys.shared = True
        return self.keys.topic.complete()

    def _save_keys(self) -> None:
        if not self.keys.save():
            raise OutrunError

    def holds_key(self, key_id: str) -> bool:
        """Whether a person's key is there, as far as this ledger was given the keys at all."""
        return not self._keyed or self.keys.holds(key_id)

    @property
    def head(self) -> Head:
        """Where the accepted log ends."""
        return self._glance.head()

    def reader(self, *, alone: bool = False) -> Reader:
        """A reader of the accepted log, for one thread; close it when done.

        ``alone`` promises that nobody of this process writes: then a log that lies elsewhere is
        waited at, and what others append is seen at once.
        """
        if not self._journal.shared:
            return Reader(self.folder.chain, self.writer.doorbell)
        refresh = self._wait_at_log if alone else self._look_at_log
        return Reader(self.folder.chain, self.writer.doorbell, refresh)

    def _look_at_log(self, _wait_seconds: float) -> bool:
        self.catch_up()
        return False

    def _wait_at_log(self, wait_seconds: float) -> bool:
        """Wait for what others append; what is not in the file then is brought in, and only that.

        Where another process of this node appended it, that one has the file and is about to keep
        it there: it is left to it, for two that want to write one file only wait for each other.
        """
        if not wait_seconds:
            return self._look_at_log(0)
        if not self.writer.look(wait_seconds):
            return True
        if not self._beside_a_writer:
            try:
                with self._database.impatient():
                    self.catch_up()
            except BusyError:
                self._beside_a_writer = True
            else:
                return True
        for _ in range(LOOKS):
            time.sleep(LOOK_SECONDS)
            if not self.writer.look(0):
                return True
        self._beside_a_writer = False
        self.catch_up()
        return True

    def void_records(self) -> int:
        """Records of the log's topic that are void; 0 for a ledger in a folder."""
        return void_records(self._database) if self._journal.shared else 0

    def catch_up(self) -> Head:
        """Apply what other nodes appended up to this moment; the head then."""
        self.writer.submit([])
        return self.writer.head

    def submit(
        self,
        command: Command,
        *,
        actor: str,
        command_id: str,
        at_us: int | None = None,
        correlation: str = "",
    ) -> Outcome:
        """Decide one command; durable when it returns. A refusal is raised."""
        request = Request(command, actor, command_id, at_us, correlation)
        outcome = self.submit_group([request])[0]
        if outcome.error is not None:
            raise outcome.error
        return outcome

    def submit_group(self, requests: Sequence[Request]) -> list[Outcome]:
        """Decide requests in order, durable together; refusals stand in their outcomes.

        Raises what kept all of them from being kept: busy, disk full, damaged.
        """
        deeds = self.deciding.deeds(requests)
        errors = self.writer.submit(deeds)
        outcomes = [
            deed.outcome if error is None else _refused(deed.request, error)
            for deed, error in zip(deeds, errors, strict=True)
        ]
        self._destroy_keys(
            [
                outcome.request.command.key
                for outcome in outcomes
                if isinstance(outcome.request.command, ErasePerson) and outcome.position
            ]
        )
        return outcomes

    def _destroy_keys(self, key_ids: Sequence[str]) -> None:
        """Destroy the keys of persons whose erasure is in the log (DESIGN §8)."""
        if key_ids:
            erase(self.folder.keys, key_ids)
            if self.keys.topic is not None:
                self.keys.topic.bury(key_ids, again=True)

    def _learn_erasures(self, _works: Sequence[Work]) -> None:
        """Destroy, before a group is decided, keys of persons that other nodes erased since."""
        if not self.keys.shared:
            return
        position = self.writer.head.position
        if position > self._erasures_known:
            self._destroy_erased(self._erased(self._erasures_known))
            self._erasures_known = position

    def _destroy_erased(self, key_ids: Sequence[str]) -> None:
        held = [key_id for key_id in key_ids if self.keys.kept(key_id)]
        if not held:
            return
        try:
            erase(self.folder.keys, held)
        except BusyError:
            if any(self.keys.kept(key_id) for key_id in held):
                raise
            # Gone; the file is written anew by whoever erases next, or opens the ledger.
        self.keys.forget()

    def _erased(self, after: int) -> list[str]:
        """The keys that were erased beyond a position, as far as this node applied the log."""
        query, keys = Query((QueryItem((PersonErased.TYPE,)),)), []
        while page := self.index.find(query, after=after):
            events = [catalogue.decode(one.type, one.data) for one in page]
            keys += [event.key for event in events if isinstance(event, PersonErased)]
            after = page[-1].position
        return keys

    def _finish_erasures(self) -> None:
        """Destroy what an interruption, or a copy of keys.db that was put back, left."""
        if PersonErased.TYPE not in self.index.type_names():
            return
        query = Query((QueryItem((PersonErased.TYPE,)),))
        with closing(self.reader()) as reader:
            erased = [catalogue.decode(one.type, one.data) for one in reader.read(query)]
        left = [one.key for one in erased if isinstance(one, PersonErased)]
        held = [key_id for key_id in left if self.keys.kept(key_id)]
        if held:
            erase(self.folder.keys, held)
        if self.keys.topic is not None:
            self.keys.topic.bury(left)

    def submit_many(self, requests: Iterable[Request]) -> Iterator[Outcome]:
        """Decide any number of requests in order, in groups, with flat memory."""
        waiting = iter(requests)
        while page := list(islice(waiting, BULK_REQUESTS)):
            yield from self.submit_group(page)

    def rehearsal(self) -> Rehearsal:
        """A way to decide requests for nothing, on the log as it is now; close it when done.

        Not while this ledger decides for good: they share what is known of persons.
        """
        database = Database(self.folder.chain)
        deciding = Deciding(Index(database), self.keys, self._time_keeper, record_lapse)
        return Rehearsal(database, SqliteJournal(database), deciding, self.keys, self.folder.ledger)

    def tick(self, at_us: int | None = None) -> int:
        """Record the lapses that are due by now (or by a told instant); the head afterwards."""
        (error,) = self.writer.submit([self.deciding.tick(at_us)])
        if error is not None:
            raise error
        return self.writer.head.position

    def close(self) -> None:
        """Let the files go; what was answered is durable already."""
        self._opened.close()

    def __enter__(self) -> Self:
        """The ledger, closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the ledger."""
        self.close()


def _refused(request: Request, error: BaseException) -> Outcome:
    if not isinstance(error, AttributionError):
        raise error
    return Outcome(request, error=error)


def record_lapse(timer: RunningTimer) -> Command:
    """The command by which the clock records that a timer ran out."""
    command, field = commands.LAPSES[timer.name]
    waits = timer.key.removeprefix(f"{timer.name}:")
    return commands.load(command).model_validate({field: waits, "name": timer.name})


def _write_genesis(folder: Folder, operator: str, born_us: int, entropy: Entropy) -> None:
    created = LedgerCreated(ledger=folder.ledger, clock=folder.clock, operator=operator)
    folder.keys.touch(mode=0o600)  # its owner's alone; SQLite gives its companions the same mode
    keys = KeyStore(folder.keys, entropy)
    bound = keys.command_hash(folder.ledger.encode())
    keys.close()
    if folder.log:
        _share_secrets(folder, entropy)
    attributes = Attributes(created.TYPE, created.tags(), born_us, operator, "genesis", bound)

    def write(group: Group) -> None:
        if group.position:
            raise not_empty(folder.path)
        group.append([NewEvent(attributes, catalogue.encode(created))], born_us)

    work: Work = write
    with closing(Database(folder.chain)) as database:
        index = Index(database)
        with closing(open_journal(folder.log, database, index)) as journal:
            (error,) = Writer(database, journal, index, folder.ledger).submit([work])
    if error is not None:
        raise error


def _share_secrets(folder: Folder, entropy: Entropy) -> None:
    """Put the secrets of a ledger to be born into the topic of keys, where a node can wrap them.

    Before its birth: were it born and this failed, nobody could decide in it.
    """
    topic = key_topic(folder, entropy)
    if topic is not None:
        with closing(topic):
            topic.complete()
