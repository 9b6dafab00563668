"""Who holds what in one ledger and not in another, position by position left out of account.

Both are views on disk; what they say alike is never read into memory.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from projections.filters import Row, rows

_NAMES = (
    *("slot", "kind", "tenant", "subscription", "workload", "activity", "scope", "role"),
    *("partner", "organisation", "claim", "effective_from", "effective_to"),
)
_CONTENT = ", ".join(_NAMES)
_KNOWN = "known_from <= ? AND known_to > ?"
_MOST = 100_000


def unlike(before: tuple[Path, int], after: tuple[Path, int]) -> tuple[list[Row], list[Row]]:
    """The holdings only the first views know at their position, and those only the second do.

    At most ``_MOST`` of either, by slot.
    """
    with closing(sqlite3.connect(":memory:", uri=True)) as both:
        for name, (path, _) in (("one", before), ("other", after)):
            both.execute(f"ATTACH ? AS {name}", (f"{path.resolve().as_uri()}?mode=ro",))
        at = (before[1], after[1])
        return _only(both, "one", "other", at), _only(both, "other", "one", at[::-1])


def _only(both: sqlite3.Connection, one: str, other: str, at: tuple[int, int]) -> list[Row]:
    same = " AND ".join(f"held.{name} IS only.{name}" for name in _NAMES)
    sql = f"""
WITH only AS (
  SELECT {_CONTENT} FROM {one}.holdings WHERE {_KNOWN}
  EXCEPT SELECT {_CONTENT} FROM {other}.holdings WHERE {_KNOWN}
)
SELECT held.* FROM only JOIN {one}.holdings AS held ON {same}
WHERE held.known_from <= ? AND held.known_to > ? ORDER BY slot, effective_from LIMIT ?
"""
    first, second = at
    return rows(both, sql, [first, first, second, second, first, first, _MOST])
