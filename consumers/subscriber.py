"""Every accepted event from a position on, in order, none missed and none twice, as they come.

The same over an embedded ledger, whose log is read beside the writer, and over the topic
`PREFIX.events` of a ledger on Kafka, for which nothing but the address is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson

from consumers.accepted import restored
from ledger.clock import SystemClock
from ledger.cluster.place import is_place, place
from ledger.cluster.quarantine import Quarantine
from ledger.errors import BadInputError
from ledger.folder import read_folder
from ledger.log.index import Stored
from ledger.log.query import EVERYTHING, Query, QueryItem
from ledger.log.reader import Page, Reader
from ledger.rules import kinds
from schemas import catalogue
from schemas.event import Event

if TYPE_CHECKING:
    from consumers.topic_reader import TopicReader

PAGE = 500
"""Events that are handed over at once at most."""

WAIT_SECONDS = 1.0
"""How long one wait lasts before ``until`` is asked again."""

NO_COMMIT = ""


class Source(Protocol):
    """Where events come from: a ``Reader`` of a folder or a ``TopicReader``."""

    def page_or_wait(self, query: Query, *, after: int, timeout_seconds: float) -> Page:
        """The next events, at once when there are any; else those that come while waiting."""


class Received(NamedTuple):
    """An accepted event. Keep ``position`` and ``commit`` beside what you make of it."""

    position: int
    commit: str
    stored: Stored

    @property
    def type(self) -> str:
        """Its type as it was written, such as ``claim.approved.v1``."""
        return self.stored.type

    def event(self) -> Event:
        """The event as its model, brought up to the newest version."""
        return catalogue.decode(self.stored.type, self.stored.data)

    def plain(self) -> dict[str, Any]:
        """The event's data as plain JSON values, in the version that it was written in."""
        found: dict[str, Any] = orjson.loads(self.stored.data)
        return found


class Batch(NamedTuple):
    """Events that were asked for, and how far the log is handled when they are.

    Keep ``position`` and ``commit`` beside your own state. There may be no event: then nothing that
    was asked for lies up to there, and keeping the position spares reading it again.
    """

    events: list[Received]
    position: int
    commit: str


class Wanted(NamedTuple):
    """Which events are asked for; without a filter, all.

    ``types`` are types, types of any version, or families (``claim``); ``tenant`` and ``partner``
    are ids; ``kind`` is a kind of association, such as ``DPOR``.
    """

    types: Sequence[str] = ()
    tenant: str | None = None
    partner: str | None = None
    kind: str | None = None


class Trust(NamedTuple):
    """What a subscriber does about records that are not as they should be.

    ``quarantine`` is a file: there go records that can't be read, and the reading goes on; without
    one it ends (``unreadable_event``). ``against_chain`` compares every event with the chain's own
    topic (``consumers.chain_check``); a ledger in a folder is read from its chain anyway.
    """

    quarantine: Path | None = None
    against_chain: bool = False


def subscribe(  # noqa: PLR0913  one keyword per filter, none positional
    where: str | Path,
    *,
    after: int = 0,
    commit: str = NO_COMMIT,
    types: Sequence[str] = (),
    tenant: str | None = None,
    partner: str | None = None,
    kind: str | None = None,
    trust: Trust = Trust(),  # noqa: B008  an immutable value
    until: Callable[[], bool] = lambda: False,
) -> Iterator[Received]:
    """The events of the ledger at ``where``, a folder or ``kafka://HOST:PORT/PREFIX``, one by one.

    Give as ``after`` the position that you keep beside your own state, written in the same
    transaction, and as ``commit`` the hash kept with it: then each event has its effect once, and a
    log that was restored meanwhile is noticed (``DamagedError``, ``log_restored``).

    Never ends, but when ``until`` says so at the end of the log. Raises ``BadInputError`` for a
    filter or place that is none.
    """
    wanted = Wanted(types, tenant, partner, kind)
    for batch in batches(where, wanted, after=after, commit=commit, trust=trust, until=until):
        yield from batch.events


ANYTHING = Wanted()
"""Every event."""


def deliver(
    where: str | Path, handle: Callable[[Batch], None], wanted: Wanted = ANYTHING, **how: Any
) -> None:
    """Call ``handle`` with each batch, in order; the next comes when it has returned.

    What it raises ends the delivery; begun again after the position that was kept, the same events
    come again. ``how`` is what ``batches`` takes.
    """
    for batch in batches(where, wanted, **how):
        handle(batch)


def batches(
    where: str | Path,
    wanted: Wanted = ANYTHING,
    *,
    after: int = 0,
    commit: str = NO_COMMIT,
    most: int = PAGE,
    trust: Trust = Trust(),  # noqa: B008  an immutable value
    until: Callable[[], bool] = lambda: False,
) -> Iterator[Batch]:
    """The same in batches of at most ``most``, as they come; see ``subscribe``."""
    query, of_kind = _query(wanted.types, wanted.tenant, wanted.partner), _of_kind(wanted.kind)
    source = _opened(where, after, commit, trust)
    with closing(source):
        for page in _pages(source, query, after, until):
            found = [
                Received(stored.position, stored.commit_hash.hex(), stored)
                for stored in page.events
                if of_kind(stored)
            ]
            for start in range(0, len(found) - most, most):
                part = found[start : start + most]
                yield Batch(part, part[-1].position, part[-1].commit)
            rest = found[(len(found) - 1) // most * most :] if found else []
            yield Batch(rest, page.upto, source.commit_at(page.upto).hex())


def events(
    reader: Source,
    query: Query = EVERYTHING,
    *,
    after: int = 0,
    until: Callable[[], bool] = lambda: False,
) -> Iterator[Stored]:
    """Every event asked for beyond ``after``, for ever, or until ``until`` says so at the end.

    Who keeps the position of the last event handled, and gives it as ``after`` the next time,
    handles each event at least once, and exactly once if both are kept together.
    """
    for page in _pages(reader, query, after, until):
        yield from page.events


def _pages(reader: Source, query: Query, after: int, until: Callable[[], bool]) -> Iterator[Page]:
    """Every page that brought the reader on."""
    while True:
        page = reader.page_or_wait(query, after=after, timeout_seconds=WAIT_SECONDS)
        if page.upto != after:
            yield page
        elif until():
            return
        after = page.upto


class _FolderSource:
    """A reader of a folder, as a source that can say the hash of the place where it stands."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.page_or_wait = reader.page_or_wait
        self.close = reader.close

    def commit_at(self, position: int) -> bytes:
        """The hash of the commit that holds a position."""
        found = self._reader.find(after=position - 1, limit=1)
        return found[0].commit_hash if found else b""


def _opened(where: str | Path, after: int, commit: str, trust: Trust) -> Any:
    """A source that can be closed, and says the hash of the place where it stands."""
    try:
        kept = bytes.fromhex(commit)
    except ValueError as error:
        raise BadInputError(
            f"{commit!r} is no hash of a commit.",
            hint="Give the 64 hexadecimal digits that came with the position.",
            code="bad_commit",
        ) from error
    if is_place(where):
        return _topic_source(where, after, kept, trust)
    source = _FolderSource(Reader(read_folder(Path(where)).chain))
    if after and kept and source.commit_at(after) != kept:
        source.close()
        raise restored(after)
    return source


def _topic_source(where: str | Path, after: int, kept: bytes, trust: Trust) -> TopicReader:
    # The Kafka client takes a tenth of a second to load: only who needs it pays for it.
    from consumers.chain_check import ChainCheck
    from consumers.topic_reader import TopicReader
    from ledger.cluster.partition import Inlet

    at = place(where)
    keep = Quarantine(trust.quarantine, SystemClock().now_us).keep if trust.quarantine else None
    with ExitStack() as opened:
        inlet = opened.enter_context(closing(Inlet(at, at.events)))
        check = None
        if trust.against_chain:
            check = opened.enter_context(closing(ChainCheck(Inlet(at, at.chain))))
        opened.pop_all()
    return TopicReader(inlet, after=after, commit=kept, keep=keep, check=check)


def _query(types: Sequence[str], tenant: str | None, partner: str | None) -> Query:
    known = sorted({*catalogue.MODELS, *catalogue.UPCASTS})
    names: list[str] = []
    for asked in types:
        found = [name for name in known if name == asked or name.startswith(f"{asked}.")]
        if not found:
            raise BadInputError(
                f"There is no event type {asked!r}.",
                hint="Name a type such as claim.approved, or a family such as claim.",
                code="unknown_type",
            )
        names += found
    tagged = [("tenant", tenant and tenant.lower()), ("partner", partner)]
    tags = tuple(f"{name}:{value}" for name, value in tagged if value)
    return Query((QueryItem(tuple(names), tags),)) if names or tags else EVERYTHING


def _of_kind(asked: str | None) -> Callable[[Stored], bool]:
    """Whether an event is of a family that a kind of association is told by."""
    if asked is None:
        return lambda _: True
    kind = kinds.table().get(asked)
    if kind is None:
        raise BadInputError(
            f"There is no kind of association {asked!r}.",
            hint="`attribution kinds` lists them.",
            code="unknown_kind",
        )
    families = {command.partition(".")[0] for command in kind.commands}

    def matches(stored: Stored) -> bool:
        if stored.type.partition(".")[0] not in families:
            return False
        told = orjson.loads(stored.data).get("kind")
        return told is None or str(told).lower() == asked.lower()

    return matches
