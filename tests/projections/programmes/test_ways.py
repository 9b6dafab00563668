"""The ways to measure: each published rule on its edges, on estates told by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledger.rules.programmes import files
from ledger.rules.programmes.programme import Programme
from projections.growth.engine import ChdbEngine
from projections.programmes.holder import Holder, Missing
from projections.programmes.level import PartnerLevel, partner_level
from projections.programmes.points import MetricScore
from tests.projections.growth.estate import Estate, day_us, increment, month

YEAR = [f"2020-{n:02}" for n in range(1, 13)]
NEXT = [f"2021-{n:02}" for n in range(1, 13)]


def pci(**markets: list[str] | str) -> Programme:
    """The shipped contribution score with the countries of its markets said."""
    content = files.builtin("pci_2021")
    for market in content["market"]:
        market["countries"] = markets.get(market["id"], "all_others")
    return files.parse(content)


PCI = pci(developed=["DE"])
AZURE, SECURITY = files.shipped("azure_2023"), files.shipped("security_2023")
BUSINESS = files.shipped("business_applications_2023")


def customer(estate: Estate, tenant: str, country: str = "DE") -> None:
    """A customer in a country."""
    estate.views.execute(
        "INSERT INTO customers VALUES (?, ?, ?, 0, NULL, NULL, 1)", (tenant,) * 2 + (country,)
    )


def sold(
    estate: Estate, name: str, tenant: str, product: str = "dynamics365", **other: Any
) -> dict[str, Any]:
    """A subscription, as events and as the views tell it; the columns of a holding on it."""
    estate.tell("subscription.started.v1", subscription=name, tenant=tenant, product=product)
    row = {"channel": "web_direct", "agreement": None} | other
    estate.views.execute(
        "INSERT INTO subscriptions VALUES (?, ?, ?, '', ?, NULL, ?, NULL, NULL, NULL, 0, NULL,"
        " NULL, 1)",
        (name, tenant, product, row["channel"], row["agreement"]),
    )
    return {"tenant": tenant, "subscription": name}


def told(estate: Estate, attempt: str, kind: str, rows: list[dict[str, Any]], *months: str) -> None:
    """Increments of one report that covers the months."""
    estate.log.append(attempt, rows)
    period = (str(month(months[0])), str(month(months[-1])))
    estate.decide(attempt, increments=len(rows), report_kind=kind, period=period)


def levels(metric: str, values: dict[str, int], **key: Any) -> list[dict[str, Any]]:
    """The increments of a level by month; the first is an opening."""
    rows, before = [], None
    for when, value in values.items():
        mark = "opening" if before is None else "growth"
        change = value - (before or 0)
        rows.append(increment(when, change, mark=mark, level=value, metric=metric, **key))
        before = value
    return rows


def flows(metric: str, values: dict[str, int], **key: Any) -> list[dict[str, Any]]:
    """The months' own sums."""
    return [increment(when, value, metric=metric, **key) for when, value in values.items()]


def level(
    engine: ChdbEngine, estate: Estate, programme: Programme, until: str, who: str = "100"
) -> PartnerLevel:
    """The level of an organisation in a month, as known now."""
    estate.feed(engine)
    holder = Holder("organisation", who)
    position = estate.chain.last
    return partner_level(
        engine, estate.views, programme, programme.id, holder, month(until), position
    )


def metric(found: PartnerLevel, tenant_class: str, name: str) -> MetricScore:
    """One metric of a class."""
    return next(one for one in found.score[tenant_class].metrics if one.metric.id == name)


def amounts(found: PartnerLevel, tenant_class: str, name: str) -> dict[str, Any]:
    """A metric's figures by part."""
    return {part.part: part.amount for part in metric(found, tenant_class, name).parts}


def revenue(values: dict[str, int], subscription: str, tenant: str = "t1") -> list[dict[str, Any]]:
    """Revenue of a subscription's sales workload by month."""
    key = {"tenant": tenant, "subscription": subscription, "workload": "sales"}
    return flows("bizapps.revenue", values, **key)


# Net new revenue (§8.2).


def test_150_thousand_of_300_are_five_points(engine: ChdbEngine, estate: Estate) -> None:
    """The example of §8.2; in a developing market the same revenue earns all ten."""
    customer(estate, "t1")
    customer(estate, "t2", "CZ")
    for n, tenant in ((1, "t1"), (2, "t2")):
        place = sold(estate, f"s{n}", tenant)
        organisation = f"{n}00"
        estate.hold("DPOR", f"{n}01", "2019-01-01", organisation=organisation, **place)
    rows = [
        *flows(
            "bizapps.revenue",
            {"2020-12": 150_000},
            tenant="t1",
            subscription="s1",
            workload="sales",
        ),
        *flows(
            "bizapps.revenue",
            {"2020-12": 150_000},
            tenant="t2",
            subscription="s2",
            workload="sales",
        ),
    ]
    told(estate, "a1", "bizapps_revenue", rows, *YEAR)
    found = level(engine, estate, PCI, "2020-12")
    assert metric(found, "ce", "net_new_revenue").points == 5
    assert (
        metric(level(engine, estate, PCI, "2020-12", "200"), "ce", "net_new_revenue").points == 10
    )
    assert metric(found, "smb", "net_new_revenue").points == 10
    assert metric(found, "fo", "net_new_revenue").points == 0, "sales is no workload of F&O"


def test_markets_are_added_each_by_the_part_of_its_own_threshold(
    engine: ChdbEngine, estate: Estate
) -> None:
    """90k of 300k and 60k of 150k: 3 + 4 points [P]."""
    rows = []
    for tenant, country, amount in (("t1", "DE", 90_000), ("t2", "CZ", 60_000)):
        customer(estate, tenant, country)
        estate.hold("DPOR", "101", "2019-01-01", **sold(estate, f"s-{tenant}", tenant))
        key = {"tenant": tenant, "subscription": f"s-{tenant}", "workload": "sales"}
        rows += flows("bizapps.revenue", {"2020-12": amount}, **key)
    told(estate, "a1", "bizapps_revenue", rows, *YEAR)
    found = metric(level(engine, estate, PCI, "2020-12"), "ce", "net_new_revenue")
    assert found.points == 7
    assert [part.points for part in found.parts] == [Decimal(3), Decimal(4)]


def test_an_ea_counts_in_its_first_year_and_a_channel_not_named_never(
    engine: ChdbEngine, estate: Estate
) -> None:
    """EA: first agreement year only; channels EA, CSP, Web Direct (§8.2)."""
    customer(estate, "t1")
    estate.views.execute(
        "INSERT INTO agreements VALUES ('E-1', 'EA', 't1', ?, NULL, 1)", (day_us("2019-12-15"),)
    )
    rows = []
    for name, other in (
        ("s1", {"channel": "ea", "agreement": "E-1"}),
        ("s2", {"channel": "volume_licensing"}),
        ("s3", {"channel": "csp_direct"}),
    ):
        estate.hold("DPOR", "101", "2019-01-01", **sold(estate, name, "t1", **other))
        months = {"2020-11": 1_000, "2020-12": 20_000}
        rows += flows("bizapps.revenue", months, tenant="t1", subscription=name, workload="sales")
    told(estate, "a1", "bizapps_revenue", rows, *YEAR)
    found = amounts(level(engine, estate, PCI, "2020-12"), "smb", "net_new_revenue")
    assert found == {"": 1_000 + 21_000}


def test_revenue_goes_by_the_revenue_claim_which_beats_dpor_and_presales_gives_nothing(
    engine: ChdbEngine, estate: Estate
) -> None:
    """§7.2: CPOR beats DPOR while it stands; before and after, DPOR counts."""
    customer(estate, "t1")
    place = sold(estate, "s1", "t1")
    estate.hold("DPOR", "101", "2019-01-01", **place)
    estate.hold(
        "CPOR", "201", "2020-03-01", "2020-05-01", organisation="200", activity="revenue", **place
    )
    estate.hold("CPOR", "301", "2019-01-01", organisation="300", activity="pre_sales", **place)
    months = dict.fromkeys(YEAR, 100)
    rows = flows("bizapps.revenue", months, tenant="t1", subscription="s1", workload="sales")
    told(estate, "a1", "bizapps_revenue", rows, *YEAR)
    earned = {
        who: amounts(level(engine, estate, PCI, "2020-12", who), "smb", "net_new_revenue")[""]
        for who in ("100", "200", "300")
    }
    assert earned == {"100": 1_000, "200": 200, "300": 0}


def test_a_month_without_report_makes_a_sum_incomplete_not_lower(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Eleven months are not a year."""
    customer(estate, "t1")
    estate.hold("DPOR", "101", "2019-01-01", **sold(estate, "s1", "t1"))
    rows = flows(
        "bizapps.revenue", {"2020-12": 9}, tenant="t1", subscription="s1", workload="sales"
    )
    told(estate, "a1", "bizapps_revenue", rows, *YEAR[1:])
    found = metric(level(engine, estate, PCI, "2020-12"), "smb", "net_new_revenue")
    assert (found.points, found.why) == (None, "no report for bizapps.revenue in 2020-01")


# Customer adds (§7.2).


def seats(estate: Estate, values: dict[str, int], name: str = "s1", tenant: str = "t1") -> None:
    """Paid seats of a subscription by month, in a report over three years."""
    rows = levels("subscription.seats", values, tenant=tenant, subscription=name)
    told(estate, f"seats-{name}", "subscription_details", rows, "2019-01", *YEAR, *NEXT)


@pytest.mark.parametrize(
    "values, until, adds",
    [
        ({"2020-02": 0, "2020-03": 5}, "2020-12", 1),  # nothing in the month before, seats in this
        ({"2020-02": 0, "2020-03": 5}, "2021-02", 1),
        ({"2020-02": 0, "2020-03": 5}, "2021-03", 0),  # twelve months are over
        ({"2020-02": 0, "2020-03": 5, "2020-06": 0}, "2020-12", 0),  # won and lost
        ({"2020-02": 0, "2020-03": 5, "2020-06": 0, "2020-08": 4}, "2020-12", 1),  # returned
        ({"2019-06": 0, "2019-07": 5, "2020-06": 0}, "2020-12", -1),  # credited within 12 months
        ({"2019-05": 0, "2019-06": 5, "2020-07": 0}, "2020-12", 0),  # longer ago: not taken back
    ],
)
def test_a_customer_is_won_and_lost_by_its_paid_seats(
    engine: ChdbEngine, estate: Estate, values: dict[str, int], until: str, adds: int
) -> None:
    """§8.2, Customer add month; §7.2: lost within twelve months, returning counts again."""
    customer(estate, "t1")
    estate.hold("CSP_T1", "101", "2019-01-01", **sold(estate, "s1", "t1"))
    whole = {
        f"{year}-{n:02}": max(
            ((when, seat) for when, seat in values.items() if when <= f"{year}-{n:02}"),
            default=("", 0),
        )[1]
        for year in (2019, 2020, 2021)
        for n in range(1, 13)
    }
    seats(estate, whole)
    found = level(engine, estate, PCI, until)
    assert amounts(found, "ce", "net_customer_adds") == {"developed": adds, "developing": 0}


def test_adds_are_of_who_was_associated_in_the_month_not_of_later_arrivals(
    engine: ChdbEngine, estate: Estate
) -> None:
    """§7.2; and in the SMB option whoever is associated when a customer is lost loses (§13.15)."""
    customer(estate, "t1")
    place = sold(estate, "s1", "t1")
    estate.hold("CSP_T1", "101", "2020-03-20", **place)  # within the month of the add
    estate.hold("DPOR", "201", "2020-04-01", organisation="200", **place)  # later
    values = {f"2019-{n:02}": 0 for n in range(1, 13)}
    values |= {when: 0 if when < "2020-03" or when > "2020-08" else 7 for when in YEAR}
    seats(estate, values)
    first, later = (level(engine, estate, PCI, "2020-07", who) for who in ("100", "200"))
    assert amounts(first, "ce", "net_customer_adds")["developed"] == 1
    assert amounts(later, "ce", "net_customer_adds")["developed"] == 0
    first, later = (level(engine, estate, PCI, "2020-12", who) for who in ("100", "200"))
    assert amounts(first, "ce", "net_customer_adds")["developed"] == 0
    assert amounts(later, "ce", "net_customer_adds")["developed"] == 0
    assert amounts(first, "smb", "net_customer_adds_smb") == {"": 0}
    assert amounts(later, "smb", "net_customer_adds_smb") == {"": -1}


# Deployments and users of the contribution score (§8.2).


@pytest.mark.parametrize(
    "values, crossed",
    [
        ({"2020-01": 249, "2020-02": 250}, 1),
        ({"2020-01": 249, "2020-02": 249}, 0),
        ({"2020-01": 250, "2020-02": 250}, 0),  # not below twelve months ago
        ({"2020-01": 249, "2020-12": 250}, 1),  # at least once, to the last month
        ({"2020-02": 300}, 1),  # not there twelve months ago
        ({"2020-01": 300}, 0),
    ],
)
def test_a_deployment_was_below_twelve_months_ago_and_reached_it_since(
    engine: ChdbEngine, estate: Estate, values: dict[str, int], crossed: int
) -> None:
    """Below the threshold twelve months ago, at or above it at least once in the next eleven."""
    customer(estate, "t1")
    estate.hold("DPOR", "101", "2019-01-01", **sold(estate, "s1", "t1"))
    rows = levels("bizapps.mau", values, tenant="t1", subscription="s1", workload="sales")
    told(estate, "a1", "bizapps_usage", rows, *YEAR)
    found = level(engine, estate, PCI, "2020-12")
    assert amounts(found, "ce", "new_deployments") == {"developed": crossed, "developing": 0}
    assert amounts(found, "fo", "new_deployments") == {"developed": 0, "developing": 0}


def test_the_size_of_a_deployment_goes_by_the_customers_market(
    engine: ChdbEngine, estate: Estate
) -> None:
    """200 users are a large deployment in a developing market, none in a developed one."""
    rows = []
    for tenant, country in (("t1", "DE"), ("t2", "CZ")):
        customer(estate, tenant, country)
        estate.hold("DPOR", "101", "2019-01-01", **sold(estate, f"s-{tenant}", tenant))
        key = {"tenant": tenant, "subscription": f"s-{tenant}", "workload": "sales"}
        rows += levels("bizapps.mau", {"2020-01": 1, "2020-05": 200}, **key)
    told(estate, "a1", "bizapps_usage", rows, *YEAR)
    found = level(engine, estate, PCI, "2020-12")
    assert amounts(found, "ce", "new_deployments") == {"developed": 0, "developing": 1}
    assert metric(found, "ce", "new_deployments").points == 20


def test_consultants_are_counted_by_the_location_they_are_at(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Market by partner location: 6 of 15 and 2 of 5 make 6 + 6 points (§8.2)."""
    for location, country in (("101", "DE"), ("102", "CZ")):
        estate.views.execute(
            "INSERT INTO locations VALUES (?, '100', '', ?, NULL, NULL, NULL, 1)",
            (location, country),
        )
    for n, (location, count, when) in enumerate(
        [("101", "6", "2020-12-31"), ("102", "2", "2020-10-31"), ("101", "4", "2019-12-31")]
    ):
        estate.views.execute(
            "INSERT INTO figures VALUES (?, 'pci_2021', 'functional_consultants', '100', ?, '', '',"
            " ?, ?, 'x')",
            (n + 1, location, when, count),
        )
    estate.chain.last = 9
    found = level(engine, estate, PCI, "2020-12")
    people = metric(found, "ce", "functional_consultants")
    assert amounts(found, "ce", "functional_consultants") == {"developed": 6, "developing": 2}
    assert people.points == 12
    assert metric(found, "smb", "functional_consultants").points == 30


@pytest.mark.parametrize(
    "told, people",
    [
        ([("101", "", "3"), ("102", "", "4")], 7),  # locations are added
        ([("101", "", "3"), ("102", "", "4"), ("", "", "5")], 5),  # the whole goes before them
        ([("", "", "5"), ("", "smb", "2")], 2),  # the narrower goes before the wider
        ([("", "ce", "9"), ("", "", "4")], 4),  # another class's is none of this one
    ],
)
def test_the_figure_of_the_organisation_goes_before_those_of_its_locations(
    engine: ChdbEngine, estate: Estate, told: list[tuple[str, str, str]], people: int
) -> None:
    """People, each once: who counts for the whole knows better than a sum (§8.3 [P])."""
    for n, (location, tenant_class, value) in enumerate(told, 1):
        estate.views.execute(
            "INSERT INTO figures VALUES (?, 'pci_2021', 'developers', '100', ?, ?, '',"
            " '2020-12-31', ?, 'x')",
            (n, location, tenant_class, value),
        )
    estate.chain.last = 9
    found = level(engine, estate, PCI, "2020-12")
    assert amounts(found, "smb", "developers") == {"": people}


# Azure areas, Security, Business Applications (§8.3).


def acr(
    values: dict[str, int], subscription: str, tenant: str = "t1", service: str = "App Service"
) -> list[dict[str, Any]]:
    """Azure consumption of a subscription by month."""
    key = {"tenant": tenant, "subscription": subscription, "resource": f"Azure > {service}"}
    return flows("azure.acr", values, **key)


MONTHS = [f"20{year}-{n:02}" for year in (21, 22, 23) for n in range(1, 13)]


def azure(estate: Estate, rows: list[dict[str, Any]]) -> None:
    """An Azure usage report over three years."""
    told(estate, "azure", "azure", rows, *MONTHS)


def test_s5_the_present_owner_takes_the_whole_history(engine: ChdbEngine, estate: Estate) -> None:
    """S5: A's 1,000, 1,200 and 1,100 become B's once the transfer is known (§15)."""
    place = sold(estate, "s1", "t1", "azure")
    first = estate.hold("CSP_T1", "101", "2022-01-01", **place)
    azure(estate, acr({"2023-03": 1000, "2023-04": 1200, "2023-05": 1100}, "s1"))
    before = level(engine, estate, AZURE, "2023-05")
    assert amounts(before, "all", "usage_growth") == {"": 3300}
    estate.forget(first)
    estate.hold("CSP_T1", "101", "2022-01-01", "2023-06-01", **place)
    estate.hold("CSP_T1", "201", "2023-06-01", organisation="200", **place)
    assert amounts(level(engine, estate, AZURE, "2023-05"), "all", "usage_growth") == {"": 0}
    after = level(engine, estate, AZURE, "2023-05", "200")
    assert amounts(after, "all", "usage_growth") == {"": 3300}


def test_s5_a_link_with_a_role_keeps_what_it_measured(engine: ChdbEngine, estate: Estate) -> None:
    """A's credit as PAL Owner stays 3,300, counted once beside its CSP (§15 S5, §7.1)."""
    place = sold(estate, "s1", "t1", "azure")
    estate.hold("PAL", "101", "2022-01-01", role="Owner", **place)
    estate.hold("CSP_T1", "101", "2022-01-01", "2023-06-01", **place)
    estate.hold("CSP_T1", "201", "2023-06-01", organisation="200", **place)
    estate.hold(
        "PAL", "301", "2022-01-01", organisation="300", **place
    )  # no role: measures nothing
    azure(estate, acr({"2023-03": 1000, "2023-04": 1200, "2023-05": 1100}, "s1"))
    for who, amount in (("100", 3300), ("200", 3300), ("300", 0)):
        found = level(engine, estate, AZURE, "2023-05", who)
        assert amounts(found, "all", "usage_growth") == {"": amount}


@pytest.mark.parametrize(
    "last_year, this_year, points",
    [
        (1000, 1100, 10),
        (1000, 1200, 20),
        (1000, 1300, 20),
        (900, 999, 0),
        (1000, 900, 0),
        (0, 1000, 20),
    ],
)
def test_a_point_for_each_per_cent_of_azure_growth(
    engine: ChdbEngine, estate: Estate, last_year: int, this_year: int, points: int
) -> None:
    """1 point per 1 % to 20, with at least 1,000 USD in the twelve months (§8.3)."""
    estate.hold("DPOR", "101", "2020-01-01", **sold(estate, "s1", "t1", "azure"))
    azure(estate, acr({"2022-05": last_year, "2023-05": this_year}, "s1"))
    found = metric(level(engine, estate, AZURE, "2023-09"), "all", "usage_growth")
    assert found.points == points


@pytest.mark.parametrize(
    "values, adds",
    [
        ({"2023-09": 1000}, 1),
        ({"2023-08": 1000}, 1),  # in one of the last two months
        ({"2023-07": 1000}, 0),
        ({"2023-09": 999}, 0),
        ({"2023-08": 600, "2023-09": 600}, 0),  # never in one month
        ({"2022-09": 1000, "2023-09": 1000}, 0),  # a customer twelve months ago, too
        ({"2022-08": 1000}, -1),
    ],
)
def test_an_azure_customer_has_1000_in_one_of_two_months(
    engine: ChdbEngine, estate: Estate, values: dict[str, int], adds: int
) -> None:
    """Adds 10 pts each (§8.3)."""
    estate.hold("DPOR", "101", "2020-01-01", **sold(estate, "s1", "t1", "azure"))
    azure(estate, acr(values, "s1"))
    found = level(engine, estate, AZURE, "2023-09")
    assert amounts(found, "all", "net_customer_adds") == {"": adds}
    assert metric(found, "all", "net_customer_adds").points == max(0, 10 * adds)


def test_each_azure_service_counts_once(engine: ChdbEngine, estate: Estate) -> None:
    """2 pts per service to 10, whoever of the customers consumes it (§8.3)."""
    rows = []
    for n, tenant in enumerate(("t1", "t2")):
        estate.hold("DPOR", "101", "2020-01-01", **sold(estate, f"s{n}", tenant, "azure"))
        for service in ("App Service", f"Service {n}"):
            rows += acr({"2023-09": 5}, f"s{n}", tenant, service)
    azure(estate, rows)
    found = level(engine, estate, AZURE, "2023-09")
    assert amounts(found, "all", "deployments") == {"": 3}
    assert metric(found, "all", "deployments").points == 6


def test_security_adds_its_halves_and_counts_a_customer_once(
    engine: ChdbEngine, estate: Estate
) -> None:
    """§13.10: 25 paid seats by CPOR, 100 USD by PAL; one customer of both is one add (§7.3)."""
    for tenant in ("t1", "t2"):
        estate.hold("CPOR", "101", "2022-10-05", tenant=tenant, workload="intune", activity="usage")
    for n, tenant in enumerate(("t2", "t3", "t1")):
        place = sold(estate, f"s{n}", tenant, "azure")
        estate.hold("PAL", "101", "2022-10-05", role="Reader", **place)
    consumed = acr({"2023-09": 12_000}, "s0", "t2") + acr({"2023-09": 100}, "s1", "t3")
    azure(estate, consumed + acr({"2023-09": 100}, "s2", "t1"))
    rows = []
    for tenant, units, users in (("t1", 25, 10), ("t2", 24, 24)):
        key = {"tenant": tenant, "workload": "intune"}
        rows += levels("m365.pau", {"2022-09": units, "2023-09": units}, **key)
        rows += levels("m365.mau", {"2022-09": 1, "2023-09": users}, **key)
    told(estate, "m365", "cpor_m365", rows, "2022-01", "2023-09")
    found = level(engine, estate, SECURITY, "2023-09")
    # t1 by seats and consumption, once; t2 by its consumption, with too few seats; t3 alike.
    assert metric(found, "all", "net_customer_adds").why == ""
    assert amounts(found, "all", "net_customer_adds") == {"": 3}
    assert metric(found, "all", "net_customer_adds").points == 6
    assert amounts(found, "all", "deployments") == {"CPOR": 1, "PAL": 1}
    assert metric(found, "all", "deployments").points == Decimal("6.6")
    usage = metric(found, "all", "usage_growth")
    assert (usage.points, usage.status) == (None, "incomplete")
    assert "most points" in usage.why
    assert [part.amount for part in usage.parts] == [9 + 23, 12_200]
    assert found.score.qualified is None


def test_a_customer_that_counted_by_seats_before_is_none_that_its_consumption_adds(
    engine: ChdbEngine, estate: Estate
) -> None:
    """§7.3: adds are de-duplicated per customer over types, now as twelve months ago."""
    estate.hold("CPOR", "101", "2022-01-05", tenant="t1", workload="intune", activity="usage")
    place = sold(estate, "s1", "t1", "azure")
    estate.hold("PAL", "101", "2022-01-05", role="Reader", **place)
    azure(estate, acr({"2023-09": 100}, "s1"))
    rows = levels("m365.pau", {"2022-09": 25, "2023-09": 25}, tenant="t1", workload="intune")
    told(estate, "m365", "cpor_m365", rows, "2022-01", "2023-09")
    found = level(engine, estate, SECURITY, "2023-09")
    assert amounts(found, "all", "net_customer_adds") == {"": 0}


@pytest.mark.parametrize("seats, users", [(None, 300), (5, 300), (0, 0)])
def test_only_a_paid_subscription_shares_the_users_of_a_customer(
    engine: ChdbEngine, estate: Estate, seats: int | None, users: int
) -> None:
    """§7.2: associated to any *paid* subscription; free is what was bought for no seat [P]."""
    customer(estate, "t1")
    place = sold(estate, "s1", "t1")
    sold(estate, "s2", "t1")
    free = {"seats": seats} if seats is not None else {}
    estate.tell("subscription.started.v1", **place, product="dynamics365", **free)
    estate.hold("DPOR", "101", "2019-01-01", **place)
    key = {"tenant": "t1", "subscription": "s2", "workload": "sales"}
    told(estate, "a1", "bizapps_usage", levels("bizapps.mau", {"2020-12": 300}, **key), *YEAR)
    asked = level(engine, estate, PCI, "2020-12")
    found = metric(asked, "ce", "mau_growth").parts
    assert [part.figure.why for part in found if isinstance(part.figure, Missing)]
    told(estate, "a0", "bizapps_usage", [], "2019-12", "2019-12")
    assert amounts(level(engine, estate, PCI, "2020-12"), "ce", "mau_growth") == {
        "developed": users,
        "developing": 0,
    }


@pytest.mark.parametrize(
    "before, now, track",
    [
        ([5001] * 5, [5001] * 5, "enterprise"),
        ([5001] * 5, [5001] * 4 + [5000], "smb"),  # over, not at
        ([5001] * 4 + [5000], [5001] * 5, "smb"),
        ([5001] * 4, [5001] * 4, "smb"),
        ([5001] * 3 + [0] * 3 + [5001] * 2, [5001] * 6, "smb"),  # the same workloads in both
    ],
)
def test_a_business_track_is_assigned_not_chosen(
    engine: ChdbEngine, estate: Estate, before: list[int], now: list[int], track: str
) -> None:
    """Five workloads over 5,000 USD in both months make Enterprise; else it is SMB (§13.9)."""
    rows = []
    for n, first in enumerate(before):
        estate.hold("DPOR", "101", "2020-01-01", **sold(estate, f"s{n}", f"t{n}"))
        last = now[n] if n < len(now) else 0
        rows += revenue({"2022-09": first, "2023-09": last}, f"s{n}", f"t{n}")
    told(estate, "a1", "bizapps_revenue", rows, *MONTHS)
    found = level(engine, estate, BUSINESS, "2023-09").score
    assert (found.assigned, found.better.tenant_class.id) == (track, track)


def test_consumption_value_is_users_times_the_rate_of_the_workload(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Business Central 1000, F&O 100 (§8.3); 60 of 50 is 20 %; other workloads weigh nothing."""
    place = sold(estate, "s1", "t1")
    estate.hold("CSP_T1", "101", "2020-01-01", **place)
    rows = []
    for workload, before, now in (("business_central", 40, 50), ("f_o", 100, 100), ("odd", 1, 999)):
        values = {"2022-09": before, "2023-09": now}
        rows += levels("bizapps.mau", values, **place, workload=workload)
    told(estate, "a1", "bizapps_usage", rows, *MONTHS)
    found = level(engine, estate, BUSINESS, "2023-09")
    growth = metric(found, "enterprise", "usage_growth")
    assert growth.points == 20
    assert metric(found, "smb", "deployments").parts[0].amount == 0
    bigger = level(engine, estate, BUSINESS, "2023-09").score["enterprise"].metrics[3]
    assert bigger.parts[0].amount == 0, "over the value in both months"


def test_growth_before_the_association_gives_no_consumption_value(
    engine: ChdbEngine, estate: Estate
) -> None:
    """§7.3: associated from July on, what grew until June is what is grown from."""
    place = sold(estate, "s1", "t1")
    estate.hold("CSP_T1", "101", "2023-07-01", **place)
    values = {"2022-09": 50, "2023-06": 80, "2023-09": 90}
    rows = levels("bizapps.mau", values, **place, workload="business_central")
    told(estate, "a1", "bizapps_usage", rows, *MONTHS)
    found = level(engine, estate, BUSINESS, "2023-09")
    part = metric(found, "enterprise", "usage_growth").parts[0]
    assert part.amount == 10_000
    assert metric(found, "enterprise", "usage_growth").points == 20
