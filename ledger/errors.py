"""The one tree of errors: each has a stable code, says what is wrong and what to do next."""

from __future__ import annotations


class AttributionError(Exception):
    """An error a user can act on.

    ``code`` is stable and documented; ``message`` says what is wrong and with which value;
    ``hint`` says what to do next. ``exit_code`` is what the command line ends with.
    """

    code = "error"
    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code

    def __str__(self) -> str:
        """The message, and what to do next when there is a hint."""
        return f"{self.message} {self.hint}".strip()


class BadInputError(AttributionError):
    """Input that can't be read: a malformed line, an unknown field, a date that does not exist."""

    code = "bad_input"
    exit_code = 2


class RefusedError(AttributionError):
    """A command was understood and refused by a rule; nothing was appended.

    ``as_of`` is the position up to which the facts were read that it was judged by; 0 where no
    fact of the log was asked.
    """

    code = "refused"
    exit_code = 3
    as_of = 0


class DamagedError(AttributionError):
    """What is stored does not fit together: torn, tampered with, forked, of a newer version."""

    code = "damaged"
    exit_code = 4


class BusyError(AttributionError):
    """Another process holds what this one needs, and did not let go in time."""

    code = "busy"
    exit_code = 5


class StorageError(AttributionError):
    """The disk refused: full, read-only or failing. Nothing of the group was kept."""

    code = "storage"
    exit_code = 4
