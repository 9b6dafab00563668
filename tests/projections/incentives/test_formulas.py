"""The formulas of incentive programmes on their edges (domain.md §8.4, §15 S10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ledger.rules import rates
from ledger.rules.incentive_programmes.programme import IncentiveProgramme
from projections.incentives.caps import capped
from projections.incentives.evaluate import lines
from projections.incentives.lines import Line, Place, Tenure
from projections.incentives.months import first_us
from projections.incentives.prices import pricing
from projections.incentives.reasons import Reason
from schemas.time import from_iso
from tests.projections.incentives.made import (
    TEAMS,
    by_month,
    counted,
    eligible,
    month,
    programme,
    several,
    tenure,
)


def told(
    rules: IncentiveProgramme,
    levels: dict[str, dict[int, int]],
    *tenures: Tenure,
    until: int = 5,
    **more: Any,
) -> dict[int, Line]:
    """The one line of each month."""
    place = counted(levels, tenures, **more)
    return by_month(lines(rules, [place], month(until), eligible))


def codes(line: Line) -> list[str]:
    """The codes of a line's reasons, in order."""
    return [reason.code for reason in line.reasons]


@pytest.fixture(scope="module")
def mci() -> IncentiveProgramme:
    """MCI usage as it ships."""
    return programme("mci_usage_2023", recognition_only=[])


@pytest.mark.parametrize(
    "october, units, marks",
    [(620, [120, 0, 80], [500, 620, 620]), (590, [90, 10, 100], [500, 590, 600])],
)
def test_s10(mci: IncentiveProgramme, october: int, units: list[int], marks: list[int]) -> None:
    """620, 600, 700 seats above a mark of 500, and the same with October restated to 590."""
    seats = {0: 500, 1: october, 2: 600, 3: 700}
    users = {0: 480, 1: 560, 2: 595, 3: 650}
    found = told(mci, {"m365.pau": seats, "m365.mau": users}, tenure("C-1", 1, 9), until=3)
    assert [found[n].units for n in (1, 2, 3)] == units
    assert [found[n].mark for n in (1, 2, 3)] == marks
    assert sum(found[n].units for n in (1, 2, 3)) == 200
    assert found[3].mark_after == 700
    assert codes(found[2]) == (["PAULWPHWM", "MAULWPHWM"] if october == 620 else [])


def test_users_at_the_mark_earn_nothing_and_the_mark_moves_all_the_same(
    mci: IncentiveProgramme,
) -> None:
    """At or below: at is not enough; the peak of paid seats is the mark, paid or not [P]."""
    levels = {"m365.pau": {0: 400, 1: 500, 2: 600}, "m365.mau": {0: 400, 1: 400, 2: 501}}
    found = told(mci, levels, tenure("C-1", 0, 9), until=2)
    assert codes(found[1]) == ["MAULWPHWM"]
    assert several(found[2].mark, found[2].units) == [500, 100]


def test_three_hundred_seats_are_enough_and_one_less_is_not(mci: IncentiveProgramme) -> None:
    """The minimum of the community's quotation (TC-4108599)."""
    for seats, units in ((299, 0), (300, 200)):
        levels = {"m365.pau": {0: 100, 1: seats}, "m365.mau": {0: 90, 1: 290}}
        found = told(mci, levels, tenure("C-1", 0, 9), until=1)
        assert found[1].units == units
        assert codes(found[1]) == ([] if units else ["MINTHNTMT"])


def test_a_first_level_is_no_growth_without_evidence_of_zero(mci: IncentiveProgramme) -> None:
    """S4's rule for marks: an opening becomes the mark; after a stated zero it is all growth."""
    levels = {"m365.pau": {1: 400}, "m365.mau": {1: 350}}
    assert codes(told(mci, levels, tenure("C-1", 0, 9), until=1)[1]) == ["OPENING"]
    zero = told(mci, levels, tenure("C-1", 0, 9), until=1, opened=False)
    assert several(zero[1].mark, zero[1].units) == [0, 400]


def test_a_month_without_a_report_says_so_and_keeps_the_mark(mci: IncentiveProgramme) -> None:
    """Not zero; and what comes after is measured by what was before."""
    levels = {"m365.pau": {0: 400, 2: 450}, "m365.mau": {0: 350, 2: 420}}
    found = told(mci, levels, tenure("C-1", 0, 9), until=2)
    assert codes(found[1]) == ["NOREPORT"]
    assert several(found[1].mark, found[1].mark_after) == [400, 400]
    assert several(found[2].mark, found[2].units) == [400, 50]


def test_a_decline_takes_nothing_back(mci: IncentiveProgramme) -> None:
    """Nothing below zero, and the mark stays (domain.md §14.4)."""
    levels = {"m365.pau": {0: 400, 1: 350, 2: 420}, "m365.mau": {0: 390, 1: 340, 2: 410}}
    found = told(mci, levels, tenure("C-1", 0, 9), until=2)
    assert [found[n].units for n in (1, 2)] == [0, 20]


def test_both_pairs_are_kept(mci: IncentiveProgramme) -> None:
    """Seats pay; users have a mark and units of their own (domain.md §13.13)."""
    levels = {"m365.pau": {0: 400, 1: 500}, "m365.mau": {0: 390, 1: 450}}
    line = told(mci, levels, tenure("C-1", 0, 9), until=1)[1]
    assert several(line.units, line.mark, line.quantity_type) == [100, 400, "PAU"]
    assert several(line.units_beside, line.mark_beside, line.beside_type) == [60, 390, "MAU"]


def test_approval_within_a_month_counts_from_the_next(mci: IncentiveProgramme) -> None:
    """Only usage after approval; dated on the first of the month [P]."""
    late = tenure("C-1", 1, 9)._replace(from_us=first_us(month(1)) + 1)
    levels = {"m365.pau": {0: 400, 1: 500, 2: 530}, "m365.mau": {0: 390, 1: 450, 2: 520}}
    found = told(mci, levels, late, until=2)
    assert codes(found[1]) == ["IVDPOE"]
    assert several(found[2].units, found[2].mark) == [30, 500]


def test_what_waits_for_approval_is_told(mci: IncentiveProgramme) -> None:
    """Nothing filed is silent; what is filed and not approved is not."""
    waiting = tenure("C-1", 1, 9)._replace(approved=False)
    levels = {"m365.pau": {0: 400, 1: 500}, "m365.mau": {0: 390, 1: 450}}
    found = told(mci, levels, waiting, until=1)
    assert codes(found[1]) == ["IVDPOE"]


def test_a_longest_time_since_the_attachment_ends_it() -> None:
    """As many months as the file says, counted from the month of the attachment."""
    attach = {"most_months": 2, "reason": "MXTMCPMT", "source": "test"}
    rules = programme("mci_usage_2023", attach=attach, recognition_only=[])
    seats = {n: 400 + 10 * n for n in range(5)}
    found = told(rules, {"m365.pau": seats, "m365.mau": seats}, tenure("C-1", 1, 9), until=4)
    assert [codes(found[n]) for n in (1, 2, 3)] == [[], [], ["MXTMCPMT"]]


def test_claiming_again_attaches_anew_and_finds_the_mark() -> None:
    """A new claim has its own time; the mark is of the tenant and workload."""
    attach = {"most_months": 2, "reason": "MXTMCPMT", "source": "test"}
    rules = programme("mci_usage_2023", attach=attach, recognition_only=[])
    seats = {n: 400 + 10 * n for n in range(6)}
    held = (tenure("C-1", 1, 4), tenure("C-2", 4, 9))
    found = told(rules, {"m365.pau": seats, "m365.mau": seats}, *held)
    assert [codes(found[n]) for n in (3, 4)] == [["MXTMCPMT"], []]
    assert found[4].units == 10


def test_a_workload_that_is_recognised_only_pays_nothing_in_its_time() -> None:
    """FY23: Yammer and Information Protection (domain.md §8.4)."""
    rules = programme("mci_usage_2023")
    yammer = TEAMS._replace(workload="yammer")
    seats = {n: 400 + 10 * n for n in range(8)}
    levels = {"m365.pau": seats, "m365.mau": seats}
    found = told(rules, levels, tenure("C-1", 0, 9), until=7, place=yammer)
    assert [codes(found[n]) for n in (5, 6)] == [["RECONLY"], []]


def osu(**changed: Any) -> IncentiveProgramme:
    """OSU with sizes of our own: under 100 seats one way, from there on another."""
    small = {"seats_from": 0, "seats_to": 99, "share_at_claim_below": 20, "milestones": [40]}
    large = {"seats_from": 100, "share_at_claim_below": 20, "milestones": [15, 40, 60]}
    buckets = [
        {"id": "XXS", **small, "source": "own"},
        {"id": "L", **large, "source": "own"},
    ]
    formula = {"name": "milestones", "active": "m365.mau", "seats": "m365.pau", "source": "own"}
    return programme("osu_m365_2020", formula=formula | {"bucket": buckets} | changed)


def use(seats: dict[int, int], users: dict[int, int]) -> dict[str, dict[int, int]]:
    """Levels of seats and users."""
    return {"m365.pau": seats, "m365.mau": users}


def test_a_milestone_is_paid_once_and_several_at_once_are_all_paid() -> None:
    """From 5 % at the claim to 41 %: two; then nothing until the third."""
    levels = use(dict.fromkeys(range(5), 200), {0: 10, 1: 82, 2: 90, 3: 120, 4: 60})
    place = counted(levels, (tenure("C-1", 1, 9),))
    found = lines(osu(), [place], month(4), eligible)
    credited = [(line.month, line.milestone) for line in found if line.status == "credited"]
    assert credited == [(month(1), 1), (month(1), 2), (month(3), 3)]
    assert [codes(line) for line in found if line.month == month(4)] == [["NOMILESTONE"]]


def test_what_stood_at_the_claim_never_pays() -> None:
    """16 % at the claim: the first milestone, 15 %, is behind it."""
    levels = use({0: 200, 1: 200}, {0: 32, 1: 90})
    found = told(osu(), levels, tenure("C-1", 1, 9), until=1)
    assert [line.milestone for line in found.values()] == [2]


@pytest.mark.parametrize("users, reasons", [(39, []), (40, ["SHAREHIGH"])])
def test_a_pilot_spoils_eligibility(users: int, reasons: list[str]) -> None:
    """Below 20 % at the claim, or nothing is ever paid for it (pain 5)."""
    levels = use({0: 200, 1: 200}, {0: users, 1: 150})
    place = counted(levels, (tenure("C-1", 1, 9),))
    found = lines(osu(), [place], month(1), eligible)
    assert {tuple(codes(line)) for line in found} == {tuple(reasons)}


def test_a_small_pilot_may_be_ignored_where_the_file_says_so() -> None:
    """As Microsoft planned in October 2021 for under 150 seats (FPC-XXS)."""
    levels = use({0: 10, 1: 1_000}, {0: 10, 1: 500})
    strict = told(osu(), levels, tenure("C-1", 1, 9), until=1)[1]
    assert codes(strict) == ["SHAREHIGH", "NOMILESTONE"]
    # The pilot's own 100 % still stand at the claim, so no milestone lies above them.
    planned = told(osu(ignore_share_below=150), levels, tenure("C-1", 1, 9), until=1)[1]
    assert codes(planned) == ["NOMILESTONE"]


def test_the_way_out_is_to_claim_again_when_the_share_has_fallen() -> None:
    """Disassociate, wait for the new seats, claim again at 8 %; paid milestones stay paid."""
    levels = use({0: 200, 1: 200, 2: 1_000, 3: 1_000}, {0: 80, 1: 80, 2: 80, 3: 600})
    held = (tenure("C-1", 1, 2), tenure("C-2", 3, 9))
    place = counted(levels, held)
    found = lines(osu(), [place], month(3), eligible)
    assert codes(found[0])[0] == "SHAREHIGH"
    assert [line.milestone for line in found if line.status == "credited"] == [1, 2, 3]


def test_fewer_than_150_seats_earn_nothing_yet_and_use_up_no_milestone() -> None:
    """Earlier usage does not count: reached again with 150 seats, it pays (FPC-150)."""
    levels = use({0: 149, 1: 149, 2: 150}, {0: 10, 1: 80, 2: 80})
    found = lines(osu(), [counted(levels, (tenure("C-1", 1, 9),))], month(2), eligible)
    assert {tuple(codes(line)) for line in found if line.month == month(1)} == {("MINTHNTMT",)}
    credited = [line.milestone for line in found if line.status == "credited"]
    assert credited == [1, 2]


def test_a_milestone_paid_to_one_is_not_paid_to_the_next() -> None:
    """One payment per workload and milestone, whoever holds [P]."""
    levels = use(dict.fromkeys(range(4), 200), {0: 0, 1: 40, 2: 10, 3: 90})
    held = (tenure("C-1", 1, 2), tenure("C-2", 3, 9, partner="201", organisation="200"))
    found = lines(osu(), [counted(levels, held)], month(3), eligible)
    paid = [(one.tenure.partner, one.milestone) for one in found if one.status == "credited"]
    assert paid == [("101", 1), ("201", 2)]


def test_a_milestone_reached_while_not_eligible_is_paid_later_if_it_still_stands() -> None:
    """A refused month uses up no milestone [P]: at 41 % refused, at 42 % paid; at 10 % not."""

    def why_not(_: Tenure, __: Place, asked: date) -> tuple[Reason, ...]:
        return (Reason("IVDMPN"),) if asked == month(1) else ()

    for later, paid in ((84, [1, 2]), (20, [])):
        levels = use(dict.fromkeys(range(3), 200), {0: 10, 1: 82, 2: later})
        found = lines(osu(), [counted(levels, (tenure("C-1", 1, 9),))], month(2), why_not)
        assert {tuple(codes(line)) for line in found if line.month == month(1)} == {("IVDMPN",)}
        assert [line.milestone for line in found if line.status == "credited"] == paid


def test_without_published_sizes_nothing_is_said_about_payment() -> None:
    """The shipped file is incomplete, never zero; too few seats are told all the same."""
    rules = programme("osu_m365_2020")
    for seats, status, reasons in (
        (200, "incomplete", ["NOTPUBLISHED"]),
        (100, "refused", ["MINTHNTMT", "NOTPUBLISHED"]),
    ):
        levels = use({0: seats, 1: seats}, {0: 1, 1: 90})
        line = told(rules, levels, tenure("C-1", 1, 9), until=1)[1]
        assert several(line.status, codes(line)) == [status, reasons]


def test_no_share_at_the_claim_is_not_a_low_one() -> None:
    """Nothing was told before the claim nor in its month."""
    levels = use({2: 200}, {2: 90})
    assert codes(told(osu(), levels, tenure("C-1", 1, 9), until=2)[2]) == ["NOSHARE"]


def test_fy16_pays_a_tenth_of_the_rate_for_each_active_user() -> None:
    """Rate-card value * active users * 10 % (KB3185107): 400 users at 5.00 are 200.00."""
    rules = programme("osu_fy16")
    place = counted({"m365.mau": {0: 400}}, (tenure("", 0, 9, kind="DPOR"),))
    (line,) = lines(rules, [place], month(0), eligible)
    (paid,) = capped((), [line], pricing(rules, [card("osu_fy16", "5")], lambda _: ("CZ", "CZ")))
    assert several(paid.units, paid.amount, paid.currency) == [400, Decimal("200.00"), "EUR"]


def test_fy16_can_not_be_told_where_several_partners_of_record_stand() -> None:
    """Usage is not reported by subscription, so neither is credited (incomplete data, said so)."""
    rules = programme("osu_fy16")
    held = (
        tenure("", 0, 9, kind="DPOR"),
        tenure("", 0, 9, kind="DPOR", partner="201", organisation="200"),
    )
    place = counted({"m365.mau": {0: 400}}, held)
    found = lines(rules, [place], month(0), eligible)
    assert [codes(line) for line in found] == [["NOTTOLD"], ["NOTTOLD"]]


def card(name: str, per_unit: str, **more: Any) -> rates.RateCard:
    """A rate card with one rate."""
    rate = {"programme": name, "per_unit": per_unit, "first": "2019-01-01", "source": "own"}
    whole = {"rates": "own", "title": "Own", "currency": "EUR", "source": "own"}
    return rates.parse(whole | {"rate": [rate | more]})


SOLD = Place(TEAMS.tenant, "", "S-1")


@pytest.mark.parametrize(
    "submitted, reasons", [("2023-01-08T23:59:59Z", []), ("2023-01-09T00:00:00Z", ["AFTERCUT"])]
)
def test_osa_sell_wants_the_claim_five_days_before_the_second_friday(
    submitted: str, reasons: list[str]
) -> None:
    """The second Friday of January 2023 is the 13th, so the 8th is in time and the 9th is not."""
    held = tenure("C-1", 0, 9)._replace(submitted_us=from_iso(submitted))
    levels = {"subscription.billed_revenue": {0: 900, 1: 900}}
    found = told(programme("osa_sell_2020"), levels, held, until=1, place=SOLD, channel="ea")
    assert several(codes(found[0]), found[0].units) == [reasons, 0 if reasons else 900]
    assert several(codes(found[1]), found[1].units) == [[], 900]


def test_osa_sell_pays_no_csp_and_nothing_below_zero() -> None:
    """Volume Licensing or Web Direct, not CSP (domain.md §3.2); credits take nothing back."""
    held = tenure("C-1", 0, 9, submitted=-1)
    rules = programme("osa_sell_2020")
    levels = {"subscription.billed_revenue": {0: 900, 1: -50}}
    csp = told(rules, levels, held, until=1, place=SOLD, channel="csp_direct")
    assert codes(csp[0]) == ["IVDPTRROLE"]
    assert codes(told(rules, levels, held, until=1, place=SOLD, channel="ea")[1]) == ["NOUSAGE"]


@pytest.mark.parametrize("days, reasons", [(89, ["LATEATTACH"]), (90, [])])
def test_an_attach_rule_of_days_is_a_users_to_say(days: int, reasons: list[str]) -> None:
    """The shipped file does not publish it; a claim 90 days after the sale, and a rule of 89."""
    formula = dict(programme("osa_sell_2020").model_dump(mode="json")["formula"])
    rules = programme("osa_sell_2020", formula=formula | {"attach_within_days": days})
    held = tenure("C-1", 0, 9)
    started_us = held.submitted_us - 90 * 86_400_000_000
    levels = {"subscription.billed_revenue": {1: 900}}
    found = told(rules, levels, held, until=1, place=SOLD, channel="ea", started_us=started_us)
    assert codes(found[1]) == reasons


def test_pec_pays_for_whole_days_of_the_months_consumption() -> None:
    """31 days, 10 of them with an eligible role: ten thirty-firsts of 3,100 at 15 % are 150."""
    rules = programme("pec")
    who = tenure("", 0, 9, kind="PAL")._replace(role="Owner", claim=None)
    place = counted({"azure.acr": {0: 3_100}}, (), place=SOLD, days={month(0): {who: 10}})
    (line,) = lines(rules, [place], month(0), eligible)
    assert several(line.units, line.tenure.association) == [10, "PAL.Owner"]
    (paid,) = capped((), [line], pricing(rules, [card("pec", "0.15")], lambda _: ("CZ", "CZ")))
    assert paid.amount == Decimal("150.00")


def test_pec_without_a_whole_day_says_which_association_fails() -> None:
    """IVDPTRROLE: no eligible role for a whole day."""
    who = tenure("", 0, 9, kind="PAL")._replace(claim=None)
    place = counted({"azure.acr": {0: 3_100}}, (), place=SOLD, days={month(0): {who: 0}})
    (line,) = lines(programme("pec"), [place], month(0), eligible)
    assert codes(line) == ["IVDPTRROLE"]


def accelerated(*accelerators: dict[str, Any]) -> IncentiveProgramme:
    """MCI with regional accelerators."""
    return programme("mci_usage_2023", accelerator=list(accelerators), recognition_only=[])


def faster(name: str, multiplier: str, **more: Any) -> dict[str, Any]:
    """An accelerator in Czechia for the first half of 2023."""
    told_ = {"id": name, "countries": ["CZ"], "multiplier": multiplier, "source": "own"}
    return told_ | {"first": "2023-01-01", "until": "2023-07-01"} | more


def amount(rules: IncentiveProgramme, n: int, countries: tuple[str, str]) -> Decimal | None:
    """What 100 units at 2.00 come to in a month."""
    line = Line(rules.id, "", month(n), TEAMS, tenure("C-1", 0, 9), units=Decimal(100))
    price = pricing(rules, [card(rules.id, "2")], lambda _: countries)
    return price(line).amount


def test_an_accelerator_multiplies_in_its_region_and_dates() -> None:
    """From its first month to before its last; by the customer's country unless it says partner."""
    rules = accelerated(faster("spring", "1.5"))
    assert amount(rules, 5, ("CZ", "SK")) == 300
    assert amount(rules, 6, ("CZ", "SK")) == 200
    assert amount(rules, 0, ("SK", "CZ")) == 200
    assert amount(accelerated(faster("own", "1.5", region="partner")), 0, ("SK", "CZ")) == 300


def test_of_several_accelerators_the_highest_is_applied_alone() -> None:
    """They are not multiplied with each other [P]."""
    rules = accelerated(
        faster("one", "1.5"), faster("two", "2"), faster("no", "9", workloads=["exchange"])
    )
    assert amount(rules, 0, ("CZ", "CZ")) == 400


def test_the_rate_that_names_most_is_taken_and_the_card_adopted_last_goes_first() -> None:
    """A rate for Teams in Czechia before one for Teams, before one for all."""
    name = "mci_usage_2023"
    rows = [
        {"programme": name, "per_unit": "1", "first": "2019-01-01", "source": "own"} | more
        for more in ({}, {"workload": "teams", "per_unit": "2"},
                     {"workload": "teams", "country": "CZ", "per_unit": "3"})
    ]  # fmt: skip
    whole = {"rates": "own", "title": "Own", "currency": "EUR", "source": "own", "rate": rows}
    found = rates.parse(whole)
    asked = rates.Asked(name, date(2023, 1, 1), "teams", country="CZ")
    told_ = [found.find(one) for one in (asked, asked._replace(country="SK"),
                                        asked._replace(workload="exchange"))]  # fmt: skip
    assert [one and one.per_unit for one in told_] == [3, 2, 1]
    later = card(name, "9")
    picked = rates.find([found, later], asked)
    assert picked is not None
    assert picked[1].per_unit == 9


def test_caps_of_amounts_are_applied_after_the_price() -> None:
    """150.00 of a cap of 200.00 leave 50.00 for the next line, and nothing for a third."""
    cap = {"id": "year", "per": ["customer"], "period": "fiscal_year", "unit": "amount"}
    rules = programme("mci_usage_2023", cap=[cap | {"most": "200", "source": "own"}])
    price = pricing(rules, [card(rules.id, "1.5")], lambda _: ("CZ", "CZ"))
    asking = [
        Line(rules.id, "", month(n), TEAMS, tenure("C-1", 0, 9), units=Decimal(100))
        for n in range(3)
    ]
    found = capped(rules.cap, asking, price)
    assert [one.amount for one in found] == [150, 50, 0]
    assert [one.caps[0].left for one in found] == [50, 0, 0]
    assert [codes(one) for one in found] == [[], [], ["CAPREACHED"]]


def test_a_cap_whose_size_is_not_published_limits_nothing_and_says_nothing() -> None:
    """The shipped file names it; what is left of it can't be told."""
    rules = programme("mci_usage_2023")
    asking = [Line(rules.id, "", month(0), TEAMS, tenure("C-1", 0, 9), units=Decimal(10**9))]
    (found,) = capped(rules.cap, asking)
    assert several(found.units, found.caps[0].left) == [10**9, None]


def test_reasons_are_told_in_the_order_of_the_table() -> None:
    """What is about the claim before what is about usage; each code once."""
    levels = {"m365.pau": {0: 400, 1: 100}, "m365.mau": {0: 90, 1: 90}}
    place = counted(levels, (tenure("C-1", 0, 9),))
    twice = (Reason("IVDMPN", "one"), Reason("IVDMPN", "two"), Reason("OPTOUT"))
    (_, line) = lines(programme("mci_usage_2023", recognition_only=[]), [place], month(1),
                      lambda *_: twice)  # fmt: skip
    assert codes(line) == ["IVDMPN", "OPTOUT", "MINTHNTMT", "PAULWPHWM", "MAULWPHWM"]
    assert line.reason == Reason("IVDMPN", "one")
