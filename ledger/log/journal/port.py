"""The port of the journal: where commits are kept and which of them are accepted.

What every back end promises (``tests/conformance/journal.py`` holds each to it):

- ``append`` keeps the commits, durably, and answers the verdict that the log itself gives: accepted
  only when reading back finds them following the head; a void commit changes nothing. Where others
  append, too (``shared``), one of theirs may come between: then the first so many are accepted.
- ``read`` gives the accepted commits after a position in order, bytes as they were appended.
- Whoever opens the same journal sees the same head and the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar, Protocol

from ledger.log.chain import Accepted, Head, Void


class Journal(Protocol):
    """Where commits are kept."""

    shared: ClassVar[bool]
    """Whether others may append while a group is open, and be first."""

    def head(self) -> Head:
        """Where the accepted log ends at this moment."""

    def look(self, wait_seconds: float) -> bool:
        """Wait at most so long for something of others' to apply; whether it came.

        Not within a group. Where nobody else appends nothing comes, and nothing is waited for.
        """

    def group(self) -> AbstractContextManager[None]:
        """The frame of one group: what is appended within it is durable when it ends, or void."""

    def append(
        self, commits: Sequence[bytes], sealed: Sequence[Accepted] = ()
    ) -> list[Accepted] | Void:
        """Append commits that follow one another: those accepted, or the verdict when none is.

        ``sealed`` are the verdicts that came of sealing them, from a caller that did; where nobody
        else appends they need no second look but at the head.
        """

    def close(self) -> None:
        """Let go of whatever is beside the file."""

    def read(self, after: int = 0) -> Iterator[tuple[bytes, Accepted]]:
        """Every accepted commit that holds a position beyond ``after``, with its verdict."""
