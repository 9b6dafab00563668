"""A naive reckoning of the contribution score and of Security, Azure and Business Applications.

Loops over plain lists, written from domain.md §7.2, §7.3, §8.2, §8.3 and §13.9-10 alone, to be read
beside the text; nothing is shared with what it checks. Months are numbers that run on (``year * 12
+ month``); an association stands from the first day of ``first`` (or from its middle, ``late``) to
the end of ``last``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

WORKLOADS = ("sales", "ce", "finance", "retail", "business_central", "power_apps")
PATHS = {"ce": ("sales", "ce"), "fo": ("finance", "retail"), "smb": WORKLOADS}
RATES = {"business_central": 1000, "power_apps": 200, "retail": 100, "ce": 200}
SECURITY = ("intune", "defender_endpoint")
CHANNELS = ("ea", "csp_direct", "csp_indirect", "web_direct")
REVENUE = {("ce", "developed"): 300_000, ("ce", "developing"): 150_000}
REVENUE |= {("fo", "developed"): 300_000, ("fo", "developing"): 150_000}
ADDS = {
    ("ce", "developed"): 10,
    ("ce", "developing"): 5,
    ("fo", "developed"): 3,
    ("fo", "developing"): 1,
}
LARGE = {("ce", "developed"): (5, 250), ("ce", "developing"): (1, 150)}
LARGE |= {("fo", "developed"): (3, 100), ("fo", "developing"): (1, 50)}
BASELINE = {("ce", "developed"): 250, ("ce", "developing"): 150}
BASELINE |= {("fo", "developed"): 100, ("fo", "developing"): 50}
CONSULTANTS = {"developed": 15, "developing": 5}
DEVELOPERS = {"developed": 5, "developing": 2}
BANDS = {"developed": (15, 30, 50), "developing": (5, 15, 25)}
MARKETS = ("developed", "developing")


class Hold(NamedTuple):
    """An association; of a workload (Microsoft 365) or of a subscription."""

    partner: str
    kind: str
    activity: str
    tenant: str
    place: str
    role: str
    first: int
    last: int
    late: bool = False

    def on_the_first(self, month: int) -> bool:
        """Whether it stood on the first of a month."""
        return self.first + self.late <= month <= self.last

    def at_the_end(self, month: int) -> bool:
        """Whether it stood when a month ended."""
        return self.first <= month <= self.last


class Sold(NamedTuple):
    """A subscription: whose, of what, how it was sold and, of an agreement, since when."""

    tenant: str
    product: str
    channel: str = ""
    agreed: int | None = None
    paid: bool = True


@dataclass
class Facts:
    """What the reports say: by place and month, what is not there is not said."""

    markets: dict[str, str] = field(default_factory=dict)  # of a customer
    sold: dict[str, Sold] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)
    users: dict[tuple[str, str, int], int] = field(default_factory=dict)  # place, workload, month
    revenue: dict[tuple[str, str, int], int] = field(default_factory=dict)  # likewise
    seats: dict[tuple[str, int], int] = field(default_factory=dict)  # subscription, month
    acr: dict[tuple[str, str, int], int] = field(default_factory=dict)  # subscription, service
    people: dict[tuple[str, str, str], dict[int, int]] = field(default_factory=dict)
    # by partner, market of the location, metric: the count as of the end of a month
    active: dict[tuple[str, str, int], int] = field(default_factory=dict)  # tenant, workload
    units: dict[tuple[str, str, int], int] = field(default_factory=dict)  # likewise

    def tenants(self) -> list[str]:
        """Every customer."""
        return list(self.markets)

    def of(self, partner: str, tenant: str = "") -> Iterable[Hold]:
        """What a partner holds, at one customer or at all."""
        return [h for h in self.holds if h.partner == partner and tenant in ("", h.tenant)]


def capped(points: Fraction | int, most: int) -> Fraction:
    """Between nothing and the most."""
    return max(Fraction(0), min(Fraction(most), Fraction(points)))


def part(amount: int, threshold: int, most: int) -> Fraction:
    """§8.2: points = min(max, actual / threshold * max)."""
    return capped(Fraction(amount * most, threshold), most)


# The contribution score (§8.2), with the credit of §7.2.


def dynamics(facts: Facts, hold: Hold) -> bool:
    """Whether an association is on a Dynamics 365 subscription."""
    return hold.place in facts.sold and facts.sold[hold.place].product == "dynamics365"


def beaten(facts: Facts, hold: Hold, activity: str, stands: str, month: int) -> bool:
    """§7.2: on the same subscription CPOR beats DPOR while it stands."""
    return hold.kind == "DPOR" and any(
        other.kind == "CPOR"
        and other.activity == activity
        and other.place == hold.place
        and getattr(other, stands)(month)
        for other in facts.holds
    )


def counts(facts: Facts, hold: Hold, activity: str, stands: str, month: int) -> bool:
    """§7.2: CSP, DPOR, or CPOR by a claim of the activity; pre-sales claims give nothing."""
    if not dynamics(facts, hold) or not getattr(hold, stands)(month):
        return False
    if hold.kind == "CPOR":
        return hold.activity == activity
    return hold.kind != "PAL" and not beaten(facts, hold, activity, stands, month)


def net_new_revenue(facts: Facts, partner: str, path: str, market: str, month: int) -> int:
    """Trailing twelve months' billings by the revenue claim; EA in its first year only."""
    total = 0
    for (subscription, workload, when), amount in facts.revenue.items():
        sold = facts.sold[subscription]
        if workload not in PATHS[path] or not month - 12 < when <= month:
            continue
        if market and facts.markets[sold.tenant] != market:
            continue
        if sold.channel not in CHANNELS:
            continue
        if sold.channel == "ea" and sold.agreed is not None and when - sold.agreed >= 12:
            continue
        mine = [h for h in facts.of(partner) if h.place == subscription]
        if any(counts(facts, h, "revenue", "on_the_first", when) for h in mine):
            total += amount
    return total


def within(facts: Facts, hold: Hold, month: int) -> bool:
    """§7.2: associated in the month, be it for a part; a claim on its subscription goes before.

    A revenue claim that begins amid a month leaves DPOR the part before.
    """
    if not dynamics(facts, hold) or not hold.first <= month <= hold.last:
        return False
    if hold.kind == "CPOR":
        return hold.activity == "revenue"
    if hold.kind == "PAL":
        return False
    over = [
        other
        for other in facts.holds
        if hold.kind == "DPOR"
        and (other.kind, other.activity, other.place) == ("CPOR", "revenue", hold.place)
        and other.first <= month <= other.last
    ]
    if not over:
        return True
    claimed_late = all(other.late and other.first == month for other in over)
    began_late = hold.late and hold.first == month
    return claimed_late and not began_late


def net_adds(facts: Facts, partner: str, tenant: str, month: int, *, smb: bool) -> int:
    """Customers won and lost in twelve months (§7.2), in the SMB option by §13.15."""
    subscriptions = [s for s, sold in facts.sold.items() if sold.tenant == tenant]
    subscriptions = [s for s in subscriptions if facts.sold[s].product == "dynamics365"]

    def seats(when: int) -> int:
        return sum(facts.seats.get((one, when), 0) for one in subscriptions)

    def associated(when: int) -> bool:
        return any(within(facts, h, when) for h in facts.of(partner, tenant))

    net, won = 0, None
    for when in range(month - 23, month + 1):
        counted = when > month - 12
        if seats(when - 1) == 0 and seats(when) > 0:
            won = when if associated(when) else None
            net += counted and won is not None
        if seats(when - 1) > 0 and seats(when) == 0:
            lately = won is not None and won >= when - 12
            net -= counted and (associated(when - 1) if smb else lately)
    return net


def shares(facts: Facts, partner: str, tenant: str, month: int) -> bool:
    """§7.2: associated, when a month ends, to any paid subscription of the customer."""
    return any(
        facts.sold[h.place].paid and counts(facts, h, "usage", "at_the_end", month)
        for h in facts.of(partner, tenant)
        if h.place in facts.sold
    )


def of_path(facts: Facts, path: str, place: str, month: int) -> int:
    """The users of a path in a month, at a subscription or at all of a customer."""
    return sum(
        value
        for (subscription, workload, when), value in facts.users.items()
        if when == month
        and workload in PATHS[path]
        and place in (subscription, facts.sold[subscription].tenant)
    )


def crossed(facts: Facts, path: str, place: str, size: int, month: int) -> bool:
    """Below the size twelve months ago, and at or above it once in the following eleven."""
    later = [of_path(facts, path, place, when) for when in range(month - 10, month + 1)]
    return of_path(facts, path, place, month - 11) < size <= max(later)


def deployments(facts: Facts, partner: str, path: str, market: str, size: int, month: int) -> int:
    """§8.2: large instances of shared customers; in the SMB option tenants."""
    count = 0
    for tenant in facts.tenants():
        if (market and facts.markets[tenant] != market) or not shares(
            facts, partner, tenant, month
        ):
            continue
        mine = [s for s, sold in facts.sold.items() if sold.tenant == tenant]
        places = [s for s in mine if facts.sold[s].product == "dynamics365"] if market else [tenant]
        count += sum(crossed(facts, path, place, size, month) for place in places)
    return count


def users_of(facts: Facts, partner: str, path: str, market: str, month: int) -> int:
    """Every user of every customer that is shared when the month ends."""
    return sum(
        of_path(facts, path, tenant, month)
        for tenant in facts.tenants()
        if market in ("", facts.markets[tenant]) and shares(facts, partner, tenant, month)
    )


def percent(before: int, now: int, per_cent: int, most: int) -> Fraction:
    """The part of a percentage that something grew by; growth from nothing is more than any."""
    if before == 0:
        return Fraction(most if now > 0 else 0)
    return part((now - before) * 100, before * per_cent, most)


def mau_growth(facts: Facts, partner: str, path: str, month: int) -> Fraction:
    """§8.2: year on year, where the baseline was there twelve months ago."""
    if path == "smb":
        before, now = (users_of(facts, partner, path, "", m) for m in (month - 12, month))
        return percent(before, now, 35, 25) if before >= 50 else Fraction(0)
    told = {m: [users_of(facts, partner, path, m, w) for w in (month - 12, month)] for m in MARKETS}
    there = sum(Fraction(told[m][0], BASELINE[path, m]) for m in MARKETS)
    before, now = (sum(told[m][n] for m in MARKETS) for n in (0, 1))
    return percent(before, now, 25, 25) if there >= 1 else Fraction(0)


def counted_people(facts: Facts, partner: str, market: str, metric: str, month: int) -> int | None:
    """The latest count that is not later than a month."""
    told = facts.people.get((partner, market, metric), {})
    past = [when for when in told if when <= month]
    return told[max(past)] if past else None


def people(facts: Facts, partner: str, metric: str, path: str, month: int) -> Fraction | None:
    """§8.2: people by partner location; nothing recorded at all is not nought."""
    told = {m: counted_people(facts, partner, m, metric, month) for m in MARKETS}
    if all(one is None for one in told.values()):
        return None
    most = 15 if metric == "functional_consultants" else 5
    if path == "smb":
        total = sum(one or 0 for one in told.values())
        return part(total, 5, 30) if metric == "functional_consultants" else part(total, 2, 5)
    need = CONSULTANTS if metric == "functional_consultants" else DEVELOPERS
    return capped(sum(part(told[m] or 0, need[m], most) for m in MARKETS), most)


def consultant_growth(facts: Facts, partner: str, month: int) -> Fraction | None:
    """§8.2, all or nothing: +35 %, +25 %, or full for 24 months; what comes then is not known."""
    name = "functional_consultants"
    then = {m: counted_people(facts, partner, m, name, month - 12) for m in MARKETS}
    now = {m: counted_people(facts, partner, m, name, month) for m in MARKETS}
    if all(one is None for one in then.values()):
        return None
    found: list[int | None] = []
    for market, (low, middle, top) in BANDS.items():
        before, after = then[market] or 0, now[market] or 0
        if max(before, after) >= top:
            since = month
            while since > month - 24 and _at_least(facts, partner, market, top, since - 1):
                since -= 1
            found.append(15 if after >= top and since > month - 24 else None)
        elif before >= low:
            grown = 25 if before >= middle else 35
            found.append(15 if after * 100 >= before * (100 + grown) else 0)
        else:
            found.append(0)
    if 15 in found:
        return Fraction(15)
    return None if None in found else Fraction(0)


def _at_least(facts: Facts, partner: str, market: str, top: int, month: int) -> bool:
    return (counted_people(facts, partner, market, "functional_consultants", month) or 0) >= top


def pci(facts: Facts, partner: str, path: str, month: int) -> dict[str, Fraction | None]:
    """The points of one option (§8.2)."""
    told: dict[str, Fraction | None] = {
        name: people(facts, partner, name, path, month)
        for name in ("functional_consultants", "developers")
    }
    told["mau_growth"] = mau_growth(facts, partner, path, month)
    if path == "smb":
        told["net_new_revenue"] = part(net_new_revenue(facts, partner, path, "", month), 30_000, 10)
        adds = sum(net_adds(facts, partner, t, month, smb=True) for t in facts.tenants())
        told["net_customer_adds_smb"] = part(adds, 10, 10)
        told["new_deployments_smb"] = part(deployments(facts, partner, path, "", 5, month), 10, 20)
        return told
    earned: dict[str, Fraction] = {}
    for market in MARKETS:
        revenue = net_new_revenue(facts, partner, path, market, month)
        there = [t for t in facts.tenants() if facts.markets[t] == market]
        adds = sum(net_adds(facts, partner, t, month, smb=False) for t in there)
        need, size = LARGE[path, market]
        large = deployments(facts, partner, path, market, size, month)
        for name, points in (
            ("net_new_revenue", part(revenue, REVENUE[path, market], 10)),
            ("net_customer_adds", part(adds, ADDS[path, market], 10)),
            ("new_deployments", part(large, need, 20)),
        ):
            earned[name] = earned.get(name, Fraction(0)) + points
    told["consultant_growth"] = consultant_growth(facts, partner, month)
    most = {"net_new_revenue": 10, "net_customer_adds": 10, "new_deployments": 20}
    return told | {name: capped(points, most[name]) for name, points in earned.items()}


# Security (§8.3, §7.3: Microsoft 365 by CPOR, Azure by PAL; §13.10: the halves are added).


def consumed(facts: Facts, tenant: str, first: int, last: int) -> int:
    """What a customer consumed of Azure in some months."""
    return sum(
        amount
        for (subscription, _, when), amount in facts.acr.items()
        if facts.sold[subscription].tenant == tenant and first <= when <= last
    )


def links(facts: Facts, partner: str, tenant: str, first: int, last: int) -> list[Hold]:
    """PAL with a role, on a subscription that consumed anything in some months."""
    return [
        h
        for h in facts.of(partner, tenant)
        if h.kind == "PAL"
        and h.role
        and any(s == h.place and first <= when <= last for s, _, when in facts.acr)
    ]


def linked_with(facts: Facts, partner: str, tenant: str, least: int, month: int) -> bool:
    """A customer of so much consumption in twelve months, linked when the month ends."""
    first = month - 11
    there = links(facts, partner, tenant, first, month)
    enough = consumed(facts, tenant, first, month) >= least
    return enough and any(h.at_the_end(month) for h in there)


def claimed(facts: Facts, partner: str, tenant: str, month: int) -> list[Hold]:
    """Claims on a customer's workloads that count for Security, when the month ends."""
    return [
        h
        for h in facts.of(partner, tenant)
        if h.kind == "CPOR" and h.place in SECURITY and h.at_the_end(month)
    ]


def secured(facts: Facts, tenant: str, workload: str, month: int) -> bool:
    """25 or more seats, and 15 % or more of them active."""
    units = facts.units.get((tenant, workload, month), 0)
    active = facts.active.get((tenant, workload, month))
    return units >= 25 and active is not None and active * 100 >= 15 * units


def security(facts: Facts, partner: str, month: int) -> dict[str, Fraction]:
    """Points of adds and deployments; of usage, whose most is not published, the amounts."""

    def customer(tenant: str, when: int) -> bool:
        seats = [
            facts.units.get((tenant, h.place, when), 0) >= 25
            for h in claimed(facts, partner, tenant, when)
        ]
        return any(seats) or linked_with(facts, partner, tenant, 100, when)

    def deployed(tenant: str, when: int, *, new: bool) -> bool:
        return any(
            secured(facts, tenant, h.place, when)
            and not (new and when - h.first < 12 and secured(facts, tenant, h.place, h.first - 1))
            for h in claimed(facts, partner, tenant, when)
        )

    then, tenants = month - 12, facts.tenants()
    adds = sum(customer(t, month) - customer(t, then) for t in tenants)
    seats = sum(deployed(t, month, new=True) - deployed(t, then, new=False) for t in tenants)
    azure = sum(
        linked_with(facts, partner, t, 12_000, month) - linked_with(facts, partner, t, 12_000, then)
        for t in tenants
    )
    deploys = [capped(Fraction(33 * n, 10), 20) for n in (seats, azure)]
    protected = 0
    for (tenant, workload, when), users in facts.active.items():
        earlier = [w for t, o, w in facts.active if (t, o) == (tenant, workload) and w < when]
        if workload not in SECURITY or not earlier or when <= then or when > month:
            continue
        mine = [h for h in facts.of(partner, tenant) if (h.kind, h.place) == ("CPOR", workload)]
        if any(h.on_the_first(when) for h in mine):
            protected += users - facts.active[tenant, workload, max(earlier)]
    spent = 0
    for (subscription, _, when), amount in facts.acr.items():
        mine = [h for h in facts.of(partner) if h.kind == "PAL" and h.role]
        if any(h.place == subscription and h.on_the_first(when) for h in mine):
            spent += amount if when > then else -amount if when > then - 12 else 0
    return {
        "net_customer_adds": part(adds, 10, 20),
        "deployments": capped(sum(deploys), 20),
        "users": Fraction(protected),
        "spent": Fraction(spent),
    }


# Azure areas (§8.3, §7.3: CSP, DPOR, PAL; §6.3: the present CSP takes the history).


def reaches(facts: Facts, partner: str, subscription: str, month: int, stands: str) -> bool:
    """Whether any association of a partner reaches a subscription in a month."""
    for hold in facts.of(partner):
        if hold.place != subscription or (hold.kind == "PAL" and not hold.role):
            continue
        if hold.kind.startswith("CSP"):
            same = [h for h in facts.holds if (h.kind, h.place) == (hold.kind, subscription)]
            if hold == max(same, key=lambda h: (h.first, h.late)) and month <= hold.last:
                return True
        elif hold.kind in ("PAL", "DPOR") and getattr(hold, stands)(month):
            return True
    return False


def azure(facts: Facts, partner: str, month: int) -> dict[str, Fraction]:
    """Adds, growth and services of an Azure area."""

    def customer(tenant: str, when: int) -> bool:
        months = (when - 1, when)
        large = any(consumed(facts, tenant, m, m) >= 1000 for m in months)
        used = {s for s, _, w in facts.acr if w in months and facts.sold[s].tenant == tenant}
        return large and any(reaches(facts, partner, s, when, "at_the_end") for s in used)

    adds = sum(customer(t, month) - customer(t, month - 12) for t in facts.tenants())
    now = before = 0
    for (subscription, _, when), amount in facts.acr.items():
        if reaches(facts, partner, subscription, when, "on_the_first"):
            now += amount if month - 12 < when <= month else 0
            before += amount if month - 24 < when <= month - 12 else 0
    services = {
        service
        for subscription, service, when in facts.acr
        if when == month and reaches(facts, partner, subscription, month, "at_the_end")
    }
    return {
        "net_customer_adds": capped(10 * adds, 30),
        "usage_growth": percent(before, now, 20, 20) if now >= 1000 else Fraction(0),
        "deployments": capped(2 * len(services), 10),
    }


# Business Applications (§8.3, §7.3, §13.5, §13.9).


def performs(facts: Facts, hold: Hold, *, success: bool) -> bool:
    """§7.3: performance by CPOR of revenue or pre-sales, CSP, DPOR; success by CPOR of usage."""
    if not dynamics(facts, hold) or hold.kind == "PAL":
        return False
    return hold.kind != "CPOR" or (hold.activity == "usage") == success


def value(facts: Facts, subscription: str, workload: str, month: int) -> int:
    """Monthly consumption value: users times the rate."""
    return facts.users.get((subscription, workload, month), 0) * RATES.get(workload, 0)


def assigned(facts: Facts, partner: str, month: int) -> str:
    """§13.9: Enterprise by five workloads over 5,000 USD, now and a year ago."""
    large: list[set[tuple[str, str]]] = []
    for when in (month, month - 12):
        sums: dict[tuple[str, str], int] = {}
        for (subscription, workload, told), amount in facts.revenue.items():
            mine = [h for h in facts.of(partner) if h.place == subscription and h.kind != "PAL"]
            if told == when and any(h.on_the_first(when) for h in mine):
                place = (facts.sold[subscription].tenant, workload)
                sums[place] = sums.get(place, 0) + amount
        large.append({place for place, amount in sums.items() if amount > 5000})
    return "enterprise" if len(large[0] & large[1]) >= 5 else "smb"


def business(facts: Facts, partner: str, track: str, month: int) -> dict[str, Fraction | None]:
    """Adds, growth of the consumption value, deployments."""

    def with_workload(tenant: str, least: int, when: int, *, success: bool) -> bool:
        mine = {
            h.place
            for h in facts.of(partner, tenant)
            if performs(facts, h, success=success) and h.at_the_end(when)
        }
        told = facts.users if success else facts.revenue
        for workload in {w for _, w, m in told if m == when}:
            there = {s for s, w, m in told if (w, m) == (workload, when)}
            there = {s for s in there if facts.sold[s].tenant == tenant}
            weigh = [
                value(facts, s, workload, when) if success else told[s, workload, when]
                for s in there
            ]
            rated = not success or workload in RATES
            if rated and sum(weigh) >= least and mine & there:
                return True
        return False

    def gained(least: int, *, success: bool) -> int:
        return sum(
            with_workload(t, least, month, success=success)
            - with_workload(t, least, month - 12, success=success)
            for t in facts.tenants()
        )

    mine = [h for h in facts.of(partner) if performs(facts, h, success=True)]
    ends = {h.place for h in mine if h.at_the_end(month) or h.at_the_end(month - 12)}
    before = sum(value(facts, s, w, m) for s, w, m in facts.users if s in ends and m == month - 12)
    grown = 0
    for (subscription, workload, when), users in facts.users.items():
        earlier = [m for s, w, m in facts.users if (s, w) == (subscription, workload) and m < when]
        if not month - 12 < when <= month or not earlier:
            continue
        if any(h.place == subscription and h.on_the_first(when) for h in mine):
            last = facts.users[subscription, workload, max(earlier)]
            grown += (users - last) * RATES.get(workload, 0)
    baseline = 50_000 if track == "enterprise" else 25_000
    size = 10_000 if track == "enterprise" else 5_000
    growth = percent(before, before + grown, 30, 30)
    adds = capped(3 * gained(1500, success=False), 15) if track == "enterprise" else None
    return {
        "net_customer_adds": adds,
        "usage_growth": growth if before >= baseline else Fraction(0),
        "deployments": capped(4 * gained(size, success=True), 20),
    }
