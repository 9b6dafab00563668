"""Runs the sink: what the logs hold, into ClickHouse, exactly once, over all that may be away.

Any number of sinks may feed one database: of each insert one is kept. A ClickHouse that is away,
full, read-only, too old or with other tables is waited for; the ledger itself goes on.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from interfaces.analytics import open_analytics
from interfaces.growth_sources import LogDecisions, UsageIncrements
from interfaces.serving import Options, Running, Step, keep_going, running
from ledger.usage.chain_decisions import decided
from ledger.usage.opening import open_usage_log
from projections.growth import feed, store
from projections.growth.engine import AnalyticsEngine
from projections.growth.sources import SqliteHoldings
from projections.runner import Views
from projections.views import checkpoint


def run_sink(folder: Path, analytics: str | None, options: Options) -> None:
    """Feed ClickHouse until told to stop; with ``once`` until it has what the logs hold."""
    with running("sink", folder, options) as node:
        sink = Sink(node, analytics)
        node.open.callback(sink.let_go)
        keep_going(node, sink.step)


class Sink:
    """One sink: views that are kept up to the log, and a ClickHouse fed from both."""

    def __init__(self, node: Running, analytics: str | None) -> None:
        self._node, self._analytics = node, analytics
        self._reader, self._keeper = node.reader(), node.keeper()
        self._views = node.open.enter_context(closing(Views(node.ledger.folder.views)))
        self._usage = open_usage_log(node.ledger.folder)
        node.open.callback(self._usage.close)
        self._engine: AnalyticsEngine | None = None
        self._fed = 0

    def step(self) -> Step:
        """Bring views up to the log, then ClickHouse up to the views."""
        idle = self._engine is not None and not self._node.options.once
        self._keeper.step(0.5 if idle else 0)
        head = checkpoint(self._views.connection).position
        if self._engine is not None and head == self._fed:
            return Step(0, self._fed, head, self._keeper.at.recorded_at_us)
        try:
            reached = self._feed(head)
        except Exception:
            self.let_go()  # made again when it is tried again
            raise
        done, self._fed = reached - self._fed, reached
        return Step(done, reached, head, self._keeper.at.recorded_at_us)

    def _feed(self, head: int) -> int:
        if self._engine is None:
            self._engine = open_analytics(self._node.ledger.folder, self._analytics)
            store.make_tables(self._engine)
            feed.repair(self._engine, UsageIncrements(self._usage))
        if self._usage.shared:
            self._usage.hold(decided(self._reader, upto=head))
        return feed.catch_up(
            self._engine,
            UsageIncrements(self._usage),
            LogDecisions(self._reader),
            SqliteHoldings(self._views.connection, head),
        ).position

    def let_go(self) -> None:
        """Close what is open of ClickHouse."""
        if self._engine is not None:
            with suppress(Exception):  # it may be gone
                self._engine.close()
            self._engine = None
