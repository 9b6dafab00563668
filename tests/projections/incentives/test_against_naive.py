"""Each programme agrees with a naive model on histories of all sorts (domain.md §8.4)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rules.incentive_programmes.programme import SellAttach
from projections.incentives.caps import capped
from projections.incentives.evaluate import last_day_in_time, lines
from projections.incentives.lines import Line, Place, Tenure
from projections.incentives.months import apart
from projections.incentives.reasons import Reason
from tests.conftest import SOAK
from tests.projections.incentives import naive_earnings as naive
from tests.projections.incentives.made import START, counted, month, programme, tenure

MONTHS = 10
EXAMPLES = 5_000 if SOAK else 200


_STEPS = st.lists(st.sampled_from([-10, 0, 5, 5, 10, 15]), min_size=MONTHS, max_size=MONTHS)
_MOSTLY = st.sampled_from([True, True, True, True, False])


@st.composite
def histories(draw: st.DrawFn) -> naive.History:
    """Levels that mostly rise, with gaps; one holder after another with times between; refusals."""
    seats, users = {}, {}
    level, part = draw(st.sampled_from([0, 5, 10, 20])), draw(st.sampled_from([0, 1, 5, 8, 10]))
    for n, step in enumerate(draw(_STEPS)):
        level = max(0, level + step)
        part = min(10, part + draw(st.sampled_from([0, 0, 1, 2])))
        if draw(_MOSTLY):
            seats[n] = level
        if draw(_MOSTLY):
            users[n] = level * part // 10
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=6))
    turns = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    stints = tuple(
        naive.Stint(
            f"C-{n}",
            draw(st.sampled_from(["101", "201"])),
            first,
            until,
            draw(st.integers(max(0, first - 2), first)),
        )
        for n, (first, until) in enumerate(pairwise(turns))
        if draw(_MOSTLY)
    )
    refused = st.frozensets(
        st.tuples(st.sampled_from(["101", "201"]), st.integers(0, MONTHS - 1)), max_size=4
    )
    return naive.History(seats, users, draw(st.booleans()), stints, draw(refused))


def reckoned(history: naive.History, rules: Any) -> list[Line]:
    """The lines of the real functions."""

    def why_not(holder: Tenure, _: Place, asked: date) -> tuple[Reason, ...]:
        refused = (holder.partner, apart(START, asked)) in history.refused
        return (Reason("IVDMPN"),) if refused else ()

    place = counted(
        {"m365.pau": dict(history.seats), "m365.mau": dict(history.users)},
        tuple(
            tenure(one.claim, one.first, one.until, partner=one.partner, submitted=one.submitted)
            for one in history.stints
        ),
        opened=history.opened,
    )
    return lines(rules, [place], month(MONTHS - 1), why_not)


@settings(max_examples=EXAMPLES)
@given(
    histories(),
    st.sampled_from([None, 10, 20, 25, 40]),
    st.booleans(),
    st.booleans(),
)
def test_units_above_the_mark(
    history: naive.History, minimum: int | None, every_level: bool, users_too: bool
) -> None:
    """Whoever holds, whatever is missing: the same units, and the mark of every month."""
    rules = programme(
        "mci_usage_2023",
        formula={
            "name": "high_water_mark",
            "pays": "m365.pau",
            "beside": "m365.mau",
            "above_mark": ["m365.pau", "m365.mau"] if users_too else ["m365.pau"],
            "mark_moves": "every_level" if every_level else "earned",
            "source": "test",
        },
        minimum=minimum
        and {"metric": "m365.pau", "units": minimum, "reason": "MINTHNTMT", "source": "test"},
        recognition_only=[],
    )
    plain = naive.MarkRules(minimum, every_level, users_too)
    found = {apart(START, one.month): one for one in reckoned(history, rules)}
    assert found.keys() == {n for n in range(MONTHS) if history.holder(n)}
    for n, line in found.items():
        assert line.units == naive.units(history, n, plain), n
        assert (line.units > 0) == (line.status == "credited"), n
        if n in history.seats:
            assert line.mark == naive.mark_before(history, n, plain), n


_SIZES = st.lists(st.sampled_from([10, 20, 25, 40, 50, 75]), min_size=1, unique=True).map(sorted)


@settings(max_examples=EXAMPLES)
@given(
    histories(),
    _SIZES,
    _SIZES,
    st.sampled_from([20, 40, 50, 100]),
    st.sampled_from([None, 10, 20, 25]),
)
def test_milestones(
    history: naive.History, small: list[int], large: list[int], share: int, minimum: int | None
) -> None:
    """Each is paid once, to whoever holds when it is reached, and never for what stood before."""
    sizes = (
        naive.Size(1, 20, share, tuple(small)),
        naive.Size(21, None, 50, tuple(large)),
    )
    buckets = [
        {
            "id": f"B-{n}",
            "seats_from": size.low,
            "share_at_claim_below": size.too_much,
            "milestones": list(size.milestones),
            "source": "test",
        }
        | ({} if size.high is None else {"seats_to": size.high})
        for n, size in enumerate(sizes)
    ]
    rules = programme(
        "osu_m365_2020",
        formula={
            "name": "milestones",
            "active": "m365.mau",
            "seats": "m365.pau",
            "bucket": buckets,
            "source": "test",
        },
        minimum=minimum
        and {"metric": "m365.pau", "units": minimum, "reason": "MINTHNTMT", "source": "test"},
    )
    found: dict[int, set[int]] = {}
    for line in reckoned(history, rules):
        if line.status == "credited":
            assert line.milestone is not None
            assert line.units == 1
            found.setdefault(apart(START, line.month), set()).add(line.milestone)
    for n in range(MONTHS):
        wanted = naive.paid_milestones(history, n, sizes, minimum, 0)
        assert found.get(n, set()) == wanted, n


@settings(max_examples=EXAMPLES)
@given(
    st.lists(st.tuples(st.integers(0, MONTHS - 1), st.integers(0, 2), st.integers(0, 9))),
    st.integers(1, 30),
    st.sampled_from([("month", ()), ("fiscal_year", ("customer",)), ("programme", ())]),
)
def test_caps(
    asked: list[tuple[int, int, int]], most: int, how: tuple[str, tuple[str, ...]]
) -> None:
    """Whatever is asked for in whatever order of customers: never more than the cap, no less."""
    period, per = how
    asked = sorted(asked)
    rules = programme(
        "mci_usage_2023",
        cap=[
            {
                "id": "own",
                "per": list(per),
                "period": period,
                "unit": "units",
                "most": most,
                "source": "test",
            }
        ],
    )
    given_lines = [_asking(rules.id, *one) for one in asked]
    keys = [
        (
            str(n if period == "month" else (n + 6) // 12 if period == "fiscal_year" else ""),
            str(customer if per else ""),
        )
        for n, customer, _ in asked
    ]
    wanted = naive.after_caps(
        [(key, units) for key, (_, _, units) in zip(keys, asked, strict=True)], most
    )
    found = capped(rules.cap, given_lines)
    assert [int(one.units) for one in found] == wanted
    for line, through, (_, _, units) in zip(found, wanted, asked, strict=True):
        cut = units > 0 and through == 0
        assert [one.code for one in line.reasons] == (["CAPREACHED"] if cut else [])
        assert line.caps[0].cut == units - through


def _asking(name: str, n: int, customer: int, units: int) -> Line:
    return Line(
        programme=name,
        lever="",
        month=month(n),
        place=Place(f"t-{customer}", "teams", ""),
        tenure=tenure("C-1", 0, MONTHS),
        units=Decimal(units),
        uncapped=Decimal(units),
    )


@given(st.integers(2019, 2022), st.integers(1, 12), st.integers(0, 20))
def test_the_last_day_in_time(year: int, number: int, days: int) -> None:
    """So many days before the second Friday, for every month there is."""
    shipped = programme("osa_sell_2020").formula
    assert isinstance(shipped, SellAttach)
    rule = shipped.model_copy(update={"days_before_cut_off": days})
    found = last_day_in_time(rule, date(year, number, 1))
    assert found == naive.last_day_before_cut_off(year, number, days)
