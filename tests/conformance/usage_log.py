"""What every usage log promises, whatever keeps it: subclass, and give two fixtures.

``open_log`` opens the one log of the test again, as another process (or another node) would.
``killed_code`` is a program that opens it by the words it is given, as ``log``.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any, NamedTuple

import polars as pl
import pytest

from ledger.usage.attempt import Attempt, Load, UsageLoads
from ledger.usage.decisions import (
    Accepted,
    Decided,
    LoadDecision,
    Outrun,
    Verdict,
)
from ledger.usage.log import Batch, Cut, DamagedUsageError, UsageLog, Wanted, verify
from ledger.usage.rows import INCREMENT_SCHEMA, STATEMENT_SCHEMA, Record, canonical_text
from ledger.usage.verify import verify_usage
from tests.ledger.usage import naive_model
from tests.ledger.usage.builders import (
    ACR,
    MAU,
    MICRO,
    PAU,
    T1,
    T2,
    counted_rows,
    loads_on,
    mau,
    month,
    statements,
)
from tests.ledger.usage.decisions_in_memory import DecisionsInMemory

OpenLog = Callable[[], UsageLog]


class Program(NamedTuple):
    """A program that opens the log of the test as ``log``, and the words it is given."""

    code: str
    words: list[str]


TENANTS = [f"00000000-0000-4000-8000-0000000000{number:02}" for number in range(20)]
TEAMS = (T1, "teams")
KILLED = """
from tests.ledger.usage.builders import MAU, T1, T2, month, statements

for number in range(10_000):
    told = {((tenant, "teams"), month(3)): number for tenant in (T1, T2)}
    for cut in log.append(f"a{number}", [statements(MAU, told)] * 3, []):
        print(f"a{number}", cut.partition, cut.first_offset, cut.end_offset, cut.count, cut.digest)
    print("whole", flush=True)
"""


def increments(metric: str, tenants: list[str], count: int = 1) -> pl.DataFrame:
    """Increments of tenants in as many months, months within tenants."""
    key = {"workload": "teams"} if metric in (MAU, PAU) else {"subscription": "s", "resource": "r"}
    row = dict.fromkeys(INCREMENT_SCHEMA.names()[1:7], "") | key
    return pl.DataFrame(
        [
            {
                "metric": metric,
                **row,
                "tenant": tenant,
                "date": month(1 + place % 12, 2000 + place // 12),
                "mark": "growth",
                "delta_micro": place,
                "level_micro": None,
                "gap_from": None,
                "row": place,
            }
            for tenant in tenants
            for place in range(count)
        ],
        schema=INCREMENT_SCHEMA,
    )


def stated(tenants: list[str], count: int = 1, metric: str = MAU) -> pl.DataFrame:
    """Statements of tenants in as many months."""
    return statements(
        metric, {((tenant, "teams"), month(1 + n)): n for tenant in tenants for n in range(count)}
    )


def decided(position: int, attempt: str, cuts: list[Cut]) -> Decided:
    """A decision that counts an attempt."""
    decision = LoadDecision(
        report=attempt,
        attempt=attempt,
        kind="made",
        file_name=f"{attempt}.tsv",
        sha256=hashlib.sha256(attempt.encode()).hexdigest(),
        period_from=month(1),
        period_to=month(12),
        exported_us=position,
        basis=position - 1,
        cut=tuple(cuts),
        metrics=(MAU,),
        statements=0,
        increments=0,
        rejected_rows=0,
    )
    return Decided(position, decision)


def rows(batches: Iterator[Batch], record: Record) -> pl.DataFrame:
    """The rows of one record type among batches, in order."""
    schema = STATEMENT_SCHEMA if record == "statement" else INCREMENT_SCHEMA
    return pl.concat([schema.to_frame(), *(it.rows for it in batches if it.record == record)])


def dump(log: UsageLog) -> list[tuple[Any, ...]]:
    """Every row, in order, whatever batches they lie in."""
    return [
        (batch.attempt, batch.record, batch.first_offset + place, *row)
        for batch in log.read()
        for place, row in enumerate(batch.rows.rows())
    ]


def told(usage: UsageLoads, metric: str = MAU) -> dict[Any, naive_model.Month]:
    """What the counted increments of a metric say now."""
    return naive_model.counted(counted_rows(usage.log, usage.decisions.picture(), metric))


def opening(units: int) -> naive_model.Month:
    """A month that opens with so many units."""
    return naive_model.Month(frozenset({("opening", units * MICRO)}), units * MICRO, None)


@dataclass
class Rivals(DecisionsInMemory):
    """Decisions among which a rival's load lands just before each of our first ``left``."""

    left: int = 0
    rival: UsageLoads | None = field(default=None, repr=False)

    def load(self, decision: LoadDecision) -> Verdict:
        """Let the rival go first, until a turn is reserved."""
        if self.left and decision.file_name == "ours" and not self.turns:
            self.left -= 1
            assert self.rival
            report = mau(f"rival {self.left}", {month(1 + self.left): 1}, tenant=T2)
            self.rival.load(report, exported_us=1)
        return super().load(decision)


class UsageLogPromises:
    """The shared cases."""

    @pytest.fixture
    def log(self, open_log: OpenLog) -> UsageLog:
        """The log under test."""
        return open_log()

    def test_begins_empty(self, log: UsageLog) -> None:
        """There is nothing to read and nothing left over."""
        log.hold([])
        assert list(log.read()) == []
        assert (log.end_offset(), log.left_over([])) == (0, 0)

    def test_an_attempt_without_rows_has_no_cut(self, log: UsageLog) -> None:
        """A withdrawal that changes nothing appends nothing, and can be counted all the same."""
        assert log.append("a1", [], [INCREMENT_SCHEMA.to_frame()]) == []
        log.hold([decided(1, "a1", [])])
        assert (log.end_offset(), log.left_over([])) == (0, 0)

    def test_rows_come_back_as_they_were_written(self, log: UsageLog, open_log: OpenLog) -> None:
        """Here and elsewhere; the rows of one key in their order, dimensions and types as given."""
        told_so, grown = stated(TENANTS, 3), increments(ACR, TENANTS, 4)
        cuts = log.append("a1", [told_so], [grown])
        for reader in (log, open_log()):
            reader.hold([decided(1, "a1", cuts)])
            found = list(reader.read())
            assert {(it.attempt, it.record, it.metric) for it in found} == {
                ("a1", "statement", MAU),
                ("a1", "increment", ACR),
            }
            for record, written in (("statement", told_so), ("increment", grown)):
                read = rows(iter(found), "statement" if record == "statement" else "increment")
                assert read.schema == written.schema
                # Each key's rows keep their order: sorting by key alone gives the written ones.
                assert read.sort("tenant", maintain_order=True).equals(
                    written.sort("tenant", maintain_order=True)
                )
            assert dump(reader) == dump(log)

    def test_the_digest_is_that_of_the_lines_in_order(self, log: UsageLog) -> None:
        """Anybody can check a cut with a text file and sha256sum."""
        cuts = log.append("a1", [stated(TENANTS, 2)], [increments(MAU, TENANTS, 2)])
        log.hold([decided(1, "a1", cuts)])
        assert sum(cut.count for cut in cuts) == 80
        for cut in cuts:
            text = b"".join(canonical_text(it.record, it.rows) for it in log.read_attempt(cut))
            assert (cut.digest, cut.count) == (hashlib.sha256(text).hexdigest(), text.count(b"\n"))
            verify(log, cut)

    def test_the_digest_does_not_depend_on_how_rows_are_handed_over(self, log: UsageLog) -> None:
        """In one frame or in many: the same counts and digests in the same partitions."""
        whole = increments(MAU, TENANTS, 5)
        ways = [[whole], list(whole.iter_slices(7)), list(whole.iter_slices(1))]
        cuts = [log.append(f"a{n}", [], way) for n, way in enumerate(ways)]
        found = [[(it.partition, it.count, it.digest) for it in one] for one in cuts]
        assert found[0] == found[1] == found[2]

    def test_a_reader_gets_only_what_it_wants(self, log: UsageLog) -> None:
        """By record, metric and months."""
        cuts = log.append("a1", [stated([T1]), stated([T2], metric=PAU)], [increments(MAU, [T1])])
        log.hold([decided(1, "a1", cuts)])

        def found(wanted: Wanted) -> list[tuple[str, str]]:
            whole = [(it.record, it.metric) for it in log.read(wanted=wanted)]
            parts = [log.read_attempt(cut, wanted) for cut in cuts]
            assert sorted(whole) == sorted((it.record, it.metric) for p in parts for it in p)
            return sorted(whole)

        assert found(Wanted("statement")) == [("statement", MAU), ("statement", PAU)]
        assert found(Wanted(metrics=[MAU])) == [("increment", MAU), ("statement", MAU)]
        assert not found(Wanted("statement", months=(month(5), month(9))))
        end = log.end_offset()
        assert [it.first_offset for it in log.read(after_offset=end - 2)] == [end - 1]

    def test_a_dimension_outside_the_key_is_never_written(self, log: UsageLog) -> None:
        """It would be lost on reading, so it stops the attempt before anything is kept."""
        with pytest.raises(AssertionError, match="outside the key"):
            log.append("a1", [stated([T1]).with_columns(partner=pl.lit("101"))], [])
        assert (log.end_offset(), log.left_over([])) == (0, 0)

    def test_attempts_side_by_side_are_kept_apart(self, open_log: OpenLog) -> None:
        """Appended at once, decided in either order: what nobody counted is in no answer.

        Nodes hold the same rows at the same places.
        """
        names = ("a", "b", "never")
        logs = {name: open_log() for name in names}
        cuts: dict[str, list[Cut]] = {}

        def append(name: str) -> None:
            frames = [increments(MAU, TENANTS, 1 + len(name)) for _ in range(5)]
            cuts[name] = logs[name].append(name, [stated(TENANTS)] * 3, frames)

        racers = [Thread(target=append, args=(name,)) for name in names]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        both = [decided(5, "b", cuts["b"]), decided(9, "a", cuts["a"])]
        for log in logs.values():
            log.hold(both[:1])
            log.hold(both)
            for cut in (*cuts["a"], *cuts["b"]):
                verify(log, cut)
        of_a, of_b = (
            [batch.rows for cut in cuts[name] for batch in logs["never"].read_attempt(cut)]
            for name in ("a", "b")
        )
        assert sum(map(len, of_a)) == 20 * 3 + 20 * 2 * 5
        assert sum(map(len, of_b)) == 20 * 3 + 20 * 2 * 5
        if logs["a"].shared:
            assert dump(logs["a"]) == dump(logs["b"]) == dump(logs["never"])
            assert [row[0] for row in dump(logs["a"])] == ["b"] * 260 + ["a"] * 260

    def test_what_no_decision_counts_is_left_over(self, open_log: OpenLog) -> None:
        """It is told and means nothing."""
        log = open_log()
        cuts = log.append("a1", [stated(TENANTS)], [increments(MAU, [T1])])
        open_log().append("crashed", [], [increments(MAU, [T1], 7)])
        log.hold([decided(1, "a1", cuts)])
        assert log.left_over([decided(1, "a1", cuts)]) == 7

    def test_other_rows_than_counted_are_named(self, log: UsageLog, open_log: OpenLog) -> None:
        """A cut of another digest, or count, is never taken for good."""
        cuts = log.append("a1", [stated([T1], 3)], [])
        for change in ({"digest": "00" * 32}, {"count": 2}):
            other = [replace(cut, **change) for cut in cuts]
            reader = open_log()
            with pytest.raises(DamagedUsageError, match=r"digest|state"):  # noqa: PT012
                reader.hold([decided(1, "a1", other)])
                verify(reader, other[0])

    def test_a_log_that_lost_what_counts_is_never_built_upon(
        self, log: UsageLog, open_log: OpenLog
    ) -> None:
        """The next load stops before it appends a row."""
        (cut,) = log.append("a1", [stated([T1], 3)], [])
        beyond = replace(cut, first_offset=cut.first_offset + 90, end_offset=cut.end_offset + 90)
        chain = DecisionsInMemory(position=1, decided=[decided(1, "a1", [beyond])])
        reader = open_log()
        before = reader.left_over([])
        with pytest.raises(DamagedUsageError):
            loads_on(reader, chain).load(mau("march", {month(3): 100}), exported_us=1)
        assert reader.left_over([]) == before

    def test_a_report_loaded_here_is_withdrawn_there(self, open_log: OpenLog) -> None:
        """Its statements lie in the log, not where it was loaded."""
        chain = DecisionsInMemory()
        one, two = loads_on(open_log(), chain, "a"), loads_on(open_log(), chain, "b")
        first = one.load(mau("march", {month(3): 100}), exported_us=1)
        assert told(two) == {(TEAMS, month(3)): opening(100)}
        two.load(mau("other", {month(3): 7}, tenant=T2), exported_us=2)
        assert told(one)[(T2, "teams"), month(3)] == opening(7)
        two.withdraw(first.report, reason="by mistake")
        expected = {((T2, "teams"), month(3)): opening(7)}
        assert told(one) == told(two) == told(loads_on(open_log(), chain)) == expected
        assert verify_usage(one.log, chain.picture()).decisions == 3

    def test_an_attempt_that_stops_anywhere_never_counts(self, open_log: OpenLog) -> None:
        """Not computed, not appended, not decided: what the next one loads is right."""
        chain = DecisionsInMemory()
        for steps in range(3):
            log = open_log()
            wish = Load(f"r{steps}", mau("march", {month(3): 100 + steps}), steps)
            attempt = Attempt(f"x{steps}", wish, chain, log)
            if steps:
                attempt.compute(chain.picture())
            if steps > 1:
                attempt.append()
        usage = loads_on(open_log(), chain)
        usage.load(mau("march", {month(3): 5}), exported_us=1)
        assert told(usage) == told(loads_on(open_log(), chain)) == {(TEAMS, month(3)): opening(5)}

    def test_a_decision_whose_node_died_at_once_counts(self, open_log: OpenLog) -> None:
        """Nothing but log and decision is needed to know its rows."""
        chain, log = DecisionsInMemory(), open_log()
        attempt = Attempt("x", Load("r", mau("march", {month(3): 100}), 1), chain, log)
        attempt.compute(chain.picture())
        attempt.append()
        assert isinstance(attempt.submit(), Accepted)
        assert told(loads_on(open_log(), chain)) == {(TEAMS, month(3)): opening(100)}

    def test_of_two_loads_from_one_basis_one_is_outrun(self, open_log: OpenLog) -> None:
        """Both have appended; the second computes again, and nothing counts twice."""
        chain = DecisionsInMemory()
        logs = [open_log(), open_log()]
        attempts = [
            Attempt(name, Load(name, mau(name, {month(number): number}), number), chain, log)
            for number, name, log in ((3, "march", logs[0]), (2, "february", logs[1]))
        ]
        for attempt in attempts:
            attempt.compute(chain.picture())
        for attempt in attempts:
            attempt.append()
        assert isinstance(attempts[0].submit(), Accepted)
        assert isinstance(attempts[1].submit(), Outrun)
        usage = loads_on(logs[1], chain)
        usage.load(mau("february", {month(2): 2}), exported_us=2)
        assert told(usage) == told(loads_on(logs[0], chain))
        assert told(usage)[TEAMS, month(2)] == opening(2)

    def test_a_load_that_lost_twice_reserves_its_turn(self, open_log: OpenLog) -> None:
        """Outrun by two rivals elsewhere, the third attempt has a turn, which its decision ends."""
        chain = Rivals(left=5)
        usage = loads_on(open_log(), chain)
        chain.rival = loads_on(open_log(), chain, "rival")
        outcome = usage.load(mau("ours", {month(3): 100}), exported_us=1)
        assert (outcome.attempts, chain.left, chain.turns) == (3, 3, [])
        for reader in (usage, chain.rival, loads_on(open_log(), chain)):
            assert told(reader)[TEAMS, month(3)] == opening(100)

    def test_what_was_acknowledged_survives_a_kill(
        self, open_log: OpenLog, killed_code: Program
    ) -> None:
        """Killed at any moment: every cut that was given out holds, and the log goes on."""
        process = subprocess.Popen(
            [sys.executable, "-c", killed_code.code + KILLED, *killed_code.words],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        lines: list[str] = []
        while lines.count("whole\n") < 4:
            lines.append(process.stdout.readline())
            assert lines[-1], lines
        process.kill()
        process.communicate()
        found: dict[str, list[Cut]] = {}
        for line in lines[: len(lines) - lines[::-1].index("whole\n")]:
            if line != "whole\n":
                name, *numbers, digest = line.split()
                partition, first, end, rows_in_it = map(int, numbers)
                found.setdefault(name, []).append(Cut(partition, first, end, rows_in_it, digest))
        log = open_log()
        entries = [decided(n, name, cuts) for n, (name, cuts) in enumerate(found.items(), start=1)]
        log.hold(entries)
        for cuts in found.values():
            assert sum(cut.count for cut in cuts) == 6
            for cut in cuts:
                verify(log, cut)
        assert log.append("later", [stated([T1])], [])
