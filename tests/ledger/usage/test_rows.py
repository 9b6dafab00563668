"""Canonical lines: the text a digest covers is fixed for ever."""

from __future__ import annotations

import hashlib
from datetime import date

import polars as pl

from ledger.usage.rows import (
    DIMENSIONS,
    INCREMENT_SCHEMA,
    LINE_COLUMNS,
    STATEMENT_SCHEMA,
    canonical_text,
)


def test_a_statement_is_one_line_of_fixed_columns() -> None:
    """Its month stands under date, its value under level; what it does not have is empty."""
    rows = pl.DataFrame(
        [("azure.acr", "t", "s", "", 'Disk, "P10"', "", "", date(2023, 9, 1), -1_500_000, 4)],
        schema=STATEMENT_SCHEMA,
        orient="row",
    )
    assert canonical_text("statement", rows) == (
        b'S\tazure.acr\tt\ts\t\tDisk, "P10"\t\t\t2023-09-01\t\t\t-1500000\t\t4\n'
    )


def test_an_increment_is_one_line_of_fixed_columns() -> None:
    """An absent level and an absent gap are empty."""
    day = date(2023, 9, 1)
    keys = ("m365.mau", "t", "", "teams", "", "", "")
    rows = pl.DataFrame(
        [
            (*keys, day, "gap", 20, 120, date(2023, 7, 1), 2),
            (*keys, day, "growth", -5, None, None, 0),
        ],
        schema=INCREMENT_SCHEMA,
        orient="row",
    )
    assert canonical_text("increment", rows) == (
        b"I\tm365.mau\tt\t\tteams\t\t\t\t2023-09-01\tgap\t20\t120\t2023-07-01\t2\n"
        b"I\tm365.mau\tt\t\tteams\t\t\t\t2023-09-01\tgrowth\t-5\t\t\t0\n"
    )


def test_the_line_has_as_many_fields_as_it_names() -> None:
    """Readers in other languages go by the list of columns."""
    rows = STATEMENT_SCHEMA.to_frame().clear(1).with_columns(pl.col(DIMENSIONS).fill_null(""))
    (line,) = canonical_text("statement", rows).decode().splitlines()
    assert line.count("\t") + 1 == len(LINE_COLUMNS)


def test_no_rows_have_no_text() -> None:
    """The digest of nothing is the SHA-256 of nothing."""
    text = canonical_text("increment", INCREMENT_SCHEMA.to_frame())
    assert hashlib.sha256(text).hexdigest() == hashlib.sha256(b"").hexdigest()
