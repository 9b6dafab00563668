"""Partner earned credit: whole days, who earns, what is left out (domain.md §6.3, §13.17)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.azure_scope import Access, Placement
from ledger.rules.pec import DAY_US, Sale, days_held, earner, excluded
from schemas.time import FOREVER_US, from_iso, to_us

SCOPE = "/subscriptions/S-1/resourceGroups/shop"
ROOT = "00000000-0000-4000-8000-0000000000c1"
GROUP = "/providers/Microsoft.Management/managementGroups"
FIRST, LAST = date(2023, 7, 1), date(2023, 7, 4)


def access(start: str, end: str | None = None, role: str = "Owner", scope: str = SCOPE) -> Access:
    """A role of partner 101 on a scope in July 2023; ``start`` and ``end`` are day and time."""
    until = from_iso(f"2023-07-{end}:00Z") if end else FOREVER_US
    return Access("101", role, scope, from_iso(f"2023-07-{start}:00Z"), until)


def held(*accesses: Access, **more: list[Placement]) -> list[int]:
    """The days of July 2023, from 1 to 4, that partner 101 held."""
    days = days_held(accesses, SCOPE, FIRST, LAST, root=ROOT, placements=more.get("placed", []))
    return [day.day for day in days.get("101", ())]


@pytest.mark.parametrize(
    "accesses, days",
    [
        ([access("01T00:00")], [1, 2, 3, 4]),
        ([access("01T00:01")], [2, 3, 4]),
        ([access("01T00:00", "03T23:59")], [1, 2]),
        ([access("01T00:00", "04T00:00")], [1, 2, 3]),
        ([access("02T00:00", "03T00:00")], [2]),
        ([access("02T00:00", "02T12:00"), access("02T12:00", "03T00:00")], [2]),
        ([access("02T00:00", "02T12:00"), access("02T12:01", "03T00:00")], []),
        ([access("02T00:00", "02T12:00"), access("02T11:00", "03T00:00", "Contributor")], [2]),
        ([access("01T00:00", role="Reader")], []),
        ([access("01T00:00", role="Support Request Contributor")], [1, 2, 3, 4]),
        ([access("01T00:00", role="Our own role")], []),
        ([access("01T00:00", scope="/subscriptions/S-1")], [1, 2, 3, 4]),
        ([access("01T00:00", scope=f"{GROUP}/{ROOT}")], [1, 2, 3, 4]),
        ([access("01T00:00", scope="/subscriptions/S-2")], []),
        ([], []),
    ],
)
def test_a_day_counts_when_access_lasted_all_of_it(accesses: list[Access], days: list[int]) -> None:
    """24x7 in UTC, by any eligible role from any scope above, without a gap."""
    assert held(*accesses) == days


def test_a_subscription_that_moves_within_a_day_loses_that_day() -> None:
    """Unless the role reaches both places."""
    moves = [
        Placement("/subscriptions/S-1", "production", from_iso("2023-06-01T00:00:00Z"), 1),
        Placement("/subscriptions/S-1", "retired", from_iso("2023-07-02T15:00:00Z"), 2),
    ]
    above = access("01T00:00", scope=f"{GROUP}/production")
    assert held(above, placed=moves) == [1]
    assert held(access("01T00:00", scope=f"{GROUP}/{ROOT}"), placed=moves) == [1, 2, 3, 4]


_hours = st.integers(-6, 102)
_intervals = st.lists(st.tuples(_hours, _hours, st.sampled_from(["Owner", "Reader"])), max_size=6)


@given(_intervals)
def test_whole_days_agree_with_asking_hour_by_hour(intervals: list[tuple[int, int, str]]) -> None:
    """A day counts exactly when each of its hours was covered by an eligible role."""
    start_us = to_us(datetime(2023, 7, 1, tzinfo=UTC))
    hour_us = DAY_US // 24
    accesses = [
        Access("101", role, SCOPE, start_us + a * hour_us, start_us + b * hour_us)
        for a, b, role in intervals
    ]
    expected = [
        day + 1
        for day in range(4)
        if all(
            any(a <= hour < b and role == "Owner" for a, b, role in intervals)
            for hour in range(day * 24, day * 24 + 24)
        )
    ]
    assert held(*accesses) == expected


PROVIDER, RESELLER, THIRD = "1", "2", "3"
INDIRECT = Sale("csp_indirect", PROVIDER, RESELLER)


@pytest.mark.parametrize(
    "by_role, on_behalf, earns",
    [
        (PROVIDER, None, True),
        (None, PROVIDER, True),
        (RESELLER, None, True),
        (None, RESELLER, True),
        (THIRD, PROVIDER, True),
        (PROVIDER, THIRD, True),
        (PROVIDER, RESELLER, True),
        (RESELLER, PROVIDER, True),
        (RESELLER, THIRD, True),
        (THIRD, RESELLER, True),
        (THIRD, None, False),
        (None, THIRD, False),
        (None, None, False),
        (THIRD, THIRD, False),
    ],
)
def test_the_transacting_partner_earns_when_provider_or_reseller_has_access(
    by_role: str | None, on_behalf: str | None, earns: bool
) -> None:
    """The table of the source, row by row: a third CSP's access earns nothing and harms nothing."""
    having = [partner for partner in (by_role, on_behalf) if partner]
    assert earner(INDIRECT, having) == (PROVIDER if earns else None)


@pytest.mark.parametrize(
    "sale, having, found",
    [
        (Sale("csp_direct", "1"), {"1"}, "1"),
        (Sale("csp_direct", "1"), {"3"}, None),
        (Sale("ea", "1"), {"1"}, None),
        (Sale("web_direct", None), {"1"}, None),
    ],
)
def test_only_direct_bill_partners_and_indirect_providers_earn(
    sale: Sale, having: set[str], found: str | None
) -> None:
    """Other channels earn none, whoever has access."""
    assert earner(sale, having) == found


def test_what_is_left_out_says_why() -> None:
    """Reservations, savings plans, spot, third parties, marketplace."""
    for charge in ("reservation", "savings_plan", "spot", "third_party", "marketplace"):
        assert "domain.md §" in (excluded(charge) or "")
    assert excluded("consumption") is None
