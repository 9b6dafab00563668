"""The earning matrix on Azure consumption, row by row as the source states it (domain.md §13.1)."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.rules.azure_earning import Attachment, earning

ON = date(2023, 7, 1)
A, B = "partner-a", "partner-b"
TPOR_A, TPOR_B = Attachment(A, "TPOR"), Attachment(B, "TPOR")


def pal(role: str, partner: str = A) -> Attachment:
    """A link of a partner with a role."""
    return Attachment(partner, "PAL", role)


@pytest.mark.parametrize(
    "attached, mci, enterprise",
    [
        ([pal("Owner")], {A}, set()),
        ([pal("Contributor")], {A}, set()),
        ([pal("Reader")], set(), set()),
        ([TPOR_A], set(), {A}),
        ([pal("Owner"), TPOR_A], {A}, set()),
        ([pal("Contributor"), TPOR_A], {A}, set()),
        ([pal("Owner"), TPOR_B], {A}, {B}),
        ([pal("Contributor"), TPOR_B], {A}, {B}),
        # Beyond the rows of the source:
        ([pal("Reader"), TPOR_A], set(), {A}),
        ([pal("Owner"), pal("Contributor", B)], {A, B}, set()),
        ([pal("Owner"), pal("Reader"), TPOR_A, TPOR_B], {A}, {B}),
        ([Attachment(A, "CSP_T1"), Attachment(A, "DPOR")], set(), set()),
        ([Attachment(A, "PAL")], set(), set()),
        ([], set(), set()),
    ],
)
def test_who_earns_on_azure_consumption(
    attached: list[Attachment], mci: set[str], enterprise: set[str]
) -> None:
    """PAL with a counting role in MCI, TPOR in Enterprise, never the same partner in both."""
    assert earning(attached, "MCI", ON) == mci
    assert earning(attached, "Enterprise", ON) == enterprise


def test_before_mci_a_link_earns_nothing_and_takes_nothing() -> None:
    """The role list is dated, so the transacting partner earned in Enterprise until then."""
    both = [pal("Owner"), TPOR_A]
    assert earning(both, "MCI", date(2021, 9, 30)) == set()
    assert earning(both, "Enterprise", date(2021, 9, 30)) == {A}
