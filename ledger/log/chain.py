"""The chain: which commit follows which, as pure functions (DESIGN §2.2).

Every reader accepts a commit if and only if its first position is the head's plus one and its
``prev`` is the hash of the head; any other is void. The verdict rests on the frame alone, never on
whether this code understands the events. Log order decides between rivals.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import orjson

from ledger.log.frame import (
    ZERO_HASH,
    EventBytes,
    Frame,
    Unparsable,
    frame_hash,
    pack,
    parse,
)
from schemas.time import from_iso, iso

FORMAT = 1
"""The version of what stands inside the frame: the header's names, attributes and data."""


class Head(NamedTuple):
    """Where an accepted log ends: the last position, the hash and instant of the last commit."""

    position: int
    hash: bytes
    recorded_at_us: int = 0


START = Head(0, ZERO_HASH)
"""The head of an empty log."""


class VoidReason(StrEnum):
    """Why a commit is void."""

    UNPARSABLE = "unparsable"
    POSITION_TAKEN = "position_taken"
    POSITION_AHEAD = "position_ahead"
    PREV_DIFFERS = "prev_differs"


class Accepted(NamedTuple):
    """A commit that the chain accepts, and the head it leads to."""

    frame: Frame
    head: Head


class Void(NamedTuple):
    """A commit that the chain passes over, and why."""

    reason: VoidReason
    detail: str


def judge(head: Head, data: bytes) -> Accepted | Void:
    """Whether the commit in ``data`` follows ``head``; a function of the bytes, for everybody."""
    frame = parse(data)
    if isinstance(frame, Unparsable):
        return Void(VoidReason.UNPARSABLE, frame.reason)
    if frame.first <= head.position:
        return Void(VoidReason.POSITION_TAKEN, f"first {frame.first}, head {head.position}")
    if frame.first > head.position + 1:
        return Void(VoidReason.POSITION_AHEAD, f"first {frame.first}, head {head.position}")
    if frame.prev != head.hash:
        return Void(
            VoidReason.PREV_DIFFERS, f"prev {frame.prev.hex()[:16]}, head {head.hash.hex()[:16]}"
        )
    last = head.position + len(frame.events)
    return Accepted(frame, Head(last, frame_hash(data), recorded_at_us(frame, head)))


def follows(head: Head, sealed: Accepted) -> bool:
    """Whether a commit that ``seal_under`` made follows ``head``: ``judge`` without parsing it."""
    return sealed.frame.first == head.position + 1 and sealed.frame.prev == head.hash


def recorded_at_us(frame: Frame, head: Head) -> int:
    """The commit's instant, never before the head's; the head's where the header gives none."""
    try:
        told = from_iso(orjson.loads(frame.header)["recorded_at"])
    except (ValueError, KeyError, TypeError):
        return head.recorded_at_us
    return max(told, head.recorded_at_us)


def header_bytes(recorded_at_us: int, ledger: str | None = None) -> bytes:
    """The header of a commit; the first commit of a log names its ledger."""
    header: dict[str, str | int] = {"format": FORMAT, "recorded_at": iso(recorded_at_us)}
    if ledger is not None:
        header["ledger"] = ledger
    return orjson.dumps(header, option=orjson.OPT_SORT_KEYS)


def seal(
    head: Head, recorded_at_us: int, events: Sequence[EventBytes], ledger: str | None = None
) -> tuple[bytes, Head]:
    """The bytes of the commit that follows ``head`` with ``events``, and the head it leads to.

    ``recorded_at_us`` is microseconds UTC and may not lie before the head's.
    """
    header = header_bytes(recorded_at_us, ledger)
    data, sealed = seal_under(head, header, recorded_at_us, events)
    return data, sealed.head


def seal_under(
    head: Head, header: bytes, recorded_at_us: int, events: Sequence[EventBytes]
) -> tuple[bytes, Accepted]:
    """As ``seal``, under a header that the caller made; with what ``judge`` says of the bytes."""
    assert events, "a commit holds at least one event"
    assert recorded_at_us >= head.recorded_at_us, "recorded_at never goes back"
    frame = Frame(head.position + 1, head.hash, header, tuple(events))
    data = pack(frame)
    after = Head(head.position + len(events), frame_hash(data), recorded_at_us)
    return data, Accepted(frame, after)


def ledger_of(data: bytes) -> str | None:
    """The ledger id that a first commit names, or None when it names none."""
    frame = parse(data)
    if isinstance(frame, Unparsable):
        return None
    try:
        found = orjson.loads(frame.header)["ledger"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None
