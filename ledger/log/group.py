"""A group: the events that waiting callers decide together, before they are sealed and kept.

Nothing is written while a group is decided. Its events lie here, visible to the decisions after
them, and become commits when the group is sealed: one per instant, and at most ``SOFT_BYTES``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ledger.errors import RefusedError
from ledger.log.chain import Accepted, Head, header_bytes, seal_under
from ledger.log.frame import MAX_COMMIT_BYTES, MAX_EVENT_BYTES, EventBytes, event_size, frame_size
from ledger.log.index import Entry
from schemas.envelope import Attributes
from schemas.event import Timer

SOFT_BYTES = 64 * 1024
"""A commit is closed beyond this size: reading one event then never walks far through a blob."""


class NewEvent(NamedTuple):
    """An event to append: its attributes, its data and the timers it starts or stops."""

    attributes: Attributes
    data: bytes
    timers: tuple[Timer, ...] = ()


class Sealed(NamedTuple):
    """One sealed commit: its bytes, the verdict on them where it was sealed, index entries."""

    data: bytes
    verdict: Accepted
    entries: list[Entry]


class _Unit(NamedTuple):
    """Events that must stand in one commit, with their instant and bytes."""

    recorded_at_us: int
    first: int
    events: tuple[NewEvent, ...]
    packed: tuple[EventBytes, ...]
    size: int


class Group:
    """The events decided so far on top of ``head``, in order, with their positions."""

    def __init__(self, head: Head, ledger: str) -> None:
        self.head = head
        self.position = head.position
        self.recorded_at_us = head.recorded_at_us
        self.now_us: int | None = None
        """The instant a real clock gave this group, once: it is the time of its commits."""
        self._ledger = ledger
        self._units: list[_Unit] = []

    def append(self, events: Sequence[NewEvent], recorded_at_us: int) -> int:
        """Add events that are kept together or not at all; the position of the last.

        ``recorded_at_us`` may not lie before that of the event before. Raises ``RefusedError``
        (``event_too_large``, ``commit_too_large``) and adds nothing then.
        """
        assert recorded_at_us >= self.recorded_at_us, "recorded_at never goes back"
        packed = tuple([EventBytes(event.attributes.to_bytes(), event.data) for event in events])
        size = sum([_size(event) for event in packed])
        if size + 1024 > MAX_COMMIT_BYTES:
            raise RefusedError(
                f"Events of {size:,} bytes together are larger than the commit of"
                f" {MAX_COMMIT_BYTES:,} bytes they must stand in.",
                hint="Append them in smaller lots.",
                code="commit_too_large",
            )
        first = self.position + 1
        self._units.append(_Unit(recorded_at_us, first, tuple(events), packed, size))
        self.recorded_at_us = recorded_at_us
        self.position += len(packed)
        return self.position

    def retract(self, position: int) -> None:
        """Take back what was appended beyond ``position``, the end of an earlier append."""
        while self._units and self._units[-1].first > position:
            self._units.pop()
        self.position = position
        last = self._units[-1] if self._units else self.head
        self.recorded_at_us = last.recorded_at_us

    def pending(self) -> list[tuple[int, NewEvent]]:
        """The events of this group with their positions, in order."""
        return [
            (position, event)
            for unit in self._units
            for position, event in enumerate(unit.events, start=unit.first)
        ]

    def seal(self) -> list[Sealed]:
        """The group as commits that follow its head and one another."""
        commits: list[Sealed] = []
        head = self.head
        for units in self._batches():
            ledger = self._ledger if head.position == 0 else None
            instant = units[0].recorded_at_us
            packed = [event for unit in units for event in unit.packed]
            header = header_bytes(instant, ledger)
            data, sealed = seal_under(head, header, instant, packed)
            kept = _entries(units, head.position + 1, frame_size(header))
            commits.append(Sealed(data, sealed, kept))
            head = sealed.head
        return commits

    def _batches(self) -> list[list[_Unit]]:
        batches: list[list[_Unit]] = []
        size = 0
        for unit in self._units:
            together = batches and batches[-1][0].recorded_at_us == unit.recorded_at_us
            if together and size + unit.size <= SOFT_BYTES:
                batches[-1].append(unit)
                size += unit.size
            else:
                batches.append([unit])
                size = unit.size
        return batches


def _size(event: EventBytes) -> int:
    size = event_size(event)
    if size > MAX_EVENT_BYTES:
        raise RefusedError(
            f"An event of {size:,} bytes is larger than the {MAX_EVENT_BYTES:,} allowed.",
            hint="Shorten its texts or lists; keep documents outside and name their hash.",
            code="event_too_large",
        )
    return size


def _entries(units: list[_Unit], first: int, at: int) -> list[Entry]:
    found = []
    for unit in units:
        position = unit.first
        for event, packed in zip(unit.events, unit.packed, strict=True):
            sizes = (len(packed.attributes), len(packed.data))
            found.append(Entry(position, first, at + 4, *sizes, event.attributes, event.timers))
            at += event_size(packed)
            position += 1
    return found


Work = Callable[[Group], None]
"""What a caller wants done in a group: reads, decides, appends as its last step, or raises."""
