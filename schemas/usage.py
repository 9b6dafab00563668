"""Events about usage: which reports count (decisions), and what an increment is (DESIGN §2.4, §7).

Decisions live in the chain. Increments and the statements they were computed from live in the
usage log, in batches of columns; ``UsageIncrement`` and ``UsageStatement`` say what one row means.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from schemas.event import Event, distinct
from schemas.values import Comment, Count, Id, Instant, Sha256, Text, Value

Metric = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]


class Cut(Value):
    """Exactly which rows of one partition of the usage log an attempt wrote.

    ``digest`` is SHA-256 over the canonical lines of these rows in offset order. ``end_offset``
    is the offset after the last row.
    """

    partition: Count
    first_offset: Count
    end_offset: Count
    count: Count
    digest: Sha256


class UsageDecision(Event):
    """What makes an attempt count: its basis (a position) and its cut."""

    report: Id
    attempt: Id
    basis: Count
    cut: tuple[Cut, ...] = Field(max_length=256)
    metrics: tuple[Metric, ...] = Field(min_length=1, max_length=64)
    increments: Count

    def tags(self) -> tuple[str, ...]:
        """The report and its metrics."""
        return distinct(f"report:{self.report}", *(f"metric:{name}" for name in self.metrics))


class UsageReportLoaded(UsageDecision):
    """A usage report counts from this position on (partner_center_files.md §2)."""

    TYPE: ClassVar[str] = "usage.report.loaded.v1"
    kind: Id
    file_name: Text
    sha256: Sha256
    period_from: dt.date
    period_to: dt.date
    exported_at: Instant
    statements: Count
    rejected_rows: Count = 0

    def tags(self) -> tuple[str, ...]:
        """The report, its file and its metrics."""
        return (*super().tags(), f"file:{self.sha256}")


class UsageReportWithdrawn(UsageDecision):
    """A report's statements no longer stand; compensating increments count instead."""

    TYPE: ClassVar[str] = "usage.report.withdrawn.v1"
    reason: Comment


class UsageTurnReserved(Event):
    """A load that lost twice goes first until ``expires_at`` (DESIGN §2.4)."""

    TYPE: ClassVar[str] = "usage.turn.reserved.v1"
    attempt: Id
    metrics: tuple[Metric, ...] = Field(min_length=1, max_length=64)
    expires_at: Instant

    def tags(self) -> tuple[str, ...]:
        """The metrics reserved."""
        return distinct(*(f"metric:{name}" for name in self.metrics))


class UsageRow(Value):
    """The dimensions of a usage key: what was used, and by whom only where the metric says so."""

    metric: Metric
    tenant: str
    subscription: str = ""
    workload: str = ""
    resource: str = ""
    partner: str = ""
    attribution: str = ""
    row: Count


class UsageStatement(UsageRow):
    """What one row of a report states: the value of a key in a month, in micro-units."""

    month: dt.date
    value_micro: int


class UsageIncrement(UsageRow):
    """A signed change of one key on one date, in micro-units, under a mark.

    ``level_micro`` is the level a stock reaches; None means no longer stated, and always stands
    for a flow. ``gap_from`` is the last stated month before a gap. On Kafka each is a record of its
    own (docs/usage_topic.md).
    """

    TYPE: ClassVar[str] = "usage.increment.v1"
    date: dt.date
    mark: Literal["opening", "growth", "gap"]
    delta_micro: int
    level_micro: int | None = None
    gap_from: dt.date | None = None
