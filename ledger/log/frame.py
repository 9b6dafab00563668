"""The bytes of a commit: one outer frame, frozen for ever, around events it does not interpret.

Layout, integers big-endian and unsigned::

    magic   4 bytes   "ATL1"
    first   8 bytes   position of the first event, from 1
    count   4 bytes   number of events, from 1
    prev   32 bytes   SHA-256 of the frame before; zeros before the first
    length  4 bytes   of the header, then the header (UTF-8 JSON: format, recorded_at, ledger)
    then ``count`` times: length 4 bytes, attributes; length 4 bytes, data

Nothing may follow. A commit has exactly one encoding, and every byte of it is under its hash. The
parser is total: any bytes give a frame or the reason why they are none.
"""

from __future__ import annotations

from hashlib import sha256
from struct import Struct
from typing import NamedTuple

MAGIC = b"ATL1"
ZERO_HASH = bytes(32)
MAX_COMMIT_BYTES = 512 * 1024
MAX_EVENT_BYTES = 64 * 1024
MAX_EVENTS = 100_000

_OUTER = Struct(">4sQI32sI")
_LENGTH = Struct(">I")


class EventBytes(NamedTuple):
    """One event as the frame carries it: its attributes and its data, both as written."""

    attributes: bytes
    data: bytes


class Frame(NamedTuple):
    """One commit, taken apart."""

    first: int
    prev: bytes
    header: bytes
    events: tuple[EventBytes, ...]


class Unparsable(NamedTuple):
    """Bytes that are no frame, and why."""

    reason: str


def pack(frame: Frame) -> bytes:
    """The one encoding of a commit; ``parse`` gives the frame back."""
    parts = [
        _OUTER.pack(MAGIC, frame.first, len(frame.events), frame.prev, len(frame.header)),
        frame.header,
    ]
    for attributes, data in frame.events:
        parts += (_LENGTH.pack(len(attributes)), attributes, _LENGTH.pack(len(data)), data)
    return b"".join(parts)


def event_size(event: EventBytes) -> int:
    """The bytes an event takes in a frame, lengths included."""
    return 2 * _LENGTH.size + len(event.attributes) + len(event.data)


def frame_size(header: bytes) -> int:
    """The bytes a frame takes before its first event."""
    return _OUTER.size + len(header)


def frame_hash(data: bytes) -> bytes:
    """The hash that the next commit names as ``prev``: SHA-256 over the whole frame."""
    return sha256(data).digest()


def parse(data: bytes) -> Frame | Unparsable:  # noqa: PLR0911  a reason each
    """The commit in ``data``, or why there is none. Never raises, whatever the bytes."""
    if len(data) < _OUTER.size:
        return Unparsable("shorter than a frame")
    magic, first, count, prev, header_length = _OUTER.unpack_from(data)
    if magic != MAGIC:
        return Unparsable("wrong magic")
    if first == 0:
        return Unparsable("position 0")
    if not 1 <= count <= MAX_EVENTS:
        return Unparsable("no events, or too many")
    at = _OUTER.size + header_length
    if at > len(data):
        return Unparsable("header runs past the end")
    events = _events(data, at, count)
    if isinstance(events, Unparsable):
        return events
    return Frame(first, prev, data[_OUTER.size : at], events)


def _events(data: bytes, at: int, count: int) -> tuple[EventBytes, ...] | Unparsable:
    end, size, unpack, new = len(data), _LENGTH.size, _LENGTH.unpack_from, tuple.__new__
    events = []
    for _ in range(count):
        if at + size > end:
            return Unparsable("event runs past the end")
        attributes_at = at + size
        data_at = attributes_at + unpack(data, at)[0]
        body_at = data_at + size
        if body_at > end:
            return Unparsable("event runs past the end")
        next_at = body_at + unpack(data, data_at)[0]
        if next_at > end:
            return Unparsable("event runs past the end")
        # Past the constructor's own function call: every event that is read comes by here.
        events.append(new(EventBytes, (data[attributes_at:data_at], data[body_at:next_at])))
        at = next_at
    if at != end:
        return Unparsable("bytes follow the last event")
    return tuple(events)
