"""Usage rows as records of a topic: nothing is lost, and the page that describes them is true."""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2

from ledger.usage import partitions, topic_records
from ledger.usage.log import Digest
from ledger.usage.metrics import METRICS
from ledger.usage.partitions import partitions_of
from ledger.usage.rows import DIMENSIONS, INCREMENT_SCHEMA, MARKS, STATEMENT_SCHEMA, Record
from ledger.usage.topic_records import (
    RECORD_BYTES,
    STATEMENTS_AT_ONCE,
    Name,
    Sealing,
    Sent,
    Told,
    UnreadableRowsError,
    rows_of,
    told,
)
from schemas.cloud_event import source_urn
from schemas.usage import UsageIncrement
from tests.house.tree import ROOT

LEDGER, ATTEMPT = "l-1d0c8f2a7b6e5d4c", "u-9f2c41d07be8a653"
SOURCE = source_urn(LEDGER).encode()
TENANT = "11111111-1111-4111-8111-111111111111"
SEPTEMBER = date(2023, 9, 1)

# No control characters, as ``schemas.values`` has it; anything else may stand in a dimension.
_words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
_amounts = st.integers(-(2**63), 2**63 - 1)
_months = st.dates(date(1900, 1, 1), date(2999, 1, 1)).map(lambda day: day.replace(day=1))
_lines = st.integers(0, 2**32 - 1)


@st.composite
def increments(draw: st.DrawFn) -> pl.DataFrame:
    """Increments of one metric, with whatever its dimensions may hold."""
    about = draw(st.sampled_from(sorted(METRICS.values(), key=lambda it: it.id)))

    def row() -> tuple[object, ...]:
        named = [draw(_words) if name in about.key else "" for name in DIMENSIONS[1:]]
        gap, level = draw(st.none() | _months), draw(st.none() | _amounts)
        mark = draw(st.sampled_from(MARKS))
        return (about.id, *named, draw(_months), mark, draw(_amounts), level, gap, draw(_lines))

    rows = [row() for _ in range(draw(st.integers(1, 8)))]
    return pl.DataFrame(rows, schema=INCREMENT_SCHEMA, orient="row")


def statements(count: int, workload: str = "teams") -> pl.DataFrame:
    """Statements of one key in as many months."""
    rows = [
        ("m365.mau", TENANT, "", workload, "", "", "", SEPTEMBER, n * 1_000_000, n)
        for n in range(count)
    ]
    return pl.DataFrame(rows, schema=STATEMENT_SCHEMA, orient="row")


def sealed(record: Record, rows: pl.DataFrame, partitions: int = 6) -> list[Sent]:
    """The records of some rows."""
    return list(Sealing(LEDGER, ATTEMPT, partitions).records(record, rows))


@given(rows=increments(), partitions=st.integers(1, 9))
def test_increments_come_back_as_they_were_sent(rows: pl.DataFrame, partitions: int) -> None:
    """Through JSON and back, in any metric; each in the partition that its key asks for."""
    found = sealed("increment", rows, partitions)
    for sent in found:
        assert rows_of("increment", sent.values).equals(sent.rows)
        for key, row in zip(sent.keys, sent.rows.iter_rows(named=True), strict=True):
            assert key == (row["subscription"] or row["tenant"]).encode()
            assert sent.partition == (murmur2(key) & 0x7FFFFFFF) % partitions
    assert pl.concat([sent.rows for sent in found]).sort(pl.all()).equals(rows.sort(pl.all()))


@given(rows=increments())
def test_an_increments_value_is_what_the_model_says(rows: pl.DataFrame) -> None:
    """The model reads it; dimensions outside the metric's key are left out and mean nothing."""
    for sent in sealed("increment", rows):
        for value, row in zip(sent.values, sent.rows.iter_rows(named=True), strict=True):
            assert UsageIncrement.model_validate_json(value).model_dump() == row


@given(rows=increments())
def test_statements_come_back_as_they_were_sent(rows: pl.DataFrame) -> None:
    """Through canonical lines and back, quotes and blanks included."""
    stated = rows.rename({"date": "month", "delta_micro": "value_micro"}).select(
        STATEMENT_SCHEMA.names()
    )
    for sent in sealed("statement", stated):
        assert rows_of("statement", sent.values).equals(sent.rows)
        assert set(sent.keys) == {None}


def test_a_record_holds_no_more_statements_than_a_topic_takes() -> None:
    """Neither by number nor by size; long texts are divided further."""
    (sent,) = sealed("statement", statements(STATEMENTS_AT_ONCE + 1))
    assert [value.count(b"\n") for value in sent.values] == [STATEMENTS_AT_ONCE, 1]
    (long,) = sealed("statement", statements(STATEMENTS_AT_ONCE, "w" * 4_000))
    assert len(long.values) > 1
    assert max(map(len, long.values)) <= RECORD_BYTES
    assert rows_of("statement", long.values).equals(long.rows)


def test_records_are_numbered_in_each_partition() -> None:
    """From 0 on, without a gap, over both types and any number of calls."""
    sealing = Sealing(LEDGER, ATTEMPT, 3)
    subscriptions = [f"s-{n}" for n in range(20)]
    row = ("azure.acr", TENANT, "?", "", "VM", "", "", SEPTEMBER, 1, 1)
    stated = pl.DataFrame([row] * 20, schema=STATEMENT_SCHEMA, orient="row").with_columns(
        subscription=pl.Series(subscriptions)
    )
    grown = stated.select(
        *DIMENSIONS,
        pl.col("month").alias("date"),
        mark=pl.lit("growth"),
        delta_micro="value_micro",
        level_micro=pl.lit(None, pl.Int64),
        gap_from=pl.lit(None, pl.Date),
        row="row",
    ).cast(INCREMENT_SCHEMA)
    numbers: dict[int, list[int]] = {0: [], 1: [], 2: []}
    told_so: list[tuple[Record, pl.DataFrame]] = [("statement", stated), ("increment", grown)]
    for record, rows in [*told_so, *told_so[1:]]:
        for sent in sealing.records(record, rows):
            for headers in sent.headers:
                named = told(headers, SOURCE)
                assert named is not None
                assert named.record == record
                assert named.name[:2] == (ATTEMPT, sent.partition)
                numbers[sent.partition].append(named.name.number)
    assert all(found == list(range(len(found))) for found in numbers.values())
    assert sum(map(len, numbers.values())) > 40


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it | {"ce_source": b"urn:attribution:ledger:l-other"},
        lambda it: it | {"ce_type": b"usage.increment.v2"},
        lambda it: it | {"ce_id": b"u-1/1"},
        lambda it: it | {"ce_id": b"u-1/1/1/1"},
        lambda it: it | {"ce_id": b"u-1/-1/1"},
        lambda it: it | {"ce_id": b"u-1/1/01"},
        lambda it: it | {"ce_id": "u-1/1/²".encode()},
        lambda it: it | {"ce_id": b"u-1/1/" + b"9" * 40},
        lambda it: {name: text for name, text in it.items() if name != "ce_id"},
        lambda _: {},
    ],
)
def test_a_strangers_record_is_told(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> None:
    """By its source, its type, or an id of another form."""
    (sent,) = sealed("statement", statements(1))
    own = dict(sent.headers[0])
    assert told(list(own.items()), SOURCE) == Told(Name(ATTEMPT, 1, 0), "statement")
    assert told(list(change(own).items()), SOURCE) is None


@pytest.mark.parametrize(
    "record,value",
    [
        ("increment", b""),
        ("increment", b"{}"),
        ("increment", b"\xff{"),
        ("increment", b'{"a":1}\n{"a":2}'),
        ("increment", b'{"metric":"m365.mau","date":"2023-13-01","mark":"gap","row":1}'),
        ("increment", b'{"metric":"m365.mau","date":"2023-12-01","mark":"gap","row":-1}'),
        ("statement", b"S\ta\n"),
        ("statement", b"S\tm365.mau" + b"\t" * 7 + b"2023-09-01\t\t\tmany\t\t4\n"),
        ("statement", b"S\tm365.mau" + b"\t" * 7 + b"2023-09-01\t\t\t1\t\t\n"),
        ("statement", b"S\tm365.mau" + b"\t" * 7 + b"September\t\t\t1\t\t4\n"),
    ],
)
def test_a_value_that_is_no_row_is_refused(record: Record, value: bytes) -> None:
    """One error, whatever is wrong with it, also among good ones."""
    rows = {"increment": _example()[1], "statement": _example()[0]}[record]
    (good,) = sealed(record, rows)
    assert len(rows_of(record, good.values)) == 1
    with pytest.raises(UnreadableRowsError):
        rows_of(record, [*good.values, value])


@given(keys=st.lists(st.text(max_size=50)), count=st.integers(1, 300))
def test_a_column_of_keys_is_placed_as_the_client_places_each(keys: list[str], count: int) -> None:
    """The partitions of kafka-python, which are Java's, for any text."""
    expected = [(murmur2(key.encode("utf-8")) & 0x7FFFFFFF) % count for key in keys]
    assert partitions_of(pl.Series(keys, dtype=pl.String), count).to_list() == expected


def _example() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the page's example."""
    key = ("m365.mau", TENANT, "", "teams", "", "", "")
    stated = (*key, SEPTEMBER, 120_000_000, 2)
    grown = (*key, SEPTEMBER, "gap", 20_000_000, 120_000_000, date(2023, 7, 1), 2)
    return (
        pl.DataFrame([stated], schema=STATEMENT_SCHEMA, orient="row"),
        pl.DataFrame([grown], schema=INCREMENT_SCHEMA, orient="row"),
    )


def test_the_pages_example_is_what_is_written() -> None:
    """Its values, ids, partition and digest, byte for byte."""
    page = (ROOT / "docs" / "usage_topic.md").read_bytes()
    stated, grown = _example()
    sealing = Sealing(LEDGER, ATTEMPT, 6)
    (first,), (second,) = sealing.records("statement", stated), sealing.records("increment", grown)
    found = re.search(rb"```text\n(S.*\n)(\{.*\})\n```", page)
    assert found
    assert found.groups() == (first.values[0], second.values[0])
    assert (first.partition, second.partition) == (1, 1)
    digest = Digest()
    digest.feed("statement", stated)
    digest.feed("increment", grown)
    assert f"`{digest.hex()}`".encode() in page
    for sent in (first, second):
        assert b"`%s`" % dict(sent.headers[0])["ce_id"] in page
        rows = [line for line in page.decode().splitlines() if line.startswith("| `")]
        assert [name for name, _ in sent.headers[0]] == [line.split("`")[1] for line in rows]


def test_the_examples_of_the_modules_hold() -> None:
    """What their docstrings show is what they give."""
    for module in (partitions, topic_records):
        told_of = doctest.testmod(module)
        assert (told_of.failed, told_of.attempted > 0) == (0, True)
