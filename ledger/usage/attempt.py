"""Attempts: how a report comes to count, or no longer counts, exactly once.

One attempt goes fresh -> computed -> appended -> decided:

1. *compute*: at the head (the *basis*) work out the increments of the keys concerned;
2. *append*: put its rows into the usage log under the attempt's own id, durable and read back;
3. *submit*: ask the chain to decide, naming basis and cuts. The decision makes the rows count.

An attempt that stops anywhere before 3, or is outrun in 3, never counts; its rows stay in the log
and mean nothing (DESIGN §2.4). ``UsageLoads`` drives attempts to an end: outrun, it computes again
under a new attempt; having lost twice it reserves a turn and goes on.

What the adapter over the ledger must give is the port ``UsageDecisions`` (module ``decisions``):
``picture()`` at the head, from ``usage.report.loaded``, ``usage.report.withdrawn``,
``usage.turn.reserved`` and the events that tell when tenants and subscriptions began; and ``load``,
``withdraw`` and ``reserve``, which append one event on that condition. Ids, clock and pauses are
passed in as ``Surroundings``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from ledger.errors import BadInputError, BusyError, RefusedError
from ledger.usage import history
from ledger.usage.decisions import (
    Accepted,
    LoadDecision,
    LoadedReport,
    Outrun,
    Picture,
    Refused,
    Turn,
    UsageDecision,
    UsageDecisions,
    Verdict,
    WithdrawDecision,
)
from ledger.usage.history import TouchedKeys
from ledger.usage.log import Cut, UsageLog, Wanted
from ledger.usage.reconcile import fold_statements, reconcile
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.rows import INCREMENT_SCHEMA

ATTEMPTS_WITHOUT_A_TURN = 2
MOST_ATTEMPTS = 20
TURN_US = 60_000_000
PAUSE_US = 200_000
CHUNK_ROWS = 50_000


class ExportTimeNeededError(BadInputError):
    """Neither the file nor the caller says when the report was exported; nothing was loaded."""

    code = "export_time_needed"


class EmptyReportError(BadInputError):
    """Not one row of the report could be read; nothing was loaded."""

    code = "report_without_rows"


@dataclass(frozen=True, slots=True)
class Load:
    """The wish that ``parsed`` counts as ``report``; ``exported_us`` is UTC microseconds."""

    report: str
    parsed: ParsedReport
    exported_us: int

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics the decision is about."""
        return self.parsed.metrics


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The wish that ``report`` no longer counts, and why."""

    report: str
    metrics: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Computed:
    """The increments of one attempt by key number, and what the numbers stand for."""

    basis: int
    keys: TouchedKeys
    increments: pl.DataFrame

    def chunks(self) -> Iterator[pl.DataFrame]:
        """The increments as rows of the log, a bounded number at a time."""
        for part in self.increments.iter_slices(CHUNK_ROWS):
            rows = part.join(self.keys.frame, on="key", maintain_order="left")
            yield rows.select(pl.col(name).cast(kind) for name, kind in INCREMENT_SCHEMA.items())


class Attempt:
    """One try at one wish; each step is called once, in order."""

    def __init__(
        self, name: str, wish: Load | Withdrawal, decisions: UsageDecisions, log: UsageLog
    ) -> None:
        self.name = name
        self.wish = wish
        self._decisions = decisions
        self._log = log
        self._computed: Computed | None = None
        self._cut: tuple[Cut, ...] | None = None

    @property
    def increments(self) -> int:
        """How many increments the attempt has computed."""
        return len(self._computed.increments) if self._computed else 0

    def compute(self, picture: Picture) -> None:
        """Work out the increments as of ``picture``, whose position becomes the basis."""
        assert self._computed is None, "an attempt computes once"
        self._computed = compute(self.wish, picture, self._log)

    def append(self) -> None:
        """Put the attempt's rows into the log, durable and read back."""
        assert self._computed is not None, "append follows compute"
        assert self._cut is None, "an attempt appends once"
        statements = self.wish.parsed.statements if isinstance(self.wish, Load) else ()
        self._cut = tuple(self._log.append(self.name, statements, self._computed.chunks()))

    def submit(self) -> Verdict:
        """Ask the chain to decide; an attempt that is answered ``Outrun`` is spent."""
        decision = self.decision()
        if isinstance(decision, LoadDecision):
            return self._decisions.load(decision)
        return self._decisions.withdraw(decision)

    def decision(self) -> UsageDecision:
        """What the attempt asks the chain to decide."""
        assert self._computed is not None, "a decision follows compute"
        assert self._cut is not None, "a decision follows append"
        if isinstance(self.wish, Load):
            return _load_decision(self.name, self.wish, self._computed, self._cut)
        return WithdrawDecision(
            report=self.wish.report,
            attempt=self.name,
            basis=self._computed.basis,
            cut=self._cut,
            metrics=self.wish.metrics,
            reason=self.wish.reason,
            increments=len(self._computed.increments),
        )


def _load_decision(
    attempt: str, wish: Load, computed: Computed, cut: tuple[Cut, ...]
) -> LoadDecision:
    period_from, period_to = wish.parsed.period
    return LoadDecision(
        report=wish.report,
        attempt=attempt,
        kind=wish.parsed.kind,
        file_name=wish.parsed.file_name,
        sha256=wish.parsed.sha256,
        period_from=period_from,
        period_to=period_to,
        exported_us=wish.exported_us,
        basis=computed.basis,
        cut=cut,
        metrics=wish.metrics,
        statements=wish.parsed.statement_count,
        increments=len(computed.increments),
        rejected_rows=wish.parsed.rejected_rows,
    )


def compute(wish: Load | Withdrawal, picture: Picture, log: UsageLog) -> Computed:
    """The increments that make ``wish`` true on top of what counts in ``picture``."""
    reports = picture.counted()
    own = (
        list(wish.parsed.statements)
        if isinstance(wish, Load)
        else _statements_of(log, reports, wish.report)
    )
    reborn = history.keys_with_new_births(log, picture, wish.metrics)
    keys = TouchedKeys.of([*own, *reborn])
    increments = reconcile(
        keys.frame,
        _statements_after(wish, log, reports, keys),
        picture.births.drop("position").drop_nulls("start_month"),
        history.counted_increments(log, picture, keys),
        history.causes(keys, own),
    )
    return Computed(picture.position, keys, increments)


def _statements_of(log: UsageLog, reports: list[LoadedReport], name: str) -> list[pl.DataFrame]:
    withdrawn = [report for report in reports if report.decision.report == name]
    return [batch.rows for batch in history.batches(log, withdrawn, Wanted("statement"))]


def _statements_after(
    wish: Load | Withdrawal, log: UsageLog, reports: list[LoadedReport], keys: TouchedKeys
) -> pl.DataFrame:
    """The newest statements of the touched keys once ``wish`` has come true."""
    if isinstance(wish, Withdrawal):
        others = [report for report in reports if report.decision.report != wish.report]
        return history.newest_statements(log, others, keys)
    older = [report for report in reports if report.decision.exported_us <= wish.exported_us]
    newer = reports[len(older) :]
    own = (
        history.ordered(keys, metric, frame, len(older))
        for frame in wish.parsed.statements
        for metric in frame.get_column("metric").head(1)
    )
    before = history.newest_statements(log, older, keys)
    after = history.newest_statements(log, newer, keys).with_columns(
        (pl.col("order") + len(older) + 1).cast(pl.UInt32)
    )
    return fold_statements(pl.concat([before, *own, after]))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What attempts take from outside: fresh ids, the time (UTC microseconds), and waiting."""

    new_id: Callable[[], str]
    now_us: Callable[[], int]
    pause_us: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a wish ended.

    ``loaded`` and ``withdrawn`` were decided at ``position``; ``already_counted`` changed nothing:
    the very same file counts as ``report`` since ``position``. ``attempts`` is how many it took.
    """

    outcome: Literal["loaded", "withdrawn", "already_counted"]
    report: str
    position: int
    attempt: str | None = None
    attempts: int = 0
    statements: int = 0
    increments: int = 0


@dataclass(slots=True)
class UsageLoads:
    """Loads and withdraws reports, each to its end, whoever else does the same meanwhile."""

    decisions: UsageDecisions
    log: UsageLog
    surroundings: Surroundings

    def load(self, parsed: ParsedReport, *, exported_us: int | None = None) -> Outcome:
        """Make ``parsed`` count; the same file that still counts changes nothing and says so.

        ``exported_us`` (UTC microseconds) is needed where the file does not state its export time,
        and is not looked at where it does.

        Raises:
            ExportTimeNeededError, EmptyReportError: nothing was appended.
            RefusedError: a rule refused; the rows appended do not count.
            BusyError: outrun ``MOST_ATTEMPTS`` times.
        """
        if not parsed.statement_count:
            raise EmptyReportError(
                f"{parsed.file_name}: not one row could be read "
                f"({parsed.rejected_rows} were refused).",
                hint="See the list of refused rows.",
            )
        exported = parsed.exported_us if parsed.exported_us is not None else exported_us
        if exported is None:
            raise ExportTimeNeededError(
                f"{parsed.file_name}: the file does not say when it was exported.",
                hint="State it with --exported, such as --exported 2023-10-15.",
            )
        return self._drive(Load(self.surroundings.new_id(), parsed, exported))

    def withdraw(self, report: str, *, reason: str) -> Outcome:
        """Make ``report`` count no longer, by compensating increments.

        Raises:
            RefusedError: no such report counts, or a rule refused.
            BusyError: outrun ``MOST_ATTEMPTS`` times.
        """
        found = self.decisions.picture().report(report)
        if found is None:
            raise _not_counted(report)
        return self._drive(Withdrawal(report, found.decision.metrics, reason))

    def _drive(self, wish: Load | Withdrawal) -> Outcome:
        for number in range(1, MOST_ATTEMPTS + 1):
            attempt = Attempt(self.surroundings.new_id(), wish, self.decisions, self.log)
            if number > ATTEMPTS_WITHOUT_A_TURN:
                self._reserve(attempt)
            picture = self.decisions.picture()
            if settled := _settled(wish, picture):
                return settled
            if picture.turn_of_others(attempt.name, wish.metrics):
                self.surroundings.pause_us(PAUSE_US)
                continue
            verdict = _tried(attempt, picture)
            if isinstance(verdict, Accepted):
                return _outcome(attempt, verdict, number)
            if isinstance(verdict, Refused):
                raise RefusedError(verdict.message, hint=verdict.hint, code=verdict.code)
        raise BusyError(
            f"Other loads of {', '.join(wish.metrics)} came first {MOST_ATTEMPTS} times.",
            hint="Try again when they have ended; nothing was counted.",
        )

    def _reserve(self, attempt: Attempt) -> None:
        """Reserve a turn for ``attempt``; when another has it, that one goes first."""
        expires_us = self.surroundings.now_us() + TURN_US
        verdict = self.decisions.reserve(Turn(attempt.name, attempt.wish.metrics, expires_us))
        if isinstance(verdict, Outrun):
            self.surroundings.pause_us(PAUSE_US)


def _tried(attempt: Attempt, picture: Picture) -> Verdict:
    attempt.compute(picture)
    attempt.append()
    return attempt.submit()


def _settled(wish: Load | Withdrawal, picture: Picture) -> Outcome | None:
    """An end without an attempt: the file counts already. A report gone meanwhile is refused."""
    if isinstance(wish, Load):
        same = picture.report_of_file(wish.parsed.sha256)
        return Outcome("already_counted", same.decision.report, same.position) if same else None
    if picture.report(wish.report) is None:
        raise _not_counted(wish.report)
    return None


def _not_counted(report: str) -> RefusedError:
    return RefusedError(
        f"There is no counted report {report!r}.",
        hint="It was never loaded or is withdrawn already; list the reports that count.",
        code="report_not_counted",
    )


def _outcome(attempt: Attempt, verdict: Accepted, attempts: int) -> Outcome:
    wish = attempt.wish
    return Outcome(
        outcome="loaded" if isinstance(wish, Load) else "withdrawn",
        report=wish.report,
        position=verdict.position,
        attempt=attempt.name,
        attempts=attempts,
        statements=wish.parsed.statement_count if isinstance(wish, Load) else 0,
        increments=attempt.increments,
    )
