"""Usage rows as records of the usage topic, and back (docs/usage_topic.md).

An increment is one record, a CloudEvent in binary mode; statements, which nobody but a ledger
needs, lie many in one record. Both directions work on columns: Python sees a list of bytes, never
the fields of a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from ledger.usage.batches import require_in_key
from ledger.usage.metrics import metric
from ledger.usage.partitions import partitions_of
from ledger.usage.rows import (
    DIMENSIONS,
    INCREMENT_SCHEMA,
    Record,
    canonical_text,
    rows_from_text,
)
from schemas.cloud_event import source_urn

Headers = list[tuple[str, bytes]]

INCREMENT = b"usage.increment.v1"
STATEMENTS = b"usage.statements.v1"
TYPES: dict[Record, bytes] = {"increment": INCREMENT, "statement": STATEMENTS}
RECORDS: dict[bytes, Record] = {name: record for record, name in TYPES.items()}
_CONTENT: dict[Record, bytes] = {
    "increment": b"application/json",
    "statement": b"text/tab-separated-values",
}

STATEMENTS_AT_ONCE = 500
"""Statements in one record, at most."""

RECORD_BYTES = 512 * 1024
"""The value of one record, at most; a topic takes a megabyte."""


class Sent(NamedTuple):
    """Records of one attempt for one partition, in order, and the rows that they carry."""

    partition: int
    record: Record
    first_number: int
    keys: list[bytes | None]
    values: list[bytes]
    headers: list[Headers]
    rows: pl.DataFrame


class Name(NamedTuple):
    """Which record of which attempt this is, as its ``ce_id`` says: ATTEMPT/PARTITION/NUMBER."""

    attempt: str
    partition: int
    number: int

    def to_bytes(self) -> bytes:
        """As the header holds it.

        >>> Name("u-1", 3, 17).to_bytes()
        b'u-1/3/17'
        """
        return b"%s/%d/%d" % (self.attempt.encode(), self.partition, self.number)


class Told(NamedTuple):
    """What the headers of a usage record say."""

    name: Name
    record: Record


class UnreadableRowsError(ValueError):
    """The value of a record is not what its type promises."""


class Sealing:
    """Makes the records of one attempt, numbered in each of ``partitions``."""

    def __init__(self, ledger: str, attempt: str, partitions: int) -> None:
        self._attempt, self._partitions = attempt, partitions
        self._numbers: Counter[int] = Counter()
        source = source_urn(ledger).encode()
        self._constant: dict[Record, list[tuple[str, bytes]]] = {
            record: [
                ("ce_specversion", b"1.0"),
                ("ce_source", source),
                ("ce_type", name),
                ("content-type", _CONTENT[record]),
            ]
            for record, name in TYPES.items()
        }

    def records(self, record: Record, rows: pl.DataFrame) -> Iterator[Sent]:
        """The records of rows of one metric, partition by partition, in the order of the rows."""
        require_in_key(rows)
        keys = rows.select(key=_key()).to_series()
        placed = rows.with_columns(keys, partition=partitions_of(keys, self._partitions))
        parts = placed.partition_by("partition", as_dict=True, maintain_order=True)
        for (number,), part in sorted(parts.items()):
            own = part.drop("key", "partition")
            yield self._sealed(int(number), record, part.get_column("key"), own)

    def placed(self, partition: int, record: Record, rows: pl.DataFrame) -> Sent:
        """The records of rows of one metric in a partition, whatever their keys say."""
        require_in_key(rows)
        return self._sealed(partition, record, rows.select(key=_key()).to_series(), rows)

    def _sealed(self, partition: int, record: Record, keys: pl.Series, rows: pl.DataFrame) -> Sent:
        values: list[bytes]
        if record == "increment":
            values = _json(rows)
            named = keys.cast(pl.Binary).to_list()
        else:
            values = [text for part in rows.iter_slices(STATEMENTS_AT_ONCE) for text in _text(part)]
            named = [None] * len(values)
        first = self._numbers[partition]
        self._numbers[partition] += len(values)
        names = range(first, first + len(values))
        before = b"%s/%d/" % (self._attempt.encode(), partition)
        rest = self._constant[record]
        headers: list[Headers] = [[("ce_id", b"%s%d" % (before, n)), *rest] for n in names]
        return Sent(partition, record, first, named, values, headers, rows)


def told(headers: Headers, source: bytes) -> Told | None:
    """What the headers of a record say; None for a record that is not of the ledger's usage."""
    found = dict(headers)
    record = RECORDS.get(found.get("ce_type", b""))
    if record is None or found.get("ce_source") != source:
        return None
    words = found.get("ce_id", b"").split(b"/")
    if len(words) != 3 or not all(
        word.isdigit() and len(word) < 19 and word == b"%d" % int(word) for word in words[1:]
    ):
        return None
    return Told(Name(words[0].decode("utf-8", "replace"), int(words[1]), int(words[2])), record)


def rows_of(record: Record, values: Sequence[bytes]) -> pl.DataFrame:
    """The rows that records carry, in order; raises ``UnreadableRowsError`` where one can't."""
    try:
        found = _increments(values) if record == "increment" else _statements(values)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise UnreadableRowsError(f"a record of usage can't be read: {error}") from error
    if record == "increment" and len(found) != len(values):
        raise UnreadableRowsError(f"{len(values)} records carry {len(found)} increments")
    needed = found.select(pl.exclude("level_micro", "gap_from"))
    if needed.null_count().sum_horizontal().item():
        raise UnreadableRowsError("a row of usage lacks a field that each has")
    return found


def _key() -> pl.Expr:
    """What a row's record is keyed by: its subscription, or else its tenant."""
    return pl.when(pl.col("subscription") == "").then("tenant").otherwise("subscription")


def _json(rows: pl.DataFrame) -> list[bytes]:
    """Each row as a JSON object, without the dimensions its metric does not have."""
    name = rows.item(0, "metric")
    kept = ["metric", *metric(name).key, *INCREMENT_SCHEMA.names()[len(DIMENSIONS) :]]
    encoded = rows.select(pl.struct(kept).struct.json_encode().cast(pl.Binary))
    return encoded.to_series().to_list()


def _text(rows: pl.DataFrame) -> Iterator[bytes]:
    """Statements as canonical lines, in as many records as their size asks for."""
    text = canonical_text("statement", rows)
    if len(text) <= RECORD_BYTES or len(rows) == 1:
        yield text
        return
    half = len(rows) // 2
    yield from _text(rows[:half])
    yield from _text(rows[half:])


_JSON_SCHEMA = {**INCREMENT_SCHEMA, "date": pl.String(), "gap_from": pl.String()}


def _increments(values: Sequence[bytes]) -> pl.DataFrame:
    found = pl.read_ndjson(b"\n".join(values), schema=_JSON_SCHEMA)
    return found.select(
        pl.col(DIMENSIONS).fill_null(""),
        pl.col("date").str.to_date("%Y-%m-%d"),
        "mark",
        "delta_micro",
        "level_micro",
        pl.col("gap_from").str.to_date("%Y-%m-%d"),
        "row",
    )


def _statements(values: Sequence[bytes]) -> pl.DataFrame:
    return rows_from_text("statement", b"".join(values))
