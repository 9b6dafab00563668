"""What one cell of a report may hold, and what it means: months, amounts, tenants, names.

Everything here works on whole columns; only values that occur rarely (month spellings, workload
names) are looked at one by one, once for each spelling.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date

import polars as pl

MICRO = 1_000_000
LARGEST_UNITS = 1_000_000_000
"""No single row states more than this many units: a longer number is a slip."""

FIRST_YEAR, LAST_YEAR = 1970, 2148
"""The years a day column of the analytics engine can hold."""

_MIDNIGHT = r"(?:[T ](?:00:00(?::00(?:\.0+)?)?Z?|12:00(?::00)? AM))?"
_ISO_DAY = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}}){_MIDNIGHT}", re.ASCII)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_US_DAY = re.compile(rf"(\d{{1,2}})/(\d{{1,2}})/(\d{{4}}){_MIDNIGHT}", re.ASCII)
_NAMED_MONTH = re.compile(r"([A-Za-z]+)[.]?(?:,? +|-)(\d{4})", re.ASCII)
_MONTHS = {
    spelling.lower(): number
    for number in range(1, 13)
    for spelling in (calendar.month_name[number], calendar.month_abbr[number])
} | {"sept": 9}

GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
CONTROL = r"[\x00-\x1f\x7f-\x9f\u{2028}\u{2029}]"


def month_of(text: str) -> date | None:
    """The first day of the month that ``text`` spells, or None when it spells no month.

    Spellings of partner_center_files.md: a day must be the first of its month, so that a day that
    stands before the month (``1/9/2023`` for September) is refused and never read as January.

    >>> month_of("September, 2023"), month_of("9/1/2023"), month_of("2023-09")
    (datetime.date(2023, 9, 1), datetime.date(2023, 9, 1), datetime.date(2023, 9, 1))
    >>> month_of("2023-13-01"), month_of("1/9/2023")
    (None, None)
    """
    if found := _ISO_DAY.fullmatch(text):
        return _first_of(found[1], found[2], found[3])
    if found := _ISO_MONTH.fullmatch(text):
        return _first_of(found[1], found[2], "1")
    if found := _US_DAY.fullmatch(text):
        return _first_of(found[3], found[1], found[2])
    if (found := _NAMED_MONTH.fullmatch(text)) and found[1].lower() in _MONTHS:
        return _first_of(found[2], str(_MONTHS[found[1].lower()]), "1")
    return None


def _first_of(year: str, month: str, day: str) -> date | None:
    fits = FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= 12 and int(day) == 1
    return date(int(year), int(month), 1) if fits else None


def translated(
    frame: pl.DataFrame, field: str, meaning: Callable[[str], object | None], kind: pl.DataType
) -> pl.Series:
    """The column ``field`` through ``meaning``, called once for each different spelling."""
    spellings = frame.get_column(field).drop_nulls().unique()
    meanings = pl.Series([meaning(text) for text in spellings], dtype=kind)
    return frame.get_column(field).replace_strict(
        spellings, meanings, default=None, return_dtype=kind
    )


def amount_micro(field: str) -> pl.Expr:
    """The amount in ``field`` in micro-units, or null when it is no plain number or too large.

    More than six decimals are rounded to the nearest micro-unit, halves to the even one.
    """
    number = pl.col(field).cast(pl.Decimal(38, 6), strict=False)
    micro = number.to_physical().cast(pl.Int64, strict=False)
    bound = LARGEST_UNITS * MICRO
    return pl.when(micro.is_between(-bound, bound)).then(micro)


def is_guid(field: str) -> pl.Expr:
    """True where ``field`` is a GUID in lower case."""
    return pl.col(field).str.contains(GUID)


def guid_lowered(field: str) -> pl.Expr:
    """``field`` in lower case where that makes it a GUID, else as it stands."""
    lowered = pl.col(field).str.to_lowercase()
    return pl.when(lowered.str.contains(GUID)).then(lowered).otherwise(pl.col(field)).alias(field)
