"""Every accepted event from a position on, in order, none missed and none twice, as they come.

The same over an embedded ledger, whose log is read beside the writer, and over the topic
`PREFIX.events` of a ledger on Kafka, for which nothing but the address is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import orjson

from consumers.accepted import restored
from ledger.cluster.place import is_place, place
from ledger.errors import BadInputError
from ledger.folder import read_folder
from ledger.log.index import Stored
from ledger.log.query import EVERYTHING, Query, QueryItem
from ledger.log.reader import Page, Reader
from ledger.rules import kinds
from schemas import catalogue
from schemas.event import Event

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


def subscribe(  # noqa: PLR0913  one keyword per filter, none positional
    where: str | Path,
    *,
    after: int = 0,
    commit: str = NO_COMMIT,
    types: Sequence[str] = (),
    tenant: str | None = None,
    partner: str | None = None,
    kind: str | None = None,
    until: Callable[[], bool] = lambda: False,
) -> Iterator[Received]:
    """The events of the ledger at ``where``, a folder or ``kafka://HOST:PORT/PREFIX``.

    Give as ``after`` the position that you keep beside your own state, written in the same
    transaction, and as ``commit`` the hash kept with it: then each event has its effect once, and a
    log that was restored meanwhile is noticed (``DamagedError``, ``log_restored``). ``types`` are
    types, types of any version, or families (``claim``); ``tenant`` and ``partner`` are ids;
    ``kind`` is a kind of association, such as ``DPOR``.

    Never ends, but when ``until`` says so at the end of the log. Raises ``BadInputError`` for a
    filter or place that is none.
    """
    query, of_kind = _query(types, tenant, partner), _of_kind(kind)
    source = _opened(where, after, commit)
    with closing(source):
        for stored in events(source, query, after=after, until=until):
            if of_kind(stored):
                yield Received(stored.position, stored.commit_hash.hex(), stored)


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
    while True:
        page = reader.page_or_wait(query, after=after, timeout_seconds=WAIT_SECONDS)
        yield from page.events
        if not page.events and page.upto == after and until():
            return
        after = page.upto


def _opened(where: str | Path, after: int, commit: str) -> Any:
    """A source that can be closed."""
    try:
        kept = bytes.fromhex(commit)
    except ValueError as error:
        raise BadInputError(
            f"{commit!r} is no hash of a commit.",
            hint="Give the 64 hexadecimal digits that came with the position.",
            code="bad_commit",
        ) from error
    if is_place(where):
        # The Kafka client takes a tenth of a second to load: only who needs it pays for it.
        from consumers.topic_reader import TopicReader
        from ledger.cluster.partition import Inlet

        at = place(where)
        return TopicReader(Inlet(at, at.events), after=after, commit=kept)
    reader = Reader(read_folder(Path(where)).chain)
    found = reader.find(after=after - 1, limit=1) if after and kept else []
    if after and kept and (not found or found[0].commit_hash != kept):
        reader.close()
        raise restored(after)
    return reader


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
