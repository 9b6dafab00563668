"""What a growth answer says: who is credited, for what, and as known when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.errors import BadInputError
from projections.growth.engine import ChdbEngine
from projections.growth.growth import Wanted, growth, levels
from tests.projections.growth.estate import MICRO, Estate, increment, month

TENANT = "11111111-1111-1111-1111-111111111111"
TEAMS: dict[str, Any] = {"tenant": TENANT, "workload": "teams"}


def units(answer: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    """The named columns of each row; amounts in whole units, without zeros told apart."""
    return [tuple(_unit(row[name], name) for name in names) for row in answer]


def _unit(value: Any, name: str) -> Any:
    return value // MICRO if name.endswith("_micro") and value is not None else value


def test_growth_is_credited_to_the_holder_on_the_first_of_the_month(
    engine: ChdbEngine, estate: Estate
) -> None:
    """A partner that arrives in the middle of August is credited from September on."""
    estate.hold("CPOR", "101", "2023-08-10", **TEAMS)
    estate.load(
        "a1", [increment("2023-08", 20, level=120, **TEAMS), increment("2023-09", 100, **TEAMS)]
    )
    estate.feed(engine)
    answer = growth(engine, by=["month", "partner"])
    assert units(answer.rows(), "month", "partner", "credited_micro", "uncredited_micro") == [
        (month("2023-08"), "", 0, 20),
        (month("2023-09"), "101", 100, 0),
    ]


def test_a_change_of_holder_on_the_first_credits_the_new_one(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Intervals are closed at their start and open at their end."""
    estate.hold("CPOR", "101", "2023-01-01", "2023-09-01", **TEAMS)
    estate.hold("CPOR", "202", "2023-09-01", **TEAMS, organisation="200")
    estate.load("a1", [increment("2023-08", 5, **TEAMS), increment("2023-09", 7, **TEAMS)])
    estate.feed(engine)
    answer = growth(engine, by=["organisation", "partner"])
    assert units(answer.rows(), "organisation", "partner", "credited_micro") == [
        ("100", "101", 5),
        ("200", "202", 7),
    ]


def test_an_opening_is_never_credited(engine: ChdbEngine, estate: Estate) -> None:
    """The first level of a key stands in its own column though somebody held the slot."""
    estate.hold("CPOR", "101", "2023-01-01", **TEAMS)
    estate.load("a1", [increment("2023-08", 100, mark="opening", level=100, **TEAMS)])
    estate.feed(engine)
    columns = ("partner", "credited_micro", "uncredited_micro", "opening_micro", "level_micro")
    answer = growth(engine, by=["month", "partner"])
    assert units(answer.rows(), *columns) == [("101", 0, 0, 100, 100)]


def test_growth_across_a_gap_says_since_which_month(engine: ChdbEngine, estate: Estate) -> None:
    """It is part of the credited sum, and told apart in a column of its own."""
    estate.hold("CPOR", "101", "2023-01-01", **TEAMS)
    gap = increment("2023-11", 30, mark="gap", gap_from="2023-08", level=150, **TEAMS)
    estate.load("a1", [increment("2023-08", 20, **TEAMS), gap])
    estate.feed(engine)
    columns = ("credited_micro", "credited_across_gap_micro", "gap_from")
    answer = growth(engine, by=["partner"])
    assert units(answer.rows(), *columns) == [(50, 30, month("2023-08"))]


def test_growth_nobody_is_credited_for_tells_its_gap_too(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Uncredited growth across a gap has a column of its own as well."""
    gap = increment("2023-11", 30, mark="gap", gap_from="2023-08", level=150, **TEAMS)
    estate.load("a1", [increment("2023-08", 20, **TEAMS), gap])
    estate.feed(engine)
    columns = ("uncredited_micro", "uncredited_across_gap_micro", "credited_micro")
    assert units(growth(engine, by=[]).rows(), *columns) == [(50, 30, 0)]


def test_only_attempts_a_decision_names_count(engine: ChdbEngine, estate: Estate) -> None:
    """Rows of a load that was outrun or crashed are in the log, and in no answer."""
    estate.log.append("outrun", [increment("2023-08", 1000, **TEAMS)])
    estate.load("a1", [increment("2023-08", 20, **TEAMS)])
    estate.feed(engine)
    assert units(growth(engine).rows(), "uncredited_micro") == [(20,)]


def test_a_withdrawal_counts_from_its_own_position(engine: ChdbEngine, estate: Estate) -> None:
    """At the loading the growth stands; at the withdrawal nothing is left, level included."""
    loaded = estate.load("a1", [increment("2023-08", 20, level=120, **TEAMS)])
    taken = estate.load("a2", [increment("2023-08", -20, level=None, **TEAMS)], withdrawn=True)
    estate.feed(engine)
    assert units(growth(engine, position=loaded).rows(), "uncredited_micro", "level_micro") == [
        (20, 120)
    ]
    assert growth(engine, position=taken).rows() == []
    assert levels(engine, "m365.mau", month("2023-08"), position=taken) == []


def test_an_answer_at_a_position_uses_holdings_as_known_then(
    engine: ChdbEngine, estate: Estate
) -> None:
    """A holder learned of later changes the later answer and not the earlier one."""
    row = estate.hold("CPOR", "101", "2023-01-01", **TEAMS)
    known_then = estate.load("a1", [increment("2023-08", 20, **TEAMS)])
    estate.feed(engine)
    estate.forget(row)
    estate.hold("CPOR", "202", "2023-01-01", **TEAMS)
    estate.feed(engine)
    then = growth(engine, by=["partner"], position=known_then)
    now = growth(engine, by=["partner"])
    assert units(then.rows(), "partner", "credited_micro") == [("101", 20)]
    assert units(now.rows(), "partner", "credited_micro") == [("202", 20)]
    assert (then.position, now.position) == (known_then, estate.chain.last)


def test_each_kind_is_credited_and_the_total_counts_growth_once(
    engine: ChdbEngine, estate: Estate
) -> None:
    """CPOR and DPOR both earn the same growth; asked without kinds it is not doubled."""
    estate.tell("subscription.started.v1", subscription="s1", tenant=TENANT, product="m365")
    estate.hold("CPOR", "101", "2023-01-01", **TEAMS)
    estate.hold("DPOR", "102", "2023-01-01", tenant=TENANT, subscription="s1")
    estate.load("a1", [increment("2023-08", 20, **TEAMS)])
    estate.feed(engine)
    by_kind = growth(engine, by=["kind", "partner"])
    assert units(by_kind.rows(), "kind", "partner", "credited_micro") == [
        ("CPOR", "101", 20),
        ("DPOR", "102", 20),
    ]
    assert units(growth(engine, by=["organisation"]).rows(), "credited_micro") == [(20,)]
    assert units(growth(engine, by=[]).rows(), "credited_micro") == [(20,)]


def test_a_place_on_another_product_earns_no_microsoft_365_growth(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Selling Dynamics to a tenant does not credit its Teams users; an unknown product neither."""
    estate.tell("subscription.started.v1", subscription="d1", tenant=TENANT, product="dynamics365")
    estate.hold("CSP_T1", "301", "2023-01-01", tenant=TENANT, subscription="d1")
    estate.hold("DPOR", "302", "2023-01-01", tenant=TENANT, subscription="never heard of")
    estate.load("a1", [increment("2023-08", 20, **TEAMS)])
    estate.feed(engine)
    columns = ("kind", "credited_micro", "uncredited_micro")
    assert units(growth(engine, by=["kind"]).rows(), *columns) == [("", 0, 20)]


def test_consumption_of_a_subscription_goes_to_its_own_places(
    engine: ChdbEngine, estate: Estate
) -> None:
    """A flow keyed by subscription is reached by subscription, whatever the product."""
    estate.hold("CSP_T2", "301", "2023-01-01", tenant=TENANT, subscription="z1")
    flow: dict[str, Any] = {"metric": "azure.acr", "tenant": TENANT}
    estate.load(
        "a1",
        [
            increment("2023-08", 20, **flow, subscription="z1", resource="r1"),
            increment("2023-08", 22, **flow, subscription="z1", resource="r2"),
            increment("2023-08", 7, **flow, subscription="z2", resource="r1"),
        ],
    )
    estate.feed(engine)
    columns = ("kind", "credited_micro", "uncredited_micro", "level_micro")
    assert units(growth(engine, by=["month", "kind"]).rows(), *columns) == [
        ("", 0, 7, None),
        ("CSP_T2", 42, 0, None),
    ]


def test_attributed_consumption_is_credited_as_its_file_states(
    engine: ChdbEngine, estate: Estate
) -> None:
    """Partner and attribution come from the row, the organisation from its register."""
    estate.tell("location.registered.v1", location="101", organisation="100")
    estate.hold("DPOR", "999", "2023-01-01", tenant=TENANT, subscription="z1")
    row: dict[str, Any] = {"metric": "azure.acr.attributed", "tenant": TENANT, "subscription": "z1"}
    owner: dict[str, Any] = {"partner": "101", "attribution": "PAL.Owner"}
    estate.load(
        "a1",
        [
            increment("2023-08", 1000, **row, **owner),
            increment("2023-08", 1000, **row, partner="201", attribution="CSP_T1"),
        ],
    )
    estate.feed(engine)
    columns = ("kind", "partner", "organisation", "attribution", "credited_micro")
    answer = growth(engine, by=["kind", "organisation"])
    assert units(answer.rows(), *columns) == [
        ("CSP_T1", "201", "", "CSP_T1", 1000),
        ("PAL", "101", "100", "PAL.Owner", 1000),
    ]


def test_amounts_of_two_metrics_are_never_added(engine: ChdbEngine, estate: Estate) -> None:
    """The metric is among the columns also when it was not asked for."""
    estate.load("a1", [increment("2023-08", 20, **TEAMS)])
    estate.load("a2", [increment("2023-08", 300, **TEAMS, metric="m365.pau")])
    estate.feed(engine)
    assert units(growth(engine).rows(), "metric", "uncredited_micro") == [
        ("m365.mau", 20),
        ("m365.pau", 300),
    ]


def test_the_level_is_the_one_stated_last_for_that_month(
    engine: ChdbEngine, estate: Estate
) -> None:
    """A restatement replaces the month's level; later months without a statement have none."""
    estate.load("a1", [increment("2023-08", 20, level=120, **TEAMS)])
    estate.load("a2", [increment("2023-08", 30, level=150, **TEAMS)])
    estate.feed(engine)
    assert levels(engine, "m365.mau", month("2023-08")) == [(TENANT, "teams", 150 * MICRO)]
    assert levels(engine, "m365.mau", month("2023-09")) == []
    assert units(growth(engine).rows(), "level_micro") == [(150,)]


def test_filters_narrow_the_answer(engine: ChdbEngine, estate: Estate) -> None:
    """Workload, tenant, month, kind and partner each leave only what they name."""
    other: dict[str, Any] = {
        "tenant": "22222222-2222-2222-2222-222222222222",
        "workload": "exchange",
    }
    estate.hold("CPOR", "101", "2023-01-01", **TEAMS)
    estate.hold("CPOR", "102", "2023-01-01", **other)
    months = ["2023-08", "2023-09", "2023-10"]
    estate.load("a1", [increment(when, 1, **key) for when in months for key in (TEAMS, other)])
    estate.feed(engine)

    def total(wanted: Wanted) -> list[tuple[Any, ...]]:
        columns = ("credited_micro", "uncredited_micro")
        return units(growth(engine, by=[], wanted=wanted).rows(), *columns)

    assert total(Wanted()) == [(6, 0)]
    assert total(Wanted(workloads=("exchange",))) == [(3, 0)]
    assert total(Wanted(tenants=(TENANT,))) == [(3, 0)]
    assert total(Wanted(from_month=month("2023-09"), to_month=month("2023-09"))) == [(2, 0)]
    assert total(Wanted(kinds=("DPOR",))) == [(0, 6)]
    assert total(Wanted(partners=("102",))) == [(3, 0)]
    assert total(Wanted(organisations=("100",))) == [(6, 0)]
    assert total(Wanted(organisations=("7",))) == []
    assert total(Wanted(metrics=("m365.pau",))) == []


def test_input_that_looks_like_sql_is_only_a_value(engine: ChdbEngine, estate: Estate) -> None:
    """Quotes, backslashes and line ends in a filter or a name find what is so named."""
    odd = "x'); DROP TABLE attempts; -- \\ \n\t'"
    estate.load("a1", [increment("2023-08", 20, tenant=odd, workload="teams")])
    estate.feed(engine)
    answer = growth(engine, by=["tenant"], wanted=Wanted(tenants=(odd,)))
    assert units(answer.rows(), "tenant", "uncredited_micro") == [(odd, 20)]


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"by": ["colour"]}, "'colour'"),
        ({"position": 99}, "not at 99"),
        ({"position": -1}, "not at -1"),
        ({"wanted": Wanted(from_month=date(2023, 8, 2))}, "2023-08-02"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_its_value(
    engine: ChdbEngine, estate: Estate, asked: dict[str, Any], said: str
) -> None:
    """An unknown column, a position not fed, a day inside a month."""
    estate.feed(engine)
    with pytest.raises(BadInputError, match=said):
        growth(engine, **asked)
