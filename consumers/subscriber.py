"""Every accepted event from a position on, in order, none missed and none twice, as they come.

Over an embedded ledger: reads the log beside the writer, and waits for more at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ledger.log.index import Stored
from ledger.log.query import EVERYTHING, Query
from ledger.log.reader import Reader

WAIT_SECONDS = 1.0
"""How long one wait lasts before ``until`` is asked again."""


def events(
    reader: Reader,
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
