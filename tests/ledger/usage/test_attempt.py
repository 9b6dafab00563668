"""Reports loaded, restated, withdrawn, raced and crashed: what counts is always what is stated."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
)

from ledger.errors import BusyError, RefusedError
from ledger.usage.attempt import (
    Attempt,
    EmptyReportError,
    ExportTimeNeededError,
    Load,
    UsageLoads,
    Withdrawal,
)
from ledger.usage.decisions import Accepted, LoadDecision, Outrun, Turn
from ledger.usage.log import verify
from ledger.usage.reports.parsed import ParsedReport
from tests.ledger.usage import naive_model
from tests.ledger.usage.builders import (
    ACR,
    MAU,
    MICRO,
    PAU,
    T1,
    T2,
    counted_rows,
    loads,
    mau,
    month,
    report,
)
from tests.ledger.usage.decisions_in_memory import DecisionsInMemory

SOAK = os.environ.get("LEDGER_SOAK") == "1"
TEAMS = (T1, "teams")


def told(usage: UsageLoads, metric: str = MAU) -> dict[tuple[object, date], naive_model.Month]:
    """What the counted increments of a metric say now."""
    return naive_model.counted(counted_rows(usage.log, usage.decisions.picture(), metric))


def of(mark: str, amount: int, level: int, gap_from: date | None = None) -> naive_model.Month:
    """What one month says, in units."""
    amounts = frozenset({(mark, amount * MICRO)}) if amount else frozenset()
    return naive_model.Month(amounts, level * MICRO, gap_from)


def test_a_late_february_turns_the_opening_of_march_into_growth(tmp_path: Path) -> None:
    """March 100, then February 90: February opens with 90 and March grows by 10."""
    usage = loads(tmp_path)
    usage.load(mau("march", {month(3): 100}), exported_us=1)
    usage.load(mau("february", {month(2): 90}), exported_us=2)
    assert told(usage) == {
        (TEAMS, month(2)): of("opening", 90, 90),
        (TEAMS, month(3)): of("growth", 10, 100),
    }


def test_withdrawing_a_first_zero_turns_the_growth_after_it_into_an_opening(tmp_path: Path) -> None:
    """Zero in May is evidence of nothing before June; withdrawn, June is an opening again."""
    usage = loads(tmp_path)
    zero = usage.load(mau("may", {month(5): 0}), exported_us=1)
    usage.load(mau("june", {month(6): 40}), exported_us=2)
    assert told(usage)[TEAMS, month(6)] == of("growth", 40, 40)
    usage.withdraw(zero.report, reason="never true")
    assert told(usage) == {(TEAMS, month(6)): of("opening", 40, 40)}


def test_s12_a_restated_august_gives_increments_of_50_and_70(tmp_path: Path) -> None:
    """domain.md §15 S12: July 100, August 120, September 220; August restated to 150."""
    usage = loads(tmp_path)
    usage.load(mau("first", {month(7): 100, month(8): 120, month(9): 220}), exported_us=1)
    assert told(usage)[TEAMS, month(9)] == of("growth", 100, 220)
    usage.load(mau("restated", {month(8): 150}), exported_us=2)
    assert told(usage) == {
        (TEAMS, month(7)): of("opening", 100, 100),
        (TEAMS, month(8)): of("growth", 50, 150),
        (TEAMS, month(9)): of("growth", 70, 220),
    }


def test_a_restatement_writes_the_changes_only(tmp_path: Path) -> None:
    """August restated: +30 in August, -30 in September with its level, July untouched."""
    usage = loads(tmp_path)
    usage.load(mau("first", {month(7): 100, month(8): 120, month(9): 220}), exported_us=1)
    end = usage.log.end_offset()
    outcome = usage.load(mau("restated", {month(8): 150}), exported_us=2)
    rows = [
        row
        for batch in usage.log.read(end - 1)
        if batch.record == "increment"
        for row in batch.rows.select("date", "mark", "delta_micro", "level_micro", "row").rows()
    ]
    assert outcome.increments == 2
    assert rows == [
        (month(8), "growth", 30 * MICRO, 150 * MICRO, 2),
        (month(9), "growth", -30 * MICRO, 220 * MICRO, 2),
    ]


def test_an_older_export_loaded_later_never_revives_an_old_number(tmp_path: Path) -> None:
    """The newest statement is the one exported last, whenever it is loaded."""
    usage = loads(tmp_path)
    usage.load(mau("november", {month(8): 150}), exported_us=11)
    usage.load(mau("september", {month(8): 120, month(7): 100}), exported_us=9)
    assert told(usage)[TEAMS, month(8)] == of("growth", 50, 150)


def test_the_same_file_changes_nothing_and_says_so(tmp_path: Path) -> None:
    """A file that still counts is not loaded again; after its withdrawal it counts again."""
    usage = loads(tmp_path)
    first = usage.load(mau("file", {month(3): 100}), exported_us=1)
    end = usage.log.end_offset()
    again = usage.load(mau("file", {month(3): 100}), exported_us=1)
    assert (again.outcome, again.report, again.position) == (
        "already_counted",
        first.report,
        first.position,
    )
    assert usage.log.end_offset() == end
    usage.withdraw(first.report, reason="by mistake")
    assert told(usage) == {}
    assert usage.load(mau("file", {month(3): 100}), exported_us=1).outcome == "loaded"
    assert told(usage) == {(TEAMS, month(3)): of("opening", 100, 100)}


def test_a_report_can_be_withdrawn_once(tmp_path: Path) -> None:
    """Withdrawing what does not count is refused, with a code and a way on."""
    usage = loads(tmp_path)
    name = usage.load(mau("file", {month(3): 100}), exported_us=1).report
    usage.withdraw(name, reason="wrong")
    with pytest.raises(RefusedError) as refused:
        usage.withdraw(name, reason="wrong")
    assert refused.value.code == "report_not_counted"


def test_a_birth_makes_the_first_level_growth(tmp_path: Path) -> None:
    """A tenant that began in March had nothing before: its first level is growth."""
    chain = DecisionsInMemory()
    chain.born("tenant", T1, month(3))
    usage = loads(tmp_path, chain)
    usage.load(mau("march", {month(3): 100}), exported_us=1)
    assert told(usage) == {(TEAMS, month(3)): of("growth", 100, 100)}


def test_a_birth_of_another_month_is_no_evidence(tmp_path: Path) -> None:
    """Only the start in the very month of the first level tells that there was nothing before."""
    chain = DecisionsInMemory()
    chain.born("tenant", T1, month(2))
    usage = loads(tmp_path, chain)
    usage.load(mau("march", {month(3): 100}), exported_us=1)
    assert told(usage) == {(TEAMS, month(3)): of("opening", 100, 100)}


def test_a_birth_learned_later_is_reconciled_with_the_next_attempt(tmp_path: Path) -> None:
    """The keys of a tenant whose start became known change with the next load of that metric."""
    chain = DecisionsInMemory()
    usage = loads(tmp_path, chain)
    usage.load(mau("march", {month(3): 100}), exported_us=1)
    chain.born("tenant", T1, month(3))
    usage.load(mau("other", {month(3): 7}, tenant=T2), exported_us=2)
    assert told(usage)[TEAMS, month(3)] == of("growth", 100, 100)
    chain.born("tenant", T1, None)
    usage.load(mau("another", {month(4): 8}, tenant=T2), exported_us=3)
    assert told(usage)[TEAMS, month(3)] == of("opening", 100, 100)


def test_a_file_without_export_time_needs_one(tmp_path: Path) -> None:
    """Neither the file nor the caller knows: nothing is appended."""
    usage = loads(tmp_path)
    with pytest.raises(ExportTimeNeededError, match="--exported"):
        usage.load(mau("file", {month(3): 100}))
    assert usage.log.end_offset() == 0


def test_the_export_time_of_the_file_goes_before_the_callers(tmp_path: Path) -> None:
    """Where the file states its export time, that is what ranks its statements."""
    usage = loads(tmp_path)
    parsed = mau("file", {month(3): 100})
    stated = ParsedReport(
        **{**{name: getattr(parsed, name) for name in parsed.__slots__}, "exported_us": 5}
    )
    usage.load(stated, exported_us=99)
    decision = usage.decisions.picture().decided[0].decision
    assert isinstance(decision, LoadDecision)
    assert decision.exported_us == 5


def test_a_report_without_a_single_row_is_not_loaded(tmp_path: Path) -> None:
    """There is nothing to count and no period to state."""
    usage = loads(tmp_path)
    with pytest.raises(EmptyReportError):
        usage.load(mau("file", {}), exported_us=1)


def test_two_loads_from_one_basis_count_one_after_the_other(tmp_path: Path) -> None:
    """Both compute from the same basis; the second is outrun, and its rows never count."""
    usage = loads(tmp_path)
    march = Attempt("a1", Load("r1", mau("march", {month(3): 100}), 1), usage.decisions, usage.log)
    february = Attempt("a2", Load("r2", mau("feb", {month(2): 90}), 2), usage.decisions, usage.log)
    basis = usage.decisions.picture()
    for attempt in (march, february):
        attempt.compute(basis)
        attempt.append()
    assert isinstance(march.submit(), Accepted)
    assert isinstance(february.submit(), Outrun)
    assert told(usage) == {(TEAMS, month(3)): of("opening", 100, 100)}
    usage.load(mau("feb", {month(2): 90}), exported_us=2)
    assert told(usage)[TEAMS, month(3)] == of("growth", 10, 100)


def test_loads_of_different_metrics_do_not_outrun_each_other(tmp_path: Path) -> None:
    """The condition of a decision is about its own metrics."""
    usage = loads(tmp_path)
    azure = report("acr", (ACR, {((T1, "s", "vm"), month(3)): -5}))
    other = Attempt("a1", Load("r1", azure, 1), usage.decisions, usage.log)
    other.compute(usage.decisions.picture())
    usage.load(mau("march", {month(3): 100}), exported_us=1)
    other.append()
    assert isinstance(other.submit(), Accepted)


def test_a_load_waits_for_anothers_turn_until_it_expires(tmp_path: Path) -> None:
    """A turn whose holder crashed ends by itself."""
    chain = DecisionsInMemory()
    chain.reserve(Turn("crashed", (MAU,), expires_us=1_000_000))
    usage = loads(tmp_path, chain)
    usage.load(mau("ours", {month(3): 100}), exported_us=1)
    assert chain.now_us >= 1_000_000


def test_a_turn_that_does_not_end_is_named(tmp_path: Path) -> None:
    """Waiting is bounded, and the error says that nothing was counted."""
    chain = DecisionsInMemory()
    chain.reserve(Turn("holder", (MAU,), expires_us=2**62))
    with pytest.raises(BusyError, match="nothing was counted"):
        loads(tmp_path, chain).load(mau("ours", {month(3): 100}), exported_us=1)


KEYS = [(T1, "teams"), (T1, "intune"), (T2, "teams")]
PLACES = st.tuples(st.sampled_from(KEYS), st.builds(month, st.integers(1, 6)))
LEVELS = st.dictionaries(PLACES, st.integers(0, 4), min_size=1, max_size=6)
AMOUNTS = st.dictionaries(
    st.tuples(
        st.sampled_from([(T1, "s", "vm"), (T2, "s", "db")]), st.builds(month, st.integers(1, 4))
    ),
    st.integers(-3, 3),
    max_size=4,
)
EXPORTED = st.integers(1, 4)


class EveryHistory(RuleBasedStateMachine):
    """Any order of months, repeats, restatements, withdrawals, races and crashes.

    After every step the counted rows say what the naive model says of the counted statements.
    """

    waiting: Bundle[Attempt] = Bundle("waiting")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.chain = DecisionsInMemory()
        self.usage = loads(Path(self.folder.name), self.chain)
        self.reports: dict[str, tuple[ParsedReport, int]] = {}
        self.births: list[tuple[int, str, date | None]] = []
        self.names = 0

    def teardown(self) -> None:
        """Leave nothing on the disk."""
        self.folder.cleanup()

    def _fresh(self) -> str:
        self.names += 1
        return f"x{self.names}"

    def _parsed(
        self, levels: dict[object, int], paid: bool, amounts: dict[object, int]
    ) -> ParsedReport:
        parts: list[tuple[str, dict[object, int]]] = [(MAU, levels)]
        if paid:
            parts.append((PAU, {place: 5 - users for place, users in levels.items()}))
        if amounts:
            parts.append((ACR, amounts))
        return report(self._fresh(), *parts)

    @rule(levels=LEVELS, paid=st.booleans(), amounts=AMOUNTS, exported=EXPORTED)
    def load(
        self, levels: dict[object, int], paid: bool, amounts: dict[object, int], exported: int
    ) -> None:
        """Load a new report."""
        self._load(self._parsed(levels, paid, amounts), exported)

    @precondition(lambda self: self.reports)
    @rule(data=st.data())
    def load_again(self, data: st.DataObject) -> None:
        """Load a file that was loaded before, counted or withdrawn."""
        self._load(*self.reports[data.draw(st.sampled_from(sorted(self.reports)))])

    def _load(self, parsed: ParsedReport, exported: int) -> None:
        counts = self.chain.picture().report_of_file(parsed.sha256) is not None
        end = self.usage.log.end_offset()
        outcome = self.usage.load(parsed, exported_us=exported)
        assert outcome.outcome == ("already_counted" if counts else "loaded")
        assert not counts or self.usage.log.end_offset() == end
        self.reports[outcome.report] = parsed, exported

    @precondition(lambda self: self.chain.picture().counted())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """Withdraw a report that counts."""
        self.usage.withdraw(self._drawn(data), reason="wrong")

    def _drawn(self, data: st.DataObject) -> str:
        counted = [it.decision.report for it in self.chain.picture().counted()]
        return data.draw(st.sampled_from(counted))

    @rule(target=waiting, levels=LEVELS, exported=EXPORTED, appended=st.booleans())
    def begin_a_load(self, levels: dict[object, int], exported: int, appended: bool) -> Attempt:
        """Compute, and perhaps append, a load; it may be submitted later, or crash here."""
        parsed, name = self._parsed(levels, paid=False, amounts={}), self._fresh()
        self.reports[name] = parsed, exported
        return self._begun(Load(name, parsed, exported), appended)

    @precondition(lambda self: self.chain.picture().counted())
    @rule(target=waiting, data=st.data(), appended=st.booleans())
    def begin_a_withdrawal(self, data: st.DataObject, appended: bool) -> Attempt:
        """Compute, and perhaps append, a withdrawal."""
        name = self._drawn(data)
        found = self.chain.picture().report(name)
        assert found
        return self._begun(Withdrawal(name, found.decision.metrics, "wrong"), appended)

    def _begun(self, wish: Load | Withdrawal, appended: bool) -> Attempt:
        attempt = Attempt(self._fresh(), wish, self.chain, self.usage.log)
        attempt.compute(self.chain.picture())
        if appended:
            attempt.append()
        return attempt

    @rule(attempt=consumes(waiting))
    def end(self, attempt: Attempt) -> None:
        """Submit an attempt that others may have outrun; then it appended for nothing."""
        if attempt._cut is None:  # noqa: SLF001 a crash between two steps is what is played here
            attempt.append()
        basis = attempt.decision().basis
        metrics = set(attempt.wish.metrics)
        outrun = any(
            it.position > basis and metrics & set(it.decision.metrics) for it in self.chain.decided
        )
        assert isinstance(attempt.submit(), Accepted) != outrun

    @rule(attempt=consumes(waiting))
    def crash(self, attempt: Attempt) -> None:
        """The process dies; whatever the attempt appended stays in the log."""

    @rule(tenant=st.sampled_from([T1, T2]), born=st.none() | st.builds(month, st.integers(1, 6)))
    def learn_a_start(self, tenant: str, born: date | None) -> None:
        """The chain learns when a tenant began, or takes it back."""
        self.chain.born("tenant", tenant, born)
        self.births.append((self.chain.position, tenant, born))

    @invariant()
    def counted_rows_say_what_the_counted_statements_say(self) -> None:
        """For every metric: same amount per mark, same level, same gap."""
        picture = self.chain.picture()
        for metric in (MAU, PAU):
            births = self._births_at(picture.last_basis(metric))
            assert told(self.usage, metric) == naive_model.stock(self._counted(metric), births)
        assert told(self.usage, ACR) == naive_model.flow(self._counted(ACR))

    @invariant()
    def every_counted_cut_verifies(self) -> None:
        """The rows that count are the ones whose digest the decision states."""
        for entry in self.chain.decided[-2:]:
            for cut in entry.decision.cut:
                verify(self.usage.log, cut)

    def _counted(self, metric: str) -> list[naive_model.Report]:
        found = []
        for it in self.chain.picture().counted():
            parsed, exported = self.reports[it.decision.report]
            if metric in parsed.metrics:
                rows = parsed.statements_about(metric).iter_rows(named=True)
                said = {(_key(metric, row), row["month"]): row["value_micro"] for row in rows}
                found.append(naive_model.Report(exported, it.position, said))
        return found

    def _births_at(self, basis: int | None) -> dict[object, date]:
        """The start of each key's tenant as the last decision about the metric knew it."""
        known = {tenant: born for at, tenant, born in self.births if at <= (basis or 0)}
        return {key: born for key in KEYS if (born := known.get(key[0]))}


TestEveryHistory = EveryHistory.TestCase
# Shrinking a history takes minutes, longer than a test may run; a soak has the time.
TestEveryHistory.settings = settings(
    max_examples=500 if SOAK else 25,
    stateful_step_count=14,
    phases=tuple(Phase) if SOAK else (Phase.explicit, Phase.generate),
)


def _key(metric: str, row: dict[str, str]) -> tuple[str, ...]:
    names = ("tenant", "subscription", "resource") if metric == ACR else ("tenant", "workload")
    return tuple(row[name] for name in names)
