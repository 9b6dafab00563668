"""What counts of usage: per metric, report and file, the decisions so far (DESIGN §2.4)."""

from __future__ import annotations

from typing import NamedTuple

from ledger.decision import Fact, Model
from schemas.time import to_us
from schemas.usage import UsageReportLoaded, UsageReportWithdrawn, UsageTurnReserved


class Turn(NamedTuple):
    """The right of one attempt to go first, until an instant in microseconds UTC."""

    attempt: str
    expires_us: int


class MetricUsage(NamedTuple):
    """The last decision that changed what counts of a metric, and whose turn is reserved."""

    decided: int = 0
    turn: Turn | None = None


def _metric(state: MetricUsage, fact: Fact) -> MetricUsage:
    event = fact.event
    match event:
        case UsageTurnReserved():
            return state._replace(turn=Turn(event.attempt, to_us(event.expires_at)))
        case UsageReportLoaded() | UsageReportWithdrawn():
            # A turn is used up by the attempt that took it.
            mine = state.turn is not None and state.turn.attempt == event.attempt
            return MetricUsage(fact.position, None if mine else state.turn)
    return state


USAGE_METRIC = Model(
    name="usage_metric",
    tag="metric",
    types=(UsageReportLoaded, UsageReportWithdrawn, UsageTurnReserved),
    start=MetricUsage(),
    apply=_metric,
)
"""The usage decisions of a metric; key: the metric's name."""


class Report(NamedTuple):
    """A report that was loaded: its file, the metrics it states and whether it counts now."""

    report: str
    sha256: str
    metrics: tuple[str, ...]
    counts: bool


def _report(state: Report | None, fact: Fact) -> Report | None:
    event = fact.event
    if isinstance(event, UsageReportLoaded):
        return Report(event.report, event.sha256, event.metrics, counts=True)
    return state and state._replace(counts=False)


USAGE_REPORT: Model[Report | None] = Model(
    name="usage_report",
    tag="report",
    types=(UsageReportLoaded, UsageReportWithdrawn),
    start=None,
    apply=_report,
)
"""The report, or None while nobody loaded it; key: the report id."""


def _file(state: str | None, fact: Fact) -> str | None:
    event = fact.event
    return event.report if isinstance(event, UsageReportLoaded) else state


USAGE_FILE: Model[str | None] = Model(
    name="usage_file", tag="file", types=(UsageReportLoaded,), start=None, apply=_file
)
"""The report that a file was last loaded as, counted or withdrawn; key: the file's SHA-256."""
