"""Reconciliation as a pure function: whatever counted before, then the statements are told."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ledger.usage.reconcile import (
    BIRTH_SCHEMA,
    CAUSE_PLACES,
    COUNTED_SCHEMA,
    STATEMENT_PLACES,
    counted_from,
    fold_counted,
    fold_statements,
    place_of,
    reconcile,
)
from tests.ledger.usage import naive_model
from tests.ledger.usage.builders import month

KEYS = pl.DataFrame(
    {"key": [0, 1, 2], "tenant": ["t1", "t1", "t2"], "subscription": ["s1", "s2", "s3"]},
    schema_overrides={"key": pl.UInt32},
)
Told = dict[tuple[int, date], int]


def statements(told: list[Told]) -> pl.DataFrame:
    """The statements of reports, the oldest first."""
    rows = [(key, day, value) for one in told for (key, day), value in one.items()]
    schema = {"key": pl.UInt32(), "month": pl.Date(), "value_micro": pl.Int64()}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(place_of("month"), "value_micro").cast(STATEMENT_PLACES)


def births(starts: dict[tuple[str, str], date]) -> pl.DataFrame:
    """Starts of tenants and subscriptions."""
    rows = [(*who, day) for who, day in starts.items()]
    return pl.DataFrame(rows, schema=BIRTH_SCHEMA, orient="row")


def answer(
    told: list[Told],
    *,
    counted: pl.DataFrame | None = None,
    starts: dict[tuple[str, str], date] | None = None,
    is_stock: bool = True,
    causes: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The increments that lead from ``counted`` to what ``told`` says."""
    return reconcile(
        is_stock=is_stock,
        keys=KEYS,
        statements=statements(told),
        births=births(starts or {}),
        counted=counted_of([]) if counted is None else counted,
        causes=CAUSE_PLACES.to_frame() if causes is None else causes,
    )


def counted_of(answers: list[pl.DataFrame]) -> pl.DataFrame:
    """Answers as they come to count, one after the other."""
    rows = [one.select(counted_from()).cast(COUNTED_SCHEMA) for one in answers]
    return pl.concat([COUNTED_SCHEMA.to_frame(), *rows])


def said(answers: list[pl.DataFrame]) -> dict[tuple[object, date], naive_model.Month]:
    """What the answers say together, by the naive model."""
    columns = ["key", "date", "mark", "delta_micro", "level_micro", "gap_from"]
    return naive_model.counted(
        naive_model.Row(*row) for one in answers for row in one.select(columns).iter_rows()
    )


DAYS = st.builds(month, st.integers(1, 12), st.sampled_from([2022, 2023]))
TOLD = st.dictionaries(st.tuples(st.integers(0, 2), DAYS), st.integers(0, 3), max_size=8)
STARTS = st.dictionaries(
    st.sampled_from([("tenant", "t1"), ("tenant", "t2"), ("subscription", "s1"), ("tenant", "-")]),
    DAYS,
)


@given(histories=st.lists(st.tuples(st.lists(TOLD, max_size=4), STARTS), max_size=5))
def test_a_stock_is_told_as_if_its_statements_were_loaded_once_in_order(
    histories: list[tuple[list[Told], dict[tuple[str, str], date]]],
) -> None:
    """From any state to any other: the sums by mark, the levels and the gaps are the naive ones."""
    answers: list[pl.DataFrame] = []
    for told, starts in histories:
        answers.append(answer(told, counted=counted_of(answers), starts=starts))
        reports = [naive_model.Report(0, order, one) for order, one in enumerate(told)]
        for born in _naive_births(reports, starts):
            assert said(answers) == naive_model.stock(reports, born)


def _naive_births(
    reports: list[naive_model.Report], starts: dict[tuple[str, str], date]
) -> list[dict[object, date]]:
    """The one start of each key that falls on its first month, if any of its starts does."""
    firsts = {}
    for key, tenant, subscription in KEYS.iter_rows():
        days = [day for (named, day) in naive_model.newest(reports) if named == key]
        known = {starts.get(("tenant", tenant)), starts.get(("subscription", subscription))}
        if days and min(days) in known:
            firsts[key] = min(days)
    return [firsts]


@given(histories=st.lists(st.lists(TOLD, max_size=4), max_size=5))
def test_a_flow_is_the_newest_amount_of_each_month(histories: list[list[Told]]) -> None:
    """A flow has no opening, no level and no gap, whatever was counted before."""
    answers: list[pl.DataFrame] = []
    for told in histories:
        answers.append(answer(told, counted=counted_of(answers), is_stock=False))
        reports = [naive_model.Report(0, order, one) for order, one in enumerate(told)]
        assert said(answers) == naive_model.flow(reports)


@given(told=st.lists(TOLD, max_size=4), starts=STARTS)
def test_reconciling_again_changes_nothing(
    told: list[Told], starts: dict[tuple[str, str], date]
) -> None:
    """What is told already needs no row, not even one of 0."""
    first = answer(told, starts=starts)
    assert answer(told, starts=starts, counted=counted_of([first])).is_empty()


@given(told=st.lists(TOLD, min_size=1, max_size=4), at=st.integers(0, 8))
def test_folding_parts_first_gives_the_same(told: list[Told], at: int) -> None:
    """Statements and counted rows may be folded batch by batch."""
    stated = statements(told)
    parts = pl.concat([fold_statements(stated[:at]), stated[at:]])
    assert fold_statements(parts).sort("place").equals(fold_statements(stated).sort("place"))
    answers: list[pl.DataFrame] = []
    for upto in range(1, len(told) + 1):
        answers.append(answer(told[:upto], counted=counted_of(answers)))
    rows = counted_of(answers)
    parts = pl.concat([fold_counted(rows[:at]), rows[at:]])
    assert fold_counted(parts).sort("place").equals(fold_counted(rows).sort("place"))


def test_a_gap_names_the_last_stated_month_before_it() -> None:
    """May is missing between April and June."""
    rows = answer([{(0, month(4)): 10, (0, month(6)): 13}])
    assert rows.select("date", "mark", "delta_micro", "gap_from").rows() == [
        (month(4), "opening", 10, None),
        (month(6), "gap", 3, month(4)),
    ]


def test_december_and_january_are_neighbours() -> None:
    """The turn of a year is no gap."""
    rows = answer([{(0, month(12, 2022)): 10, (0, month(1, 2023)): 13}])
    assert rows.get_column("mark").to_list() == ["opening", "growth"]


def test_a_filled_gap_moves_the_amount_to_growth_also_when_it_is_zero() -> None:
    """June stood across a gap with 0; with May stated the mark changes, and both rows say so."""
    before = answer([{(0, month(4)): 10, (0, month(6)): 10}])
    rows = answer(
        [{(0, month(4)): 10, (0, month(5)): 10, (0, month(6)): 10}], counted=counted_of([before])
    )
    assert rows.select("date", "mark", "delta_micro", "level_micro", "gap_from").rows() == [
        (month(5), "growth", 0, 10, None),
        (month(6), "gap", 0, 10, None),
        (month(6), "growth", 0, 10, None),
    ]


def test_a_month_that_is_no_longer_stated_has_no_level() -> None:
    """Its amounts are taken back and its level is null."""
    before = answer([{(0, month(4)): 10}])
    rows = answer([], counted=counted_of([before]))
    assert rows.select("date", "mark", "delta_micro", "level_micro").rows() == [
        (month(4), "opening", -10, None)
    ]


def test_a_row_names_the_line_that_states_it_or_the_earlier_line_that_caused_it() -> None:
    """May is stated in line 7, and June changes because of it; the other key has no cause."""
    told = [{(0, month(4)): 1, (0, month(6)): 3, (1, month(6)): 4}, {(0, month(5)): 2}]
    cause = pl.DataFrame(
        {"key": [0], "month": [month(5)], "row": [7]},
        schema_overrides={"key": pl.UInt32, "row": pl.UInt32},
    ).select(place_of("month"), "row")
    rows = answer(told, causes=cause.cast(CAUSE_PLACES))
    assert rows.select("key", "date", "row").rows() == [
        (0, month(4), 0),
        (0, month(5), 7),
        (0, month(6), 7),
        (1, month(6), 0),
    ]
