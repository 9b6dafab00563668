"""The contribution score, Security, Azure and Business Applications, by columns and by loops.

Many small estates lie in one set of tables, apart by their customers and partners.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ledger.rules.programmes import files
from ledger.rules.programmes.programme import Programme
from projections.growth.engine import ChdbEngine
from projections.programmes.level import ranking
from projections.programmes.score import Score
from tests.conftest import SOAK
from tests.projections.growth.conftest import NewEngine
from tests.projections.growth.estate import Estate, day_us, increment
from tests.projections.programmes.naive_areas import (
    MARKETS,
    WORKLOADS,
    Facts,
    Hold,
    Sold,
    assigned,
    azure,
    business,
    pci,
    security,
)

LAST = 2023 * 12 + 9
MONTHS = range(LAST - 25, LAST + 1)
NOW, THEN = LAST, LAST - 12
PARTNERS = ("a", "b")
COUNTRY = {"developed": "DE", "developing": "CZ"}

ESTATES, ROUNDS = (40, 125) if SOAK else (40, 5)
"""Small estates in one set of tables, and how often such tables are made: 5,000 or 200 in all."""


def contribution_score() -> Programme:
    """The shipped file with the countries of its markets said: they are not published."""
    content = files.builtin("pci_2021")
    for market in content["market"]:
        market["countries"] = ["DE"] if market["id"] == "developed" else "all_others"
    return files.parse(content)


PROGRAMMES = {
    "pci": contribution_score(),
    "security": files.shipped("security_2023"),
    "azure": files.shipped("azure_2023"),
    "business": files.shipped("business_applications_2023"),
}


def small(seed: int) -> Facts:
    """A few customers, subscriptions and associations, near the numbers that decide."""
    chance = Random(seed)
    facts = Facts(markets={"t1": "developed", "t2": "developing", "t3": "developed"})
    for name, tenant in (("d1", "t1"), ("d2", "t1"), ("d3", "t2"), ("d4", "t3")):
        channel = chance.choice(["ea", "csp_direct", "web_direct", "volume_licensing"])
        agreed = chance.choice([None, THEN - 6, THEN, THEN + 1, THEN + 6])
        paid = chance.random() < 0.8
        facts.sold[name] = Sold(tenant, "dynamics365", channel, agreed, paid)
    for name, tenant in (("z1", "t1"), ("z2", "t2"), ("z3", "t2"), ("z4", "t3")):
        facts.sold[name] = Sold(tenant, "azure")
    _say_usage(chance, facts)
    _say_holds(chance, facts)
    for key in [(p, m, n) for p in PARTNERS for m in MARKETS for n in _PEOPLE]:
        counts = [0, 1, 2, 5, 6, 7, 14, 15, 18, 20, 21, 25, 27, 30, 38, 50, 51]
        months = chance.sample([LAST, LAST - 1, LAST - 11, THEN, THEN - 1, THEN - 12], 3)
        if chance.random() < 0.7:
            facts.people[key] = {month: chance.choice(counts) for month in months}
    return facts


_PEOPLE = ("functional_consultants", "developers")


def _some(chance: Random) -> list[int]:
    """A few months, those that are compared mostly among them."""
    told = chance.sample(MONTHS, chance.randint(1, 6))
    often = [month for month in (NOW, THEN, THEN + 1) if chance.random() < 0.75]
    return sorted({*told, *often})


def _say_usage(chance: Random, facts: Facts) -> None:
    for name, sold in facts.sold.items():
        if sold.product == "azure":
            _say_months(chance, facts.acr, [(name, service) for service in "ABC"], SPENT, 0.6)
            continue
        places = [(name, workload) for workload in WORKLOADS]
        heads, often = (HEADS, 0.6) if chance.random() < 0.7 else (FEW, 0.25)
        _say_months(chance, facts.users, places, heads, often)
        bills, often = (BILLS, 0.6) if chance.random() < 0.6 else (LARGE_BILLS, 0.95)
        _say_months(chance, facts.revenue, places, bills, often)
        there = chance.random() < 0.5
        for month in MONTHS:
            there = not there if chance.random() < 0.1 else there
            facts.seats[name, month] = chance.randint(1, 9) if there else 0
    for tenant in facts.markets:
        for workload in ("intune", "defender_endpoint", "teams"):
            for month in {*_some(chance), LAST}:
                units = chance.choice([20, 24, 25, 26, 100])
                facts.units[tenant, workload, month] = units
                share = chance.choice([0, 14, 15, 16, 90])
                facts.active[tenant, workload, month] = -(-units * share // 100)


HEADS = [1, 4, 5, 10, 25, 40, 49, 50, 51, 60, 99, 100, 149, 150, 249, 250, 320]
FEW = [1, 1, 2, 4, 5, 60]
BILLS = [-300, 250, 1499, 1500, 5000, 5001, 9000, 30_000, 90_000]
LARGE_BILLS = [5000, 5001, 9000, 9000]
SPENT = [1, 49, 99, 100, 500, 999, 1000, 1100, 11_000, 11_999, 12_000]


def _say_months(
    chance: Random,
    facts: dict[tuple[str, str, int], int],
    places: list[tuple[str, str]],
    values: list[int],
    often: float,
) -> None:
    """Values of some of the places in some months."""
    for place in places:
        if chance.random() < often:
            facts.update({(*place, month): chance.choice(values) for month in _some(chance)})


def _say_holds(chance: Random, facts: Facts) -> None:
    """At most one association of a partner and kind on a place; no two CSPs begin together."""
    found: dict[Any, Hold] = {}
    for _ in range(chance.randint(6, 16)):
        partner = chance.choice(PARTNERS)
        kind, activity, role = chance.choice(["DPOR", "CSP_T1", "CSP_T2", "CPOR", "PAL"]), "", ""
        place = chance.choice(list(facts.sold))
        if kind == "CPOR":
            activity = chance.choice(["revenue", "usage", "pre_sales"])
            place = chance.choice(["d1", "d2", "d3", "d4"])
            if chance.random() < 0.4:
                activity = "usage"
                place = chance.choice(["intune", "defender_endpoint", "teams"])
        if kind == "PAL":
            place, role = chance.choice(["z1", "z2", "z3", "z4"]), chance.choice(["", "Reader"])
        sold = facts.sold.get(place)
        tenant = sold.tenant if sold else chance.choice(list(facts.markets))
        first = chance.choice([MONTHS[0] - 3, THEN - 4, THEN, THEN + 1, NOW - 5, NOW])
        last = chance.choice([LAST + 9, LAST + 9, *(m for m in (THEN, NOW - 1, NOW) if m >= first)])
        late = chance.random() < 0.4
        taken = {(h.kind, h.place, h.first) for h in found.values() if h.kind.startswith("CSP")}
        if (kind, place, first) not in taken:
            hold = Hold(partner, kind, activity, tenant, place, role, first, last, late)
            found.setdefault((partner, kind, tenant, place), hold)
    facts.holds = list(found.values())


def day(month: int, number: int = 1) -> date:
    """A day of a month counted from the year 0."""
    return date((month - 1) // 12, (month - 1) % 12 + 1, number)


def levels(metric: str, told: Mapping[int, int], **key: Any) -> list[dict[str, Any]]:
    """Increments of a level by month, the first an opening."""
    rows, before = [], None
    for month, level in sorted(told.items()):
        mark = "opening" if before is None else "growth"
        row = increment(
            day(month), level - (before or 0), mark=mark, level=level, metric=metric, **key
        )
        rows.append(row)
        before = level
    return rows


def flow(metric: str, month: int, amount: int, **key: Any) -> dict[str, Any]:
    """The increment of what a month had."""
    return increment(day(month), amount, metric=metric, **key)


def by_place(told: Mapping[tuple[str, str, int], int]) -> dict[tuple[str, str], dict[int, int]]:
    """Values by month of each place and workload."""
    found: dict[tuple[str, str], dict[int, int]] = {}
    for (place, workload, month), amount in told.items():
        found.setdefault((place, workload), {})[month] = amount
    return found


def rows_of(name: str, facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """The increments that reports of each kind would make, the customers named apart."""

    def at(subscription: str) -> dict[str, str]:
        tenant = facts.sold[subscription].tenant
        return {"tenant": f"{name}-{tenant}", "subscription": f"{name}-{subscription}"}

    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for metric, told in (("m365.mau", facts.active), ("m365.pau", facts.units)):
        for (tenant, workload), values in by_place(told).items():
            key = {"tenant": f"{name}-{tenant}", "workload": workload}
            rows["cpor_m365"] += levels(metric, values, **key)
    for (subscription, workload), values in by_place(facts.users).items():
        rows["bizapps_usage"] += levels(
            "bizapps.mau", values, **at(subscription), workload=workload
        )
    for (subscription, workload, month), amount in facts.revenue.items():
        billed = flow("bizapps.revenue", month, amount, **at(subscription), workload=workload)
        rows["bizapps_revenue"].append(billed)
    for (subscription, service, month), amount in facts.acr.items():
        key = {**at(subscription), "resource": f"Azure > {service}"}
        rows["azure"].append(flow("azure.acr", month, amount, **key))
    for subscription in {one for one, _ in facts.seats}:
        values = {m: count for (one, m), count in facts.seats.items() if one == subscription}
        rows["subscription_details"] += levels("subscription.seats", values, **at(subscription))
    return rows


KINDS = ("cpor_m365", "bizapps_usage", "bizapps_revenue", "azure", "subscription_details")


def tell(estate: Estate, name: str, facts: Facts) -> None:
    """Tell an estate's parties, subscriptions, people and associations."""
    views = estate.views
    for tenant, market in facts.markets.items():
        row = (f"{name}-{tenant}", tenant, COUNTRY[market])
        views.execute("INSERT INTO customers VALUES (?, ?, ?, 0, NULL, NULL, 1)", row)
    for place, sold in facts.sold.items():
        whose, which = f"{name}-{sold.tenant}", f"{name}-{place}"
        told: dict[str, Any] = {"subscription": which, "tenant": whose, "product": sold.product}
        estate.tell("subscription.started.v1", **told, seats=9 if sold.paid else 0)
        agreement = f"{which}-EA" if sold.agreed is not None else None
        if sold.agreed is not None:
            signed = day_us(str(day(sold.agreed, 15)))
            sql = "INSERT INTO agreements VALUES (?, 'EA', ?, ?, NULL, 1)"
            views.execute(sql, (agreement, whose, signed))
        sql = (
            "INSERT INTO subscriptions VALUES"
            " (?, ?, ?, '', ?, NULL, ?, NULL, NULL, NULL, 0, NULL, NULL, 1)"
        )
        views.execute(sql, (which, whose, sold.product, sold.channel, agreement))
    for partner in PARTNERS:
        for market, country in COUNTRY.items():
            row = (f"{name}-{partner}-{market}", f"{name}-{partner}", country)
            sql = "INSERT INTO locations VALUES (?, ?, '', ?, NULL, NULL, NULL, 1)"
            views.execute(sql, row)
    for (partner, market, metric), told_ in facts.people.items():
        for month, count in told_.items():
            estate.chain.last += 1
            who = (f"{name}-{partner}", f"{name}-{partner}-{market}")
            said = (estate.chain.last, metric, *who, str(day(month, 28)), str(count))
            sql = "INSERT INTO figures VALUES (?, 'pci_2021', ?, ?, ?, '', '', ?, ?, 'x')"
            views.execute(sql, said)
    for hold in facts.holds:
        columns = {"tenant": f"{name}-{hold.tenant}", "activity": hold.activity, "role": hold.role}
        on = hold.place in facts.sold
        columns |= {"subscription": f"{name}-{hold.place}"} if on else {"workload": hold.place}
        since = str(day(hold.first, 15 if hold.late else 1))
        mine = f"{name}-{hold.partner}"
        estate.hold(hold.kind, mine, since, str(day(hold.last + 1)), organisation=mine, **columns)


def feed(estate: Estate, engine: ChdbEngine, smalls: list[Facts]) -> None:
    """Tell all estates, and load one report of each kind for all of them."""
    every: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for n, facts in enumerate(smalls):
        tell(estate, f"e{n}", facts)
        for kind, rows in rows_of(f"e{n}", facts).items():
            every[kind] += rows
    period = (str(day(MONTHS[0])), str(day(LAST)))
    for kind, rows in every.items():
        estate.log.append(kind, rows)
        estate.decide(kind, increments=len(rows), report_kind=kind, period=period)
    estate.feed(engine)


def told_of(score: Score, name: str) -> dict[str, Decimal | None]:
    """The points of a class by metric; of what gives none yet, the amounts."""
    found = {one.metric.id: one.points for one in score[name].metrics}
    if score.programme.id == "security_2023":
        usage = next(one for one in score[name].metrics if one.metric.id == "usage_growth")
        amounts = {part.part: part.amount for part in usage.parts}
        found |= {"users": amounts["CPOR"], "spent": amounts["PAL"]}
    return found


def expected_of(facts: Facts, partner: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What the naive model says, by programme and class."""
    told: dict[tuple[str, str], dict[str, Any]] = {
        ("pci", path): pci(facts, partner, path, LAST) for path in ("ce", "fo", "smb")
    }
    told["security", "all"] = dict(security(facts, partner, LAST))
    told["azure", "all"] = dict(azure(facts, partner, LAST))
    for track in ("enterprise", "smb"):
        told["business", track] = business(facts, partner, track, LAST)
    return told


def differing(
    facts: Facts, partner: str, scores: Mapping[str, Score | None]
) -> Iterator[tuple[Any, ...]]:
    """Where a partner's scores are not what the naive model says; unranked, it has no points."""
    for (name, one), expected in expected_of(facts, partner).items():
        score = scores[name]
        found = told_of(score, one) if score else dict.fromkeys(expected, Decimal(0))
        for metric, points in expected.items():
            if not _same(found[metric], points if score else points or Fraction(0)):
                yield name, one, metric, found[metric], points
    told, track = scores["business"], assigned(facts, partner, LAST)
    if told is not None and told.assigned != track:
        yield "business", "", "track", told.assigned, track


@settings(max_examples=ROUNDS, phases=[Phase.generate])
@given(seeds=st.lists(st.integers(0, 2**62), min_size=ESTATES, max_size=ESTATES, unique=True))
def test_each_area_by_columns_is_that_by_loops(new_engine: NewEngine, seeds: list[int]) -> None:
    """Each metric of every partner in every class, to the last decimal, and the assigned track."""
    engine, estate = new_engine(), Estate()
    try:
        smalls = [small(seed) for seed in seeds]
        feed(estate, engine, smalls)
        ranked = {
            name: {one.organisation: one.score for one in _ranking(engine, estate, programme)}
            for name, programme in PROGRAMMES.items()
        }
        wrong = []
        for n, (seed, facts) in enumerate(zip(seeds, smalls, strict=True)):
            for partner in sorted({hold.partner for hold in facts.holds}):
                mine = {name: found.get(f"e{n}-{partner}") for name, found in ranked.items()}
                wrong += [(seed, partner, *one) for one in differing(facts, partner, mine)]
        assert wrong == []
    finally:
        estate.close()


def _ranking(engine: ChdbEngine, estate: Estate, programme: Programme) -> Any:
    return ranking(engine, estate.views, programme, programme.id, day(LAST), estate.chain.last)


def _same(found: Decimal | None, expected: Fraction | None) -> bool:
    if found is None or expected is None:
        return found == expected
    exact = Decimal(expected.numerator) / expected.denominator
    return abs(found - exact) < Decimal("1e-20")
