"""The SQL and a naive model written from the rule agree on any small estate, at any position."""

from __future__ import annotations

from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from projections.growth.engine import ChdbEngine
from projections.growth.growth import (
    DIMENSIONS,
    MEASURES,
    Wanted,
    growth,
    growth_from_increments,
)
from schemas.time import FOREVER_US
from tests.conftest import SOAK
from tests.projections.growth.conftest import NewEngine
from tests.projections.growth.estate import Estate, day_us, increment, month
from tests.projections.growth.naive_growth import Facts, Held, columns, naive_growth

TENANTS = ("t1", "t2")
WORKLOADS = ("teams", "exchange")
PARTNERS = {"101": "100", "102": "100", "201": "200"}
SUBSCRIPTIONS = {"s1": "t1", "s2": "t1", "s3": "t2"}  # a subscription is of one tenant
DIMENSIONS_OF_A_KEY = ("metric", "tenant", "subscription", "workload", "resource", "partner")
MONTHS = tuple(month(f"2023-{number:02}") for number in range(1, 5))
DAYS = ("2022-12-31", "2023-02-01", "2023-02-02", "2023-04-01")
METRICS = (
    *("m365.mau", "m365.pau", "azure.acr", "azure.acr.attributed"),
    *("bizapps.mau", "bizapps.pamau", "bizapps.revenue"),
)

ESTATES = 300 if SOAK else 30
QUESTIONS = 3

one_of = st.sampled_from


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Any increment row: marks and amounts need not make sense together."""
    metric = draw(one_of(METRICS))
    key: dict[str, Any] = {"metric": metric}
    if metric.startswith("m365"):
        key |= {"tenant": draw(one_of(TENANTS)), "workload": draw(one_of(WORKLOADS))}
        key |= {"level": draw(st.none() | st.integers(0, 50))}
    else:
        subscription = draw(one_of(sorted(SUBSCRIPTIONS)))
        key |= {"tenant": SUBSCRIPTIONS[subscription], "subscription": subscription}
        key |= {"resource": draw(one_of("xy"))}
    if metric in {"bizapps.mau", "bizapps.pamau"}:
        key |= {"workload": draw(one_of(["finance", "sales"]))}
        key |= {"level": draw(st.none() | st.integers(0, 50))}
    if metric == "bizapps.pamau":
        key |= {"partner": draw(one_of(["100", *PARTNERS]))}
    if metric.endswith("attributed"):
        key |= {"partner": draw(one_of(["", *PARTNERS]))}
        key |= {"attribution": draw(one_of(["PAL.Owner", "PAL.Contributor", "CSP_T1"]))}
    mark = draw(one_of(["opening", "growth", "growth", "gap"]))
    key |= {"mark": mark, "gap_from": "2022-10" if mark == "gap" else None}
    # An increment that changes nothing would be one of a metric that nothing is told of.
    delta = draw(st.integers(-20, -1) | st.integers(1, 20))
    return increment(draw(one_of(MONTHS)), delta, **key)


@st.composite
def loads(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The rows of one attempt: one level for a key and month, and one start of its gaps."""
    drawn = draw(st.lists(rows(), min_size=6, max_size=16))
    gap_from, levels = month(draw(one_of(["2022-10", "2022-11"]))), dict[Any, Any]()
    for row in drawn:
        key = (*(row[name] for name in DIMENSIONS_OF_A_KEY), row["date"])
        row["level_micro"] = levels.setdefault(key, row["level_micro"])
        row["gap_from"] = row["gap_from"] and gap_from
    return drawn


@st.composite
def holdings(draw: st.DrawFn) -> dict[str, Any]:
    """Any holding of a kind that earns, or of one that does not."""
    kind = draw(one_of(["CPOR", "CPOR", "DPOR", "CSP_T1", "CSP_T2", "TPOR"]))
    partner = draw(one_of(sorted(PARTNERS)))
    since = draw(one_of(DAYS))
    until = draw(one_of(["", *(day for day in DAYS if day > since)]))
    if kind == "CPOR" and draw(st.booleans()):
        subscription = draw(one_of(sorted(SUBSCRIPTIONS)))
        place = {"tenant": SUBSCRIPTIONS[subscription], "subscription": subscription}
        place |= {"activity": draw(one_of(["usage", "pre_sales", "revenue"]))}
    elif kind == "CPOR":
        place = {"tenant": draw(one_of(TENANTS)), "workload": draw(one_of(WORKLOADS))}
    else:
        subscription = draw(one_of(sorted(SUBSCRIPTIONS)))
        place = {"tenant": SUBSCRIPTIONS[subscription], "subscription": subscription}
    return {
        "kind": kind,
        "partner": partner,
        "organisation": PARTNERS[partner],
        "since": since,
        "until": until,
        **place,
    }


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), loads()),
        st.tuples(st.just("load"), loads()),
        st.tuples(st.just("outrun"), loads()),
        st.tuples(st.just("hold"), holdings()),
        st.tuples(st.just("hold"), holdings()),
        st.tuples(st.just("forget"), st.integers(0, 5)),
        st.tuples(
            st.just("product"),
            st.tuples(one_of(sorted(SUBSCRIPTIONS)), one_of(["m365", "azure", "else"])),
        ),
        st.tuples(st.just("location"), st.tuples(one_of(sorted(PARTNERS)), one_of(["100", "200"]))),
        st.tuples(st.just("feed"), st.none()),
    ),
    min_size=10,
    max_size=24,
)


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    """No filter half of the time, else one or two values."""
    chosen = st.lists(one_of(values), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(st.just(()), chosen)


WANTED = st.builds(
    Wanted,
    metrics=some(METRICS),
    workloads=some(WORKLOADS),
    tenants=some(TENANTS),
    kinds=some(("CPOR", "DPOR", "CSP_T1", "PAL")),
    partners=some(tuple(PARTNERS)),
    organisations=some(("100", "200")),
    from_month=one_of([Wanted().from_month, MONTHS[1]]),
    to_month=one_of([Wanted().to_month, MONTHS[3]]),
)
BY = st.lists(one_of(DIMENSIONS), unique=True, max_size=5).map(tuple)
QUESTION = st.tuples(st.one_of(st.just(Wanted()), WANTED), BY, st.floats(0, 1))

EVERYTHING = [
    (Wanted(), DIMENSIONS, 1.0),
    (Wanted(), DIMENSIONS, 0.6),
    # Several holders of one increment, shown as one row.
    (Wanted(metrics=("m365.mau", "m365.pau", "azure.acr", "bizapps.mau")), ("organisation",), 1.0),
]


def tell(estate: Estate, engine: ChdbEngine, steps: list[tuple[str, Any]]) -> Facts:
    """Play the steps into an estate, and note the same in plain lists."""
    facts = Facts([], [], [], [], [])
    ids: list[tuple[int, int]] = []  # row id, place in facts.held
    for number, (step, what) in enumerate(steps):
        attempt = f"a{number}"
        if step == "feed":
            estate.feed(engine)
        elif step == "load":
            facts.increments += [(attempt, row) for row in what]
            facts.counted.append((estate.load(attempt, what), attempt))
        elif step == "outrun":
            facts.increments += [(attempt, row) for row in what]
            estate.log.append(attempt, what)
        elif step == "hold":
            ids.append((estate.hold(**what), len(facts.held)))
            facts.held.append(_held(what, estate.chain.last))
        elif step == "forget" and what < len(ids):
            row_id, place = ids.pop(what)
            facts.held[place] = facts.held[place]._replace(known_to=estate.forget(row_id))
        elif step == "product":
            data = {"subscription": what[0], "tenant": SUBSCRIPTIONS[what[0]], "product": what[1]}
            facts.products.append((estate.tell("subscription.started.v1", **data), *what))
        elif step == "location":
            data = {"location": what[0], "organisation": what[1]}
            facts.organisations.append((estate.tell("location.registered.v1", **data), *what))
    estate.feed(engine)
    return facts


def _held(what: dict[str, Any], position: int) -> Held:
    return Held(
        kind=what["kind"],
        partner=what["partner"],
        organisation=what["organisation"],
        tenant=what["tenant"],
        workload=what.get("workload", ""),
        subscription=what.get("subscription", ""),
        activity=what.get("activity", ""),
        since_us=day_us(what["since"]),
        until_us=day_us(what["until"]) if what["until"] else FOREVER_US,
        known_from=position,
        known_to=FOREVER_US,
    )


# Each try feeds a ClickHouse: shrinking an estate would take longer than reading it.
@settings(max_examples=ESTATES, phases=[Phase.explicit, Phase.generate])
@given(
    first=st.lists(st.tuples(st.just("hold"), holdings()), min_size=6, max_size=12),
    steps=STEPS,
    questions=st.lists(QUESTION, min_size=QUESTIONS, max_size=QUESTIONS),
)
def test_sql_and_naive_model_agree_on_every_question(
    new_engine: NewEngine,
    first: list[tuple[str, Any]],
    steps: list[tuple[str, Any]],
    questions: list[tuple[Wanted, tuple[str, ...], float]],
) -> None:
    """Any estate fed in any portions, any grouping and filter, pinned to any position."""
    estate, engine = Estate(), new_engine()
    try:
        facts = tell(estate, engine, first + steps)
        for wanted, by, share in [*EVERYTHING, *questions]:
            position = round(share * estate.chain.last)
            counted = {attempt for at, attempt in facts.counted if at <= position}
            metrics = {row["metric"] for owner, row in facts.increments if owner in counted}
            expected_by = columns(by, wanted.metrics or tuple(metrics))
            expected = naive_growth(facts, expected_by, wanted, position)
            for answered in (growth, growth_from_increments):
                answer = answered(engine, by=by, wanted=wanted, position=position)
                assert answer.by == expected_by
                got = {
                    tuple(row[name] for name in answer.by): [row[name] for name in MEASURES]
                    for row in answer.rows()
                }
                assert len(got) == len(answer.rows())
                differing = [key for key in {*got, *expected} if got.get(key) != expected.get(key)]
                assert differing == [], (answered, position, wanted, expected_by)
    finally:
        estate.close()
