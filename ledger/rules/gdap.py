"""The terms of GDAP: how long a request waits, which notices come, what an extension leads to."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Terms(NamedTuple):
    """``gdap.toml``."""

    request_lapses_days: int
    shortest_days: int
    longest_days: int
    notice_days: tuple[int, ...]
    extend_months: int
    auto_extend_from: date

    def extends_at(self, instant: datetime) -> bool:
        """Whether there is auto-extension already at an instant (domain.md §13.14)."""
        since = self.auto_extend_from
        return instant >= datetime(since.year, since.month, since.day, tzinfo=UTC)

    def next_notice(self, until: datetime, after: datetime) -> datetime | None:
        """When the next notice of an end at ``until`` comes, later than ``after``; None: no more.

        >>> until = datetime(2023, 12, 31, tzinfo=UTC)
        >>> terms().next_notice(until, datetime(2023, 12, 20, tzinfo=UTC)).isoformat()
        '2023-12-24T00:00:00+00:00'
        """
        coming = [until - timedelta(days=days) for days in self.notice_days]
        return min((instant for instant in coming if instant > after), default=None)

    def extended(self, until: datetime) -> datetime:
        """The end after an extension: the same day and time months later, or that month's last.

        >>> terms().extended(datetime(2023, 8, 31, tzinfo=UTC)).date().isoformat()
        '2024-02-29'
        """
        months = until.month - 1 + self.extend_months
        year, month = until.year + months // 12, months % 12 + 1
        return until.replace(year=year, month=month, day=min(until.day, monthrange(year, month)[1]))


@cache
def terms() -> Terms:
    """The terms as the sources state them."""
    found = tomllib.loads(files("ledger.rules").joinpath("gdap.toml").read_text("utf-8"))
    return Terms(**found | {"notice_days": tuple(found["notice_days"])})
