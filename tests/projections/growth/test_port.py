"""What every back end of the port promises: the embedded ClickHouse and a server alike."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from projections.growth import store
from projections.growth.engine import AnalyticsEngine, AnalyticsError, ChdbEngine
from projections.growth.growth import growth
from projections.growth.literals import Parameter
from projections.growth.server import ServerEngine
from tests.clickhouse.servers import server
from tests.projections.growth.estate import Estate
from tests.projections.growth.feeding import dump
from tests.projections.growth.small_estate import small_estate

NUMBERS = """
CREATE TABLE numbers (a Int64) ENGINE = MergeTree ORDER BY a
SETTINGS non_replicated_deduplication_window = 100
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server's address."""
    with server(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture(params=["embedded", "server"])
def engine(request: pytest.FixtureRequest, analytics: Path) -> Iterator[AnalyticsEngine]:
    """Each back end, on a database nobody used before."""
    database = f"test_{secrets.token_hex(8)}"
    made: AnalyticsEngine
    if request.param == "embedded":
        made = ChdbEngine(analytics, database=database)
    else:
        made = ServerEngine(f"{request.getfixturevalue('address')}/{database}")
    yield made
    made.close()


def numbers(*values: int) -> pa.Table:
    """A table of one column."""
    return pa.table({"a": pa.array(values, pa.int64())})


@pytest.mark.parametrize(
    "value, kind",
    [
        ("it's \\ \n \t \r \0 é {a:String}", "String"),
        ("\\N", "String"),
        (["k'1", "a\\b", "n\nl", ""], "Array(String)"),
        ([], "Array(String)"),
        (9_223_372_036_854_775_807, "Int64"),
        (date(2023, 8, 1), "Date"),
        ([date(2023, 8, 1), date(1970, 1, 1)], "Array(Date)"),
    ],
)
def test_a_parameter_comes_back_as_it_was(
    engine: AnalyticsEngine, value: Parameter, kind: str
) -> None:
    """Whatever it holds, a value is never read as SQL."""
    answer = engine.query(f"SELECT {{value:{kind}}} AS x", {"value": value})
    assert answer["x"].to_pylist() == [value]


def test_columns_of_every_sort_come_back_as_they_were(engine: AnalyticsEngine) -> None:
    """Texts that repeat, marks, dates, absent values, and an answer without a row."""
    engine.execute("""
        CREATE TABLE sorts
        (
            word LowCardinality(String), mark Enum8('opening' = 1, 'gap' = 3), day Date,
            level Nullable(Int64), gap_from Nullable(Date), small UInt8, large UInt64
        )
        ENGINE = MergeTree ORDER BY word""")
    rows = pa.table(
        {
            "word": ["é", "x", "x"],
            "mark": ["gap", "opening", "gap"],
            "day": pa.array([date(2023, 1, 1), date(1970, 1, 1), date(2100, 1, 1)], pa.date32()),
            "level": pa.array([None, -5, 2**62], pa.int64()),
            "gap_from": pa.array([date(2022, 1, 1), None, None], pa.date32()),
            "small": pa.array([0, 1, 255], pa.uint8()),
            "large": pa.array([0, 1, 2**63], pa.uint64()),
        }
    )
    engine.insert_arrow("sorts", rows, "t")
    found = engine.query("SELECT * REPLACE (toString(mark) AS mark) FROM sorts ORDER BY small")
    assert found.to_pylist() == rows.to_pylist()
    nothing = engine.query("SELECT * FROM sorts WHERE small = 7")
    assert (nothing.num_rows, nothing.column_names) == (0, rows.column_names)


def test_an_insert_is_one_part_and_happens_once_for_its_token(engine: AnalyticsEngine) -> None:
    """Many Arrow chunks are one block; the same token adds nothing, in the views neither."""
    engine.execute(NUMBERS)
    engine.execute("""
        CREATE TABLE sums (total Int64) ENGINE = MergeTree ORDER BY total
        SETTINGS non_replicated_deduplication_window = 100""")
    engine.execute("CREATE MATERIALIZED VIEW v TO sums AS SELECT sum(a) AS total FROM numbers")
    rows = pa.concat_tables([numbers(*range(at, at + 500)) for at in range(0, 50_000, 500)])
    for token in ("it's 1", "it's 1", "2"):
        engine.insert_arrow("numbers", rows, token)
    counted = engine.query("SELECT count() AS rows, uniqExact(a) AS values FROM numbers")
    assert counted.to_pylist() == [{"rows": 100_000, "values": 50_000}]
    totals = engine.query("SELECT total FROM sums")["total"].to_pylist()
    assert totals == [sum(range(50_000))] * 2
    blocks = engine.query(
        "SELECT sum(max_block_number - min_block_number + 1) AS blocks FROM system.parts "
        "WHERE active AND table = 'numbers' AND database = currentDatabase()"
    )
    assert blocks["blocks"].to_pylist() == [2]


def test_a_refused_statement_says_what_clickhouse_said(engine: AnalyticsEngine) -> None:
    """The error is ours, with ClickHouse's words; the engine answers on."""
    with pytest.raises(AnalyticsError, match="nowhere"):
        engine.query("SELECT * FROM nowhere")
    with pytest.raises(AnalyticsError, match="numbers"):
        engine.insert_arrow("numbers", numbers(1), "t")
    assert engine.query("SELECT 1 AS one")["one"].to_pylist() == [1]


def test_a_closed_engine_answers_no_more_and_may_be_closed_again(engine: AnalyticsEngine) -> None:
    """Closing lets go of what is held; a second time does nothing."""
    engine.rest()
    engine.close()
    engine.close()
    with pytest.raises(AnalyticsError, match="closed"):
        engine.query("SELECT 1")


def test_growth_is_fed_and_told_alike(
    engine: AnalyticsEngine, analytics: Path, estate: Estate
) -> None:
    """The same estate gives the same tables and answers as in a fresh embedded ClickHouse."""
    small_estate(estate)
    fresh = ChdbEngine(analytics, database=f"test_{secrets.token_hex(8)}")
    for each in (fresh, engine):
        estate.feed(each)
    by = ("month", "partner", "tenant")
    assert growth(engine, by=by).rows() == growth(fresh, by=by).rows()
    assert growth(engine, by=by).rows() != []
    assert dump(engine) == dump(fresh)
    store.drop_tables(engine)
    estate.feed(engine)
    assert dump(engine) == dump(fresh)
    fresh.close()
