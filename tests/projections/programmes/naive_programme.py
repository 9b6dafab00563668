"""A second, naive reckoning of Modern Work and the PCI score: loops over plain facts, no columns.

Written from domain.md §7.2, §7.3, §8.2 and §8.3 alone. Amounts are whole; months are numbers that
run on (``year * 12 + month``). Slow on purpose, to be read beside the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

WORKLOADS = ("teams", "exchange")
CLASSES = {"enterprise": (301, 10**9), "smb": (11, 300)}
TYPES: dict[str, dict[str, tuple[str, ...]]] = {
    "enterprise": {"CPOR": ("CPOR",), "DPOR": ("DPOR",)},
    "smb": {"CPOR": ("CPOR",), "CSP": ("CSP_T1", "CSP_T2")},
}
GROWTH = {("enterprise", "CPOR"): 1000, ("enterprise", "DPOR"): 4000}
GROWTH |= {("smb", "CPOR"): 500, ("smb", "CSP"): 2000}
DEPLOYED = {("enterprise", "CPOR"): 5, ("enterprise", "DPOR"): 10}
DEPLOYED |= {("smb", "CPOR"): 5, ("smb", "CSP"): 10}
ADDS = {"enterprise": 5, "smb": 10}


class Hold(NamedTuple):
    """An association: in which months it stood on the first, and at the end (a month is whole)."""

    partner: str
    kind: str
    tenant: str
    workload: str  # "" for a subscription of the tenant
    first: int  # the first month that is held from its first day on
    last: int  # the last month that is held to its end


@dataclass
class Facts:
    """Levels by (tenant, workload, month), increments that are growth, and who held what."""

    users: dict[tuple[str, str, int], int] = field(default_factory=dict)
    grown: dict[tuple[str, str, int], int] = field(default_factory=dict)
    units: dict[tuple[str, str, int], int] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)

    def tenants(self) -> list[str]:
        """Every customer there is."""
        return sorted({key[0] for key in [*self.users, *self.units]})


def of_class(facts: Facts, tenant: str, name: str, month: int) -> bool:
    """§8.3, Tenant class: at least one workload with paid units in the range."""
    least, most = CLASSES[name]
    return any(least <= facts.units.get((tenant, w, month), 0) <= most for w in WORKLOADS)


def reaches(hold: Hold, workload: str) -> bool:
    """A claim reaches its workload, a subscription's place the whole tenant."""
    return hold.workload in ("", workload)


def usage_growth(facts: Facts, partner: str, name: str, kinds: tuple[str, ...], month: int) -> int:
    """§7.3, §8.3: what grew in twelve months while held on the first of the month."""
    total = 0
    for (tenant, workload, when), amount in facts.grown.items():
        if not month - 12 < when <= month or not of_class(facts, tenant, name, month):
            continue
        held = [
            hold
            for hold in facts.holds
            if hold.partner == partner
            and hold.kind in kinds
            and hold.tenant == tenant
            and reaches(hold, workload)
            and hold.first <= when <= hold.last
        ]
        total += amount if held else 0
    return total


def active(facts: Facts, tenant: str, workload: str, month: int) -> bool:
    """§8.3: MAU at 40 % or more of PAU."""
    units = facts.units.get((tenant, workload, month))
    users = facts.users.get((tenant, workload, month))
    return bool(units) and users is not None and Fraction(users, units or 1) >= Fraction(2, 5)


def deployed(
    facts: Facts, partner: str, name: str, kinds: tuple[str, ...], month: int, *, new: bool
) -> int:
    """§8.3: active tenants; §7.3: those that were so when claimed are left out for 12 months.

    Who came in month ``first`` claimed it in the month before, at the latest on its last day.
    """
    count = 0
    for tenant in facts.tenants():
        if not of_class(facts, tenant, name, month):
            continue
        counts = False
        for hold in facts.holds:
            if hold.partner != partner or hold.kind not in kinds or hold.tenant != tenant:
                continue
            if not hold.first <= month <= hold.last:
                continue
            for workload in WORKLOADS:
                if not reaches(hold, workload) or not active(facts, tenant, workload, month):
                    continue
                left_out = new and month - hold.first < 12
                if left_out and active(facts, tenant, workload, hold.first - 1):
                    continue
                counts = True
        count += counts
    return count


def customers(facts: Facts, partner: str, name: str, month: int) -> int:
    """§8.3: qualifying tenants that the partner is associated with by any type, each once."""
    kinds = {kind for kinds in TYPES[name].values() for kind in kinds}
    return sum(
        of_class(facts, tenant, name, month)
        and any(
            hold.partner == partner
            and hold.kind in kinds
            and hold.tenant == tenant
            and hold.first <= month <= hold.last
            for hold in facts.holds
        )
        for tenant in facts.tenants()
    )


def capped(points: Fraction, most: int) -> Fraction:
    """Between nothing and the most."""
    return max(Fraction(0), min(Fraction(most), points))


def modern_work(facts: Facts, partner: str, name: str, month: int) -> dict[str, Fraction]:
    """§8.3: the points of the three metrics that come from usage."""
    gained = customers(facts, partner, name, month) - customers(facts, partner, name, month - 12)
    growth, deployments = [], []
    for type_, kinds in TYPES[name].items():
        grown = usage_growth(facts, partner, name, kinds, month)
        growth.append(capped(Fraction(30 * grown, GROWTH[name, type_]), 30))
        now = deployed(facts, partner, name, kinds, month, new=True)
        then = deployed(facts, partner, name, kinds, month - 12, new=False)
        deployments.append(capped(Fraction(25 * (now - then), DEPLOYED[name, type_]), 25))
    return {
        "net_customer_adds": capped(Fraction(20 * gained, ADDS[name]), 20),
        "usage_growth": max(growth),
        "deployments": max(deployments),
    }
