"""Columns by alias."""

from __future__ import annotations

import pytest

from ledger.usage.reports.columns import (
    MissingColumnError,
    RepeatedColumnError,
    find_columns,
    folded,
    names_of,
)


@pytest.mark.parametrize("field", sorted(names_of("columns")))
def test_every_alias_is_found_whatever_its_case(field: str) -> None:
    """Upper, lower, with spaces or underscores."""
    for alias in names_of("columns")[field]:
        for spelled in (alias, alias.upper(), alias.lower(), f" {alias} ", f"_{alias}_"):
            assert find_columns("f", ["x", spelled], [field], []).index == {field: 1}


def test_no_name_stands_for_two_fields() -> None:
    """Else one column would be read as two things."""
    fields = [{folded(alias) for alias in aliases} for aliases in names_of("columns").values()]
    spelled = [name for names in fields for name in names]
    assert len(spelled) == len(set(spelled))


def test_a_missing_column_is_named_with_file_and_aliases() -> None:
    """What is needed, under which names, and what was found instead."""
    with pytest.raises(MissingColumnError) as missing:
        find_columns("usage.tsv", ["MpnId", "Month"], ["tenant", "month"], [])
    assert "usage.tsv" in missing.value.message
    assert "CustomerTenantId, CustomerTenantID, TenantId" in missing.value.message
    assert "MpnId, Month" in missing.value.hint


def test_the_first_alias_wins_and_unknown_columns_are_named() -> None:
    """A known column that is not needed is no surprise; an unknown one is listed."""
    layout = find_columns("f", ["PartnerID", "Colour", "MPNID"], ["partner"], ["exported"])
    assert layout.index == {"partner": 2}
    assert layout.ignored == ("Colour",)


def test_a_column_that_stands_twice_is_refused() -> None:
    """Nobody could tell which of the two holds."""
    with pytest.raises(RepeatedColumnError, match="'month'"):
        find_columns("f", ["Month", "month"], ["month"], [])
