"""The rule of `PREFIX.events`: a record counts if, and only if, ``position == last + 1``.

Relays may repeat records; the rule makes repeats harmless, and shows a record that is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.cluster.quarantine import Unreadable
from ledger.errors import DamagedError
from schemas.cloud_event_kafka import PREFIX

if TYPE_CHECKING:  # the Kafka client takes long to load
    from ledger.cluster.partition import Message, Placed

_POSITION = f"{PREFIX}position"
_COMMIT = f"{PREFIX}commit"


class Mark(NamedTuple):
    """How far the topic was read: the last position that counted, and the offset to read on from.

    The record of ``position + 1`` never lies before offset ``position``: every position before
    has a record of its own. So a position alone is a mark, too.
    """

    position: int
    offset: int


START = Mark(0, 0)


def position_of(message: Message) -> int | None:
    """The position that a record states; None for a record that is none of ours."""
    text = _header(message, _POSITION)
    return int(text) if text is not None and text.isdecimal() and len(text) < 20 else None


def why_passed_over(message: Message, last: int) -> str:
    """Why a record does not count after position ``last``: ``stranger``, ``repeat``, ``ahead``."""
    position = position_of(message)
    if position is None:
        return "stranger"
    return "repeat" if position <= last else "ahead"


def unreadable(
    reader: str, topic: str, record: Placed, reason: str, detail: str = ""
) -> Unreadable:
    """The record as quarantine keeps it."""
    key, value, headers = record.message
    return Unreadable(reader, topic, record.offset, reason, detail, key, value, tuple(headers))


def commit_of(message: Message) -> bytes:
    """The hash of the commit that a record states to come from; empty when it states none."""
    try:
        return bytes.fromhex(_header(message, _COMMIT) or "")
    except ValueError:
        return b""


def restored(position: int) -> DamagedError:
    """The error of a log that tells another story than it told before."""
    return DamagedError(
        f"The log was restored: position {position} does not follow what was read before.",
        hint="Forget what was made from it and read from the beginning.",
        code="log_restored",
    )


def _header(message: Message, wanted: str) -> str | None:
    found = next((text for name, text in message.headers if name == wanted), None)
    return found.decode("ascii", "replace") if found is not None else None
