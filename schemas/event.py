"""What every event of the ledger is: a frozen model that knows its type name, tags and timers."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from schemas.values import Value


class Timer(NamedTuple):
    """A deadline an event starts (``due_us``) or, with None, stops, under ``key``.

    A key is what is awaited and the claim or relationship that awaits it: ``answer:C-1``,
    ``gdap_end:G-1``. It has at most one running timer; the latest event on it decides. ``name`` is
    empty when the timer stops.
    """

    key: str
    name: str
    due_us: int | None


class Event(Value):
    """One immutable fact. Subclasses state their released type name in ``TYPE``.

    ``tags`` are the names under which decisions find the event again; they hold identifiers only,
    never personal data. They are a function of the content, so an index can be checked.
    """

    TYPE: ClassVar[str]

    def subject(self) -> str:
        """The CloudEvents subject: the first tag."""
        return self.tags()[0]

    def tags(self) -> tuple[str, ...]:
        """The tags of this event, most telling first, without repeats."""
        raise NotImplementedError

    def timers(self) -> tuple[Timer, ...]:
        """The deadlines this event starts or stops; none by default."""
        return ()


def distinct(*tags: str | None) -> tuple[str, ...]:
    """The tags in order, without repeats and without None."""
    return tuple(dict.fromkeys(tag for tag in tags if tag))
