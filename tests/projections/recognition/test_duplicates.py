"""The three duplicate flags of Azure consumption (domain.md §7.1, §15 S7)."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from projections.recognition.duplicates import LEVELS, flagged

FACT = ("tenant", "month")
_TEXTS = ("tenant", "month", "organisation", "partner", "attribution")
_SCHEMA = pl.Schema({**dict.fromkeys(_TEXTS, pl.String()), "acr": pl.Int64()})

Row = tuple[str, str, str, str, str, int]


def flags(*rows: Row) -> dict[str, list[int]]:
    """Each flag's column for the rows."""
    found = flagged(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), FACT)
    return {name: found.get_column(name).to_list() for name in LEVELS}


def told(organisation: str, partner: str, attribution: str, month: str = "May") -> Row:
    """One attribution of a consumption of 1,000."""
    return ("T-1", month, organisation, partner, attribution, 1000)


S7 = (
    told("100", "101", "PAL.Owner"),
    told("100", "102", "PAL.Contributor"),
    told("100", "102", "DPOR"),
    told("100", "103", "CSP_T1"),
    told("200", "201", "PAL.Contributor"),
)


def test_s7_one_consumption_in_five_rows() -> None:
    """Scenario S7: the three flags, and 1,000 for each organisation at its own level."""
    assert flags(*S7) == {
        "duplicate_at_pga": [0, 1, 1, 1, 0],
        "duplicate_at_pga_attach_type": [0, 1, 0, 0, 0],
        "duplicate_at_mpn": [0, 0, 1, 0, 0],
    }


def test_the_published_order_decides_inside_an_organisation() -> None:
    """PAL, transacting, partner of record, CSP tier 1, tier 2, partner as end customer."""
    order = ["PAL.Reader", "TPOR", "DPOR", "CSP_T1", "CSP_T2", "PARTNER_AS_END_CUSTOMER"]
    for first in range(len(order)):
        rows = [told("100", str(n), kind) for n, kind in enumerate(reversed(order[first:]))]
        assert flags(*rows)["duplicate_at_pga"] == [1] * (len(rows) - 1) + [0]


def test_owner_goes_before_contributor_before_any_other_role() -> None:
    """Within PAL, whatever the order of the rows and of the partner ids."""
    rows = [told("100", "1", "PAL.Reader"), told("100", "2", "PAL.Contributor")]
    rows.append(told("100", "3", "PAL.Owner"))
    assert flags(*rows)["duplicate_at_pga_attach_type"] == [1, 1, 0]
    assert flags(*rows[:2])["duplicate_at_pga_attach_type"] == [1, 0]


def test_a_promise_never_carries_consumption() -> None:
    """Deal registration, and a label that no source ranks, are duplicates even where alone."""
    for attribution in ("DEAL_REGISTRATION", "Pipe"):
        found = flags(told("100", "101", attribution))
        assert found == {name: [1] for name in LEVELS}


def test_two_months_are_two_facts() -> None:
    """The same attributions in another month are flagged anew."""
    rows = [told("100", "101", "TPOR", month) for month in ("May", "June")]
    assert flags(*rows)["duplicate_at_pga"] == [0, 0]


_ROWS = st.lists(
    st.builds(
        told,
        st.sampled_from("12"),
        st.sampled_from(["11", "12", "21"]),
        st.sampled_from(["PAL.Owner", "PAL.Contributor", "PAL.Reader", "TPOR", "DPOR", "Pipe"]),
        st.sampled_from(["May", "June"]),
    ),
    max_size=12,
)


@given(_ROWS)
def test_each_fact_is_carried_once_at_each_level(rows: list[Row]) -> None:
    """Agrees with a naive count: exactly one 0 a fact and group, if any row there has a place."""
    found = flags(*rows)
    groups: dict[str, Any] = {
        "duplicate_at_pga": lambda row: (row[1], row[2]),
        "duplicate_at_pga_attach_type": lambda row: (row[1], row[2], row[4].split(".")[0]),
        "duplicate_at_mpn": lambda row: (row[1], row[3]),
    }
    for name, key in groups.items():
        marked = sorted(zip(map(key, rows), rows, found[name], strict=True))
        for _, members in groupby(marked, key=lambda entry: entry[0]):
            listed = list(members)
            ranked = any(row[4] != "Pipe" for _, row, _ in listed)
            assert sum(flag == 0 for *_, flag in listed) == ranked
