"""What an attempt must know of the chain, and what it asks of it: a narrow port.

The chain's adapter (over ``ledger.app``) and the tests' in-memory one both keep these promises:

- ``picture()`` is one consistent view at one position, the *head*: every usage decision in order,
  every known start of a tenant or subscription, and the turns that stand.
- ``load`` and ``withdraw`` append their decision only if no usage decision that shares a metric
  with it came after ``basis``; else they answer ``Outrun`` and append nothing. While a turn of
  another attempt stands on one of the metrics they answer ``Outrun`` too. A turn ends with the
  decision of its own attempt, or when it expires.
- ``load`` refuses a file (SHA-256) whose report is still counted, ``withdraw`` a report that is
  not counted (an attempt that looked at its picture seldom sees either).
- ``reserve`` appends a turn for an attempt unless another turn stands on one of its metrics
  (``Outrun``).
- An answer is given when the decision is durable. Asking again with the same attempt gives the
  same answer and appends nothing (an attempt decides at most once).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import polars as pl

from ledger.usage.log import Cut

BIRTHS_SCHEMA = pl.Schema(
    {"scope": pl.String(), "id": pl.String(), "start_month": pl.Date(), "position": pl.Int64()}
)
"""Starts as known at the head, one row a tenant or subscription whose start was ever recorded.

``scope`` is ``tenant`` or ``subscription``; ``start_month`` the first day of the month it began in,
null when it succeeds another (or its start was taken back): no evidence of zero. ``position`` is
that of the event that last changed the row.
"""


@dataclass(frozen=True, slots=True)
class LoadDecision:
    """What ``usage.report.loaded`` states. Months are first days, times UTC microseconds."""

    report: str
    attempt: str
    kind: str
    file_name: str
    sha256: str
    period_from: date
    period_to: date
    exported_us: int
    basis: int
    cut: tuple[Cut, ...]
    metrics: tuple[str, ...]
    statements: int
    increments: int
    rejected_rows: int


@dataclass(frozen=True, slots=True)
class WithdrawDecision:
    """What ``usage.report.withdrawn`` states."""

    report: str
    attempt: str
    basis: int
    cut: tuple[Cut, ...]
    metrics: tuple[str, ...]
    reason: str
    increments: int


UsageDecision = LoadDecision | WithdrawDecision


@dataclass(frozen=True, slots=True)
class Decided:
    """A usage decision and the position at which its rows began to count."""

    position: int
    decision: UsageDecision


@dataclass(frozen=True, slots=True)
class Turn:
    """A reserved turn: until it expires only ``attempt`` may decide about its metrics."""

    attempt: str
    metrics: tuple[str, ...]
    expires_us: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The chain's view of usage at ``position``, its head when it was taken."""

    position: int
    decided: tuple[Decided, ...] = ()
    births: pl.DataFrame = field(default_factory=BIRTHS_SCHEMA.to_frame)
    turns: tuple[Turn, ...] = ()

    def counted(self) -> list[LoadedReport]:
        """The reports whose statements count, the oldest statement first.

        A report is newer when its file was exported later, then when it was loaded later.
        """
        loaded: dict[str, LoadedReport] = {}
        for entry in self.decided:
            if isinstance(entry.decision, LoadDecision):
                loaded[entry.decision.report] = LoadedReport(entry.position, entry.decision)
            else:
                del loaded[entry.decision.report]
        return sorted(loaded.values(), key=lambda it: (it.decision.exported_us, it.position))

    def report(self, name: str) -> LoadedReport | None:
        """The counted report ``name``, or None when there is none or it is withdrawn."""
        return next((it for it in self.counted() if it.decision.report == name), None)

    def report_of_file(self, sha256: str) -> LoadedReport | None:
        """The counted report that was loaded from this very file, if there is one."""
        return next((it for it in self.counted() if it.decision.sha256 == sha256), None)

    def last_basis(self, name: str) -> int | None:
        """The basis of the last decision about metric ``name``; None when there was none."""
        about = [it.decision.basis for it in self.decided if name in it.decision.metrics]
        return about[-1] if about else None

    def turn_of_others(self, attempt: str, metrics: tuple[str, ...]) -> Turn | None:
        """A standing turn of another attempt on one of ``metrics``."""
        shared = (turn for turn in self.turns if set(turn.metrics) & set(metrics))
        return next((turn for turn in shared if turn.attempt != attempt), None)


@dataclass(frozen=True, slots=True)
class LoadedReport:
    """A counted report and the position of its decision."""

    position: int
    decision: LoadDecision


@dataclass(frozen=True, slots=True)
class Accepted:
    """The decision stands at ``position``; the attempt's rows count from there."""

    position: int


@dataclass(frozen=True, slots=True)
class Outrun:
    """Another decision about these metrics, or another's turn, came first; nothing was appended."""

    position: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule refused (role, report not counted ...); nothing was appended."""

    code: str
    message: str
    hint: str = ""


Verdict = Accepted | Outrun | Refused


class UsageDecisions(Protocol):
    """The chain, as an attempt sees it; see the module's text for the promises."""

    def picture(self) -> Picture:
        """The view at the head, after everything decided so far."""

    def load(self, decision: LoadDecision) -> Verdict:
        """Decide that a report counts."""

    def withdraw(self, decision: WithdrawDecision) -> Verdict:
        """Decide that a report no longer counts."""

    def reserve(self, turn: Turn) -> Verdict:
        """Reserve a turn."""
