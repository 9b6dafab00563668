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
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Literal

import polars as pl

from ledger.errors import BadInputError, BusyError, RefusedError, StorageError
from ledger.usage import history
from ledger.usage.decisions import (
    Accepted,
    LoadDecision,
    Picture,
    Refused,
    Turn,
    UsageDecision,
    UsageDecisions,
    Verdict,
    WithdrawDecision,
)
from ledger.usage.history import Months, TouchedKeys
from ledger.usage.log import Cut, UsageLog
from ledger.usage.metrics import Metric, metric
from ledger.usage.reconcile import reconcile
from ledger.usage.reports.parsed import ParsedReport
from ledger.usage.rows import INCREMENT_SCHEMA

ATTEMPTS_WITHOUT_A_TURN = 2
MOST_ATTEMPTS = 20
TURN_US = 60_000_000
PAUSE_US = 200_000
MOST_PAUSES = 2 * TURN_US // PAUSE_US
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
    """The increments of one attempt, metric by metric, and the position they are based on."""

    basis: int
    parts: tuple[tuple[TouchedKeys, pl.DataFrame], ...]

    @property
    def count(self) -> int:
        """How many increments there are."""
        return sum(len(increments) for _, increments in self.parts)

    def chunks(self) -> Iterator[pl.DataFrame]:
        """The increments as rows of the log, a bounded number at a time."""
        for keys, increments in self.parts:
            for part in increments.iter_slices(CHUNK_ROWS):
                yield keys.named(part).select(INCREMENT_SCHEMA.names())


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
        return self._computed.count if self._computed else 0

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
            increments=self._computed.count,
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
        increments=computed.count,
        rejected_rows=wish.parsed.rejected_rows,
    )


def compute(wish: Load | Withdrawal, picture: Picture, log: UsageLog) -> Computed:
    """The increments that make ``wish`` true on top of what counts in ``picture``.

    Raises what ``UsageLog.hold`` raises: nothing is built on a log that lost what counts.
    """
    log.hold(picture.decided)
    parts = tuple(_computed(wish, metric(name), picture, log) for name in wish.metrics)
    return Computed(picture.position, parts)


def _computed(
    wish: Load | Withdrawal, about: Metric, picture: Picture, log: UsageLog
) -> tuple[TouchedKeys, pl.DataFrame]:
    """The keys ``wish`` touches in one metric, and the increments it needs there."""
    own = _own_statements(wish, about.id, picture, log)
    keys = TouchedKeys.of(about, [*own, *history.keys_with_new_births(log, picture, about)])
    months = _months(own)
    counted = history.counted_increments(log, picture, keys, months)
    stated = history.newest_statements(
        keys, _statements(wish, about.id, picture, log, own, months), months
    )
    increments = reconcile(
        is_stock=about.is_stock,
        keys=keys.subjects(),
        statements=pl.concat([history.standing_levels(counted, months), stated]),
        births=picture.births.drop("position").drop_nulls("start_month"),
        counted=counted,
        causes=history.causes(keys, own),
    )
    return keys, increments


_NO_MONTHS = (date(1970, 2, 1), date(1970, 1, 1))


def _months(own: list[pl.DataFrame]) -> Months:
    """The months a report states, from the first to the last; none when it states nothing."""
    days = [frame.get_column("month") for frame in own if len(frame)]
    if not days:
        return _NO_MONTHS
    first, last = pl.concat(days).min(), pl.concat(days).max()
    assert isinstance(first, date), "a statement has a month"
    assert isinstance(last, date), "a statement has a month"
    return first, last


def _own_statements(
    wish: Load | Withdrawal, name: str, picture: Picture, log: UsageLog
) -> list[pl.DataFrame]:
    """What the report that comes or goes states about one metric."""
    if isinstance(wish, Load):
        return [wish.parsed.statements_about(name)]
    withdrawn = [it for it in picture.counted() if it.decision.report == wish.report]
    return list(history.stated(log, withdrawn, name))


def _statements(
    wish: Load | Withdrawal,
    name: str,
    picture: Picture,
    log: UsageLog,
    own: list[pl.DataFrame],
    months: Months,
) -> Iterator[pl.DataFrame]:
    """Statements about one metric that count once ``wish`` has come true, the oldest first."""
    others = [it for it in picture.counted() if it.decision.report != wish.report]
    if isinstance(wish, Withdrawal):
        return history.stated(log, others, name, months)
    older = [it for it in others if it.decision.exported_us <= wish.exported_us]
    newer = others[len(older) :]
    before, after = (history.stated(log, part, name, months) for part in (older, newer))
    return chain(before, own, after)


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

    def load(
        self, parsed: ParsedReport, *, exported_us: int | None = None, report: str | None = None
    ) -> Outcome:
        """Make ``parsed`` count; the same file that still counts changes nothing and says so.

        ``exported_us`` (UTC microseconds) is needed where the file does not state its export time,
        and is not looked at where it does. ``report`` is the id it will have (else a fresh one).

        Raises:
            ExportTimeNeededError, EmptyReportError: nothing was appended.
            RefusedError: a rule refused; the rows appended do not count.
            BusyError: outrun ``MOST_ATTEMPTS`` times, or another's turn does not end.
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
        return self._drive(Load(report or self.surroundings.new_id(), parsed, exported))

    def withdraw(self, report: str, *, reason: str) -> Outcome:
        """Make ``report`` count no longer, by compensating increments.

        Raises:
            RefusedError: no such report counts, or a rule refused.
            BusyError: outrun ``MOST_ATTEMPTS`` times, or another's turn does not end.
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
            picture = self._picture_without_turns_of_others(attempt)
            if settled := _settled(wish, picture):
                return settled
            verdict = _tried(attempt, picture)
            if isinstance(verdict, Accepted):
                self._hold()
                return _outcome(attempt, verdict, number)
            if isinstance(verdict, Refused):
                raise _refused(verdict)
        raise BusyError(
            f"Other loads of {', '.join(wish.metrics)} came first {MOST_ATTEMPTS} times.",
            hint="Try again when they have ended; nothing was counted.",
        )

    def _hold(self) -> None:
        """Have what now counts at hand, while the log still has what was just appended.

        It counts already: what can't be held now is held by whoever reads it.
        """
        with suppress(StorageError, BusyError):
            self.log.hold(self.decisions.picture().decided)

    def _reserve(self, attempt: Attempt) -> None:
        """Reserve a turn for ``attempt``; where another has one, that goes first.

        Raises:
            RefusedError: the actor may not reserve a turn.
        """
        expires_us = self.surroundings.now_us() + TURN_US
        verdict = self.decisions.reserve(Turn(attempt.name, attempt.wish.metrics, expires_us))
        if isinstance(verdict, Refused):
            raise _refused(verdict)

    def _picture_without_turns_of_others(self, attempt: Attempt) -> Picture:
        for _ in range(MOST_PAUSES):
            picture = self.decisions.picture()
            if picture.turn_of_others(attempt.name, attempt.wish.metrics) is None:
                return picture
            self.surroundings.pause_us(PAUSE_US)
        raise BusyError(
            f"Another load has a turn reserved on {', '.join(attempt.wish.metrics)}.",
            hint="Try again when it has ended or its turn has expired; nothing was counted.",
        )


def _refused(verdict: Refused) -> RefusedError:
    return RefusedError(verdict.message, hint=verdict.hint, code=verdict.code)


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
