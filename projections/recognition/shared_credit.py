"""Credit of the Cloud Business Applications competency: shared users, and customers won and lost.

By domain.md §7.2, for the competency of 2020-21. Months are numbers that run on (``year * 12 +
month``), so that neighbours differ by one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

LOOK_BACK_MONTHS = 12
"""How long after a customer was won its loss takes the credit back (§7.2)."""

Option = Literal["cloud_business_applications", "smb"]


class Credit(NamedTuple):
    """A customer counted for a partner in a month: 1 when won, -1 when lost."""

    month: int
    partner: str
    change: int


def sharers(associated: Mapping[str, Collection[str]], paid: Collection[str]) -> frozenset[str]:
    """Who is credited with all users and production instances of a tenant.

    ``associated`` gives the partners of each subscription, ``paid`` the subscriptions with paid
    seats: everyone on any of these shares all (§7.2, shared credit).
    """
    return frozenset(partner for one in paid for partner in associated.get(one, ()))


def customer_adds(
    seats: Mapping[int, int], associated: Mapping[int, Collection[str]], option: Option
) -> tuple[Credit, ...]:
    """A tenant's credits, in order of month and partner.

    ``seats`` gives the paid seats of each month (none: 0), ``associated`` the partners of each.
    A month with seats after one without is an add for everybody associated then, and for nobody
    who comes later; so a customer that was first served directly gives nobody an add. A month
    without after one with is a loss: for whom was credited in the twelve months before
    (§7.2), or, in the SMB option, for everybody associated in its last month with seats (§13.15).
    """
    given: list[Credit] = []
    won: dict[str, int] = {}
    for month in sorted({*seats, *(month + 1 for month in seats)}):
        before, now = seats.get(month - 1, 0) > 0, seats.get(month, 0) > 0
        if now and not before:
            won = dict.fromkeys(associated.get(month, ()), month)
            given += [Credit(month, who, 1) for who in sorted(won)]
        elif before and not now:
            lately = {who for who, since in won.items() if since >= month - LOOK_BACK_MONTHS}
            losers = set(associated.get(month - 1, ())) if option == "smb" else lately
            given += [Credit(month, who, -1) for who in sorted(losers)]
    return tuple(given)
