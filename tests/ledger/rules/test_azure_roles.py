"""Which Azure roles count where: dated lists that a reader can check (domain.md §6.2, §13.1)."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.rules import azure_roles
from ledger.rules.azure_roles import Verdict, counting_for, list_of, reported_as

LATE = date(2023, 7, 1)


@pytest.mark.parametrize(
    "role, on, programmes",
    [
        ("Owner", LATE, ("MCI", "PEC")),
        ("contributor", LATE, ("MCI", "PEC")),
        ("Reader", LATE, ()),
        ("Support Request Contributor", LATE, ("PEC",)),
        ("Virtual Machine Contributor", LATE, ("PEC",)),
        ("Backup Reader", LATE, ()),
        ("Our own role", LATE, ()),
        ("Owner", date(2021, 9, 30), ("PEC",)),
        ("Owner", date(2021, 10, 1), ("MCI", "PEC")),
        ("Owner", date(2019, 12, 31), ()),
    ],
)
def test_a_programme_counts_the_roles_of_its_list(
    role: str, on: date, programmes: tuple[str, ...]
) -> None:
    """From the first day of the list on; a Reader counts in none."""
    assert counting_for(role, on) == programmes


def test_the_pec_list_is_as_long_as_the_source_says() -> None:
    """About a hundred roles count and about 25, mostly readers, do not (domain.md §6.2)."""
    pec = list_of("PEC", LATE)
    assert pec is not None
    assert (len(pec.counts), len(pec.counts_not)) == (98, 24)
    assert not pec.counts & pec.counts_not
    assert sum("read" in role for role in pec.counts_not) > 20


def test_an_unlisted_role_is_told_apart_from_one_that_does_not_count() -> None:
    """Neither counts; the answer says which it is."""
    pec = list_of("PEC", LATE)
    assert pec is not None
    found = [pec.says(role) for role in ("Owner", "Reader", "Our own role")]
    assert found == [Verdict.COUNTS, Verdict.COUNTS_NOT, Verdict.NOT_LISTED]


def test_every_list_names_its_source() -> None:
    """A reader can check it."""
    table = azure_roles.table()
    for source in (one.source for part in (table.lists, table.reported) for one in part):
        assert "domain.md §" in source


@pytest.mark.parametrize(
    "role, on, name",
    [
        ("Owner", LATE, "PAL.Contributor"),
        ("Contributor", LATE, "PAL.Contributor"),
        ("Reader", LATE, "PAL.Reader"),
        ("Owner", date(2021, 9, 30), "PAL.Owner"),
    ],
)
def test_an_owner_is_reported_as_a_contributor(role: str, on: date, name: str) -> None:
    """In the months of the transaction history since October 2021 (domain.md §14.15)."""
    assert reported_as(role, on) == name
