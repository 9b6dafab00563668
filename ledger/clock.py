"""The clock as a value that is passed in, so that the whole ledger can run on a simulated one."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the ledger asks of time; both in microseconds."""

    def now_us(self) -> int:
        """The wall clock, UTC, since 1970."""

    def monotonic_us(self) -> int:
        """A clock that nobody sets; only differences mean something."""


class SystemClock:
    """The machine's own clocks."""

    def now_us(self) -> int:
        """The machine's wall clock."""
        return time.time_ns() // 1000

    def monotonic_us(self) -> int:
        """The machine's monotonic clock."""
        return time.monotonic_ns() // 1000
