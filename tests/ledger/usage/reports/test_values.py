"""Cells of a report: months, amounts and identifiers, with every documented spelling."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.usage.reports.values import LARGEST_UNITS, amount_micro, guid_lowered, month_of

SEPTEMBER = date(2023, 9, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2023-09-01",
        "9/1/2023",
        "09/01/2023",
        "2023-09",
        "September, 2023",
        "september 2023",
        "2023-09-01T00:00:00Z",
        "9/1/2023 12:00:00 AM",
    ],
)
def test_every_spelling_of_a_month_is_its_first_day(text: str) -> None:
    """The spellings of partner_center_files.md, and midnight behind a day."""
    assert month_of(text) == SEPTEMBER


@pytest.mark.parametrize(
    "text",
    [
        "2023-13-01", "2023-00", "13/1/2023", "2023-09-15", "1/9/2023", "Septembre, 2023",
        "2023", "", "2023-09-01T10:00:00", "1900-01-01", "2149-01", "٢٠٢٣-٠٩",
    ],
)  # fmt: skip
def test_what_is_no_first_day_of_a_month_is_none(text: str) -> None:
    """A day before the month is never read as a month, nor a month that does not exist."""
    assert month_of(text) is None


def micro(*texts: str) -> list[int | None]:
    """The amounts of a column."""
    frame = pl.DataFrame({"amount": texts}, schema={"amount": pl.String})
    return frame.select(amount_micro("amount")).to_series().to_list()


@given(st.decimals(-LARGEST_UNITS, LARGEST_UNITS, allow_nan=False, places=9))
def test_an_amount_is_exact_to_the_micro_unit(amount: Decimal) -> None:
    """Never through a float; a half goes to the even micro-unit."""
    exact = (amount * 1_000_000).to_integral_value(ROUND_HALF_EVEN)
    assert micro(f"{amount:f}") == [int(exact)]


def test_spreadsheet_numbers_are_read() -> None:
    """Exponents, signs and missing zeros are numbers."""
    assert micro("1.5E-05", "+3", ".5", "5.", "-.25") == [
        15,
        3_000_000,
        500_000,
        5_000_000,
        -250_000,
    ]


@pytest.mark.parametrize("text", ["abc", "1,234", "1 234", "NaN", "inf", "0x10", "--1", "1e300",
                                  f"{LARGEST_UNITS + 1}", "12 users", "٣"])  # fmt: skip
def test_what_is_no_plain_number_is_none(text: str) -> None:
    """Also a thousands separator, which elsewhere is a decimal point, and what is far too large."""
    assert micro(text) == [None]


def test_only_a_guid_is_put_in_lower_case() -> None:
    """Other identifiers stay as they are spelled."""
    guid = "ABCDEF00-0000-4000-8000-000000000001"
    frame = pl.DataFrame({"id": [guid, "S-1"]})
    assert frame.select(guid_lowered("id")).to_series().to_list() == [guid.lower(), "S-1"]
