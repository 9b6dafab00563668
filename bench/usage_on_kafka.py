"""Usage onto Kafka: an attempt's rows sent, read back and kept, against bare sending."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import polars as pl
from kafka import KafkaProducer

from bench import market
from bench.blocks import Pace, Plan, alternate, pace, repeat
from bench.table import Row, at_least, compared
from ledger.cluster.bulk_kafka_python import producer_settings
from ledger.cluster.clients import kafka_python
from ledger.cluster.place import Place
from ledger.cluster.topics import create
from ledger.usage.decisions import Decided, WithdrawDecision
from ledger.usage.kafka_log import CHUNK_ROWS, KafkaUsageLog, opened
from ledger.usage.rows import DIMENSIONS, INCREMENT_SCHEMA, STATEMENT_SCHEMA
from ledger.usage.topic_records import Sealing, Sent
from scripts.kafka.broker import Broker, BrokerUnavailableError

VARIABLE = "LEDGER_TEST_KAFKA"
CLIENT = "ATTRIBUTION_KAFKA_BULK_CLIENT"
MONTHS, WORKLOADS = 12, ("exchange", "sharepoint", "teams", "intune", "yammer")


def measure(plan: Plan) -> Iterator[Row]:
    """Both clients: statements and increments of one metric; a row is counted by its increment.

    On the brokers of ``LEDGER_TEST_KAFKA``, else on one that is started here, on the same cores.
    """
    named = os.environ.get(VARIABLE)
    if named:
        yield from _measured(plan, named)
        return
    try:
        started = Broker(plan.new_folder("kafka")).start()
    except BrokerUnavailableError as error:
        yield Row(f"usage onto Kafka: not measured, {error}", "")
        return
    with started:
        yield from _measured(plan, started.servers)


def _measured(plan: Plan, servers: str) -> Iterator[Row]:
    rounds = plan.pick(1, 5)
    told = "usage onto Kafka, read back and kept"
    rows = plan.pick(600, 60_000)
    found = alternate(rounds, _appends(plan, servers, rows, "kafka-python"), _raw(servers, rows))
    yield compared(f"{told}, kafka-python", "increments/s", found, "bare sending", 0.6)
    rows = plan.pick(600, 300_000)
    fast = repeat(rounds, _appends(plan, servers, rows, "confluent-kafka"))
    yield at_least(f"{told}, confluent-kafka", "increments/s", fast, 45_000, 100_000)


def _appends(plan: Plan, servers: str, rows: int, client: str) -> Callable[[], Pace]:
    """An attempt of so many increments, with as many statements, each time on topics of its own."""
    stated, grown = _rows(rows)

    def block() -> Pace:
        os.environ[CLIENT] = client
        place = _place(servers)
        path = Path(mkdtemp(dir=plan.folder)) / "usage.db"
        with closing(KafkaUsageLog(path, "l-bench", partial(opened, place))) as log:
            log.append("u-warm", [stated[:10]], [grown[:10]])

            def work() -> None:
                cuts = log.append("u-bench", stated.iter_slices(50_000), grown.iter_slices(50_000))
                assert sum(cut.count for cut in cuts) == 2 * rows
                decision = WithdrawDecision(
                    report="r",
                    attempt="u-bench",
                    basis=0,
                    cut=tuple(cuts),
                    metrics=("m365.mau",),
                    reason="",
                    increments=rows,
                )
                log.hold([Decided(1, decision)])

            return pace(rows, work)

    return block


def _raw(servers: str, rows: int) -> Callable[[], Pace]:
    """The same increments, ready as records, handed to kafka-python and acknowledged."""
    sealing = Sealing("l-bench", "u-bench", 6)
    _, grown = _rows(rows)
    ready: list[Sent] = [
        sent
        for part in grown.iter_slices(CHUNK_ROWS)
        for sent in sealing.records("increment", part)
    ]

    def block() -> Pace:
        place = _place(servers)
        producer = KafkaProducer(**kafka_python(place), **producer_settings(place))
        producer.send(place.usage, b"warm", partition=0)
        producer.flush()

        def work() -> None:
            handed = [
                producer.send(
                    place.usage, key=key, value=value, headers=headers, partition=sent.partition
                )
                for sent in ready
                for key, value, headers in zip(sent.keys, sent.values, sent.headers, strict=True)
            ]
            producer.flush()
            assert all(one.succeeded() for one in handed)

        found = pace(rows, work)
        producer.close()
        return found

    return block


def _place(servers: str) -> Place:
    place = Place(servers, f"bench-{secrets.token_hex(4)}")
    create(place)
    return place


def _rows(count: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Statements and increments of active users, of a year and five workloads a tenant."""
    each = MONTHS * len(WORKLOADS)
    places = pl.DataFrame({"n": pl.int_range(count, eager=True)})
    tenants = [market.tenant(n) for n in range(count // each + 1)]
    months = [date(2023, month, 1) for month in range(1, MONTHS + 1)]
    number = pl.col("n") // each
    keyed = places.select(
        metric=pl.lit("m365.mau"),
        tenant=number.replace_strict(range(len(tenants)), tenants, return_dtype=pl.String),
        subscription=pl.lit(""),
        workload=(pl.col("n") // MONTHS % len(WORKLOADS)).replace_strict(
            range(len(WORKLOADS)), WORKLOADS, return_dtype=pl.String
        ),
        **dict.fromkeys(DIMENSIONS[4:], pl.lit("")),
        month=(pl.col("n") % MONTHS).replace_strict(range(MONTHS), months, return_dtype=pl.Date),
        value_micro=pl.col("n") % 900 * 1_000_000,
        row=(pl.col("n") + 2).cast(pl.UInt32),
    )
    grown = keyed.with_columns(
        date="month",
        mark=pl.lit("growth"),
        delta_micro=pl.col("value_micro") - 5_000_000,
        level_micro="value_micro",
        gap_from=pl.lit(None, pl.Date),
    )
    return keyed.select(STATEMENT_SCHEMA.names()), grown.select(INCREMENT_SCHEMA.names())
