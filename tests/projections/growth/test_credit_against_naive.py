"""Every credit rule against a naive model, on hundreds of small estates kept in few tables."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from projections.growth import credit_fold, store
from projections.growth.engine import ChdbEngine
from projections.growth.growth import MEASURES, Wanted, growth
from schemas.time import FOREVER_US
from tests.conftest import SOAK
from tests.projections.growth.conftest import NewEngine
from tests.projections.growth.estate import Estate, day_us, increment, month
from tests.projections.growth.naive_credit import ABOUT, naive_credit
from tests.projections.growth.naive_growth import Facts, Held

ESTATES_A_TABLE = 25
TABLES = 200 if SOAK else 8
PARTNERS = {"101": "100", "102": "100", "201": "200", "301": "300"}
SUBSCRIPTIONS = {"s1": "t1", "s2": "t1", "s3": "t2"}
MONTHS = tuple(month(text) for text in ("2021-09", "2021-10", "2021-11"))
DAYS = ("2021-08-31", "2021-10-01", "2021-10-02", "2021-11-01")
METRICS = ("m365.mau", "azure.acr", "azure.acr.attributed", "bizapps.mau", "bizapps.revenue")
AMOUNTS = tuple(name for name in MEASURES if name.endswith("_micro"))
one_of = st.sampled_from


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """One increment of some key."""
    metric = draw(one_of(METRICS))
    key: dict[str, Any] = {"metric": metric}
    if metric == "m365.mau":
        key |= {"tenant": draw(one_of(["t1", "t2"])), "workload": draw(one_of(["teams", "yammer"]))}
    else:
        subscription = draw(one_of(sorted(SUBSCRIPTIONS)))
        key |= {"tenant": SUBSCRIPTIONS[subscription], "subscription": subscription}
    if metric == "azure.acr.attributed":
        key |= {"partner": draw(one_of(sorted(PARTNERS))), "attribution": "PAL.Owner"}
    if metric.endswith("mau"):
        key |= {"level": draw(st.none() | st.integers(0, 50))}
    mark = draw(one_of(["opening", "growth", "growth", "gap"]))
    key |= {"mark": mark, "gap_from": "2021-07" if mark == "gap" else None}
    return increment(draw(one_of(MONTHS)), draw(st.integers(-9, 9)), **key)


@st.composite
def loads(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The rows of one attempt: one level for a key and month."""
    drawn, levels = draw(st.lists(rows(), min_size=1, max_size=8)), dict[Any, Any]()
    for row in drawn:
        key = (row["metric"], row["tenant"], row["subscription"], row["workload"], row["date"])
        row["level_micro"] = levels.setdefault(key, row["level_micro"])
    return drawn


@st.composite
def holdings(draw: st.DrawFn) -> dict[str, Any]:
    """A holding of any kind that a rule asks for, on anything it can stand on."""
    kind = draw(one_of(["CPOR", "CPOR", "DPOR", "CSP_T1", "CSP_T2", "PAL", "PAL", "TPOR"]))
    partner, since = draw(one_of(sorted(PARTNERS))), draw(one_of(DAYS))
    subscription = draw(one_of(sorted(SUBSCRIPTIONS)))
    place: dict[str, Any] = {"tenant": SUBSCRIPTIONS[subscription]}
    if kind == "CPOR" and draw(st.booleans()):
        place |= {"workload": draw(one_of(["teams", "yammer"]))}
    elif kind == "PAL":
        tenant = place["tenant"]
        root = f"/providers/Microsoft.Management/managementGroups/{tenant}"
        whole = f"/subscriptions/{subscription}"
        scopes = [whole, whole, root, f"{whole}/resourceGroups/shop"]
        place |= {"scope": draw(one_of(scopes))}
        place |= {"role": draw(one_of(["Owner", "Contributor", "Reader"]))}
    elif kind == "TPOR":
        place |= {"slot": f"tpor:{draw(one_of(['ag1', 'ag2']))}:reseller:{partner}"}
    else:
        place |= {"subscription": subscription}
        if kind == "CPOR":
            place |= {"activity": draw(one_of(["usage", "pre_sales", "revenue"]))}
    return {
        "kind": kind,
        "partner": partner,
        "organisation": PARTNERS[partner],
        "since": since,
        "until": draw(one_of(["", *(day for day in DAYS if day > since)])),
        **place,
    }


SUBSCRIBED = st.fixed_dictionaries(
    {
        "subscription": one_of(sorted(SUBSCRIPTIONS)),
        "product": one_of(["m365", "azure", "dynamics365", "power_platform", "else"]),
        "agreement": one_of([None, "ag1", "ag2"]),
        "seats": one_of([None, 0, 5]),
    }
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("load"), loads()),
        st.tuples(st.just("load"), loads()),
        st.tuples(st.just("outrun"), loads()),
        st.tuples(st.just("hold"), holdings()),
        st.tuples(st.just("hold"), holdings()),
        st.tuples(st.just("hold"), holdings()),
        st.tuples(st.just("forget"), st.integers(0, 4)),
        st.tuples(st.just("subscribe"), SUBSCRIBED),
        st.tuples(st.just("location"), st.tuples(one_of(sorted(PARTNERS)), one_of(["100", "200"]))),
    ),
    min_size=6,
    max_size=16,
)


def drawn(count: int) -> list[list[tuple[str, Any]]]:
    """So many estates as hypothesis makes them."""
    found: list[list[tuple[str, Any]]] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None)
    @given(STEPS)
    def draw(steps: list[tuple[str, Any]]) -> None:
        found.append(steps)

    draw()
    return found


class Telling:
    """Plays estates into one set of tables, each under names of its own, and notes the facts."""

    def __init__(self, estate: Estate) -> None:
        self.facts = Facts([], [], [], [], [])
        self._estate, self._number = estate, 0

    def play(self, steps: list[tuple[str, Any]]) -> None:
        """One more estate."""
        self._number += 1
        ids: list[tuple[int, int]] = []
        known: set[str] = set()
        for number, (step, what) in enumerate(steps):
            attempt = f"{self._own('a')}-{number}"
            if step in {"load", "outrun"}:
                rows = [self._row(row) for row in what]
                self.facts.increments += [(attempt, row) for row in rows]
                if step == "load":
                    self.facts.counted.append((self._estate.load(attempt, rows), attempt))
                else:
                    self._estate.log.append(attempt, rows)
            elif step == "hold":
                held = self._holding(what)
                ids.append((self._estate.hold(**held), len(self.facts.held)))
                self.facts.held.append(_held(held, self._estate.chain.last))
            elif step == "forget" and what < len(ids):
                row_id, place = ids.pop(what)
                over = self._estate.forget(row_id)
                self.facts.held[place] = self.facts.held[place]._replace(known_to=over)
            elif step == "subscribe" and what["subscription"] not in known:
                known.add(what["subscription"])
                self._subscribe(what)
            elif step == "location":
                location, organisation = map(self._own, what)
                told = {"location": location, "organisation": organisation}
                position = self._estate.tell("location.registered.v1", **told)
                self.facts.organisations.append((position, location, organisation))

    def _own(self, name: str) -> str:
        return f"e{self._number:03}-{name}" if name else ""

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        names = ("tenant", "subscription", "partner")
        return {**row, **{name: self._own(row[name]) for name in names}}

    def _holding(self, what: dict[str, Any]) -> dict[str, Any]:
        names = ("tenant", "subscription", "partner", "organisation")
        mine = {name: self._own(what[name]) for name in names if name in what}
        if "scope" in what:
            head, sep, tail = what["scope"].partition("/subscriptions/")
            mine["scope"] = (
                f"{sep}{self._own(tail)}" if sep else f"{head[:-2]}{self._own(head[-2:])}"
            )
        if "slot" in what:
            _, agreement, role, _ = what["slot"].split(":")
            mine["slot"] = f"tpor:{self._own(agreement)}:{role}:{mine['partner']}"
        return {**what, **mine}

    def _subscribe(self, what: dict[str, Any]) -> None:
        subscription = self._own(what["subscription"])
        told = {
            "subscription": subscription,
            "tenant": self._own(SUBSCRIPTIONS[what["subscription"]]),
            "product": what["product"],
            "seats": what["seats"],
            "agreement": self._own(what["agreement"] or "") or None,
        }
        position = self._estate.tell("subscription.started.v1", **told)
        self.facts.products.append((position, subscription, told["product"]))
        if told["agreement"]:
            self.facts.agreements.append((position, subscription, told["agreement"]))
        if told["seats"] == 0:
            self.facts.free.add(subscription)


def _held(what: dict[str, Any], position: int) -> Held:
    plain = ("kind", "partner", "organisation", "tenant")
    may = ("workload", "subscription", "activity", "scope", "role", "slot")
    return Held(
        **{name: what[name] for name in plain},
        **{name: what.get(name, "") for name in may},
        since_us=day_us(what["since"]),
        until_us=day_us(what["until"]) if what["until"] else FOREVER_US,
        known_from=position,
        known_to=FOREVER_US,
    )


def kept(engine: ChdbEngine, rule: str, position: int) -> dict[tuple[Any, ...], list[int]]:
    """What the tenant's grain says, in the form of the naive model."""
    found = engine.query(
        """
        SELECT
            metric, month, workload, tenant, subscription, attribution, kind, partner, organisation,
            sum(growth_micro + across_gap_micro), sum(across_gap_micro), sum(opening_micro),
            sum(level_micro), sum(stated), sum(keys) AS keys
        FROM credited_keys
        WHERE rule = {rule:String} AND position <= {position:UInt64}
        GROUP BY ALL
        HAVING keys != 0""",
        {"rule": rule, "position": position},
    )
    rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return {row[:9]: list(row[9:14]) for row in rows}


@pytest.mark.parametrize("table", range(TABLES))
def test_every_rule_credits_as_the_naive_model_does(
    new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch, table: int
) -> None:
    """Fed in portions of any size, pinned anywhere: the same amounts for the same holders."""
    chance = Random(table)
    monkeypatch.setattr(credit_fold, "PORTION_ROWS", chance.choice([15, 60, 1000]))
    monkeypatch.setattr(credit_fold, "_LISTED_TENANTS", chance.choice([0, 10_000]))
    estate, engine = Estate(), new_engine()
    try:
        telling = Telling(estate)
        for steps in drawn(ESTATES_A_TABLE):
            telling.play(steps)
            if chance.random() < 0.1:
                estate.feed(engine)
        estate.feed(engine)
        for share in (1.0, chance.random()):
            position = round(share * estate.chain.last)
            for rule in ABOUT:
                expected = naive_credit(telling.facts, rule, position)
                got = kept(engine, rule, position)
                differing = {
                    key: (got.get(key), expected.get(key))
                    for key in {*got, *expected}
                    if got.get(key) != expected.get(key)
                }
                assert differing == {}, (rule, position)
        for rule in ("slot_holder", "rbac_mci"):
            _coarser_grains_agree(engine, rule, estate.chain.last)
        _a_rebuild_gives_the_same(engine, estate, new_engine())
    finally:
        estate.close()


def _coarser_grains_agree(engine: ChdbEngine, rule: str, position: int) -> None:
    """Asked without customers, each table of credit says what the finest adds up to."""
    for shown in (("kind",), ("organisation",)):
        fine = _added(engine, ("month", "tenant", *shown), rule, position)
        assert _added(engine, ("month", *shown), rule, position) == fine


def _added(
    engine: ChdbEngine, by: tuple[str, ...], rule: str, position: int
) -> dict[tuple[Any, ...], list[int]]:
    """The amounts of an answer by everything but the customer; what is nothing left out."""
    wanted = Wanted(metrics=("azure.acr", "m365.mau", "bizapps.mau", "bizapps.revenue"))
    sums: dict[tuple[Any, ...], list[int]] = {}
    for row in growth(engine, by=by, rule=rule, position=position, wanted=wanted).rows():
        key = (row["metric"], *(row[name] for name in by if name != "tenant"))
        so_far = sums.setdefault(key, [0] * len(AMOUNTS))
        sums[key] = [had + (row[name] or 0) for had, name in zip(so_far, AMOUNTS, strict=True)]
    return {key: amounts for key, amounts in sums.items() if any(amounts)}


def _a_rebuild_gives_the_same(engine: ChdbEngine, estate: Estate, fresh: ChdbEngine) -> None:
    estate.feed(fresh)
    for table in store.TABLES[-3:]:
        sums = "SELECT * EXCEPT (opening_micro, growth_micro, across_gap_micro, level_micro,"
        sums += " stated, keys), sum(opening_micro), sum(growth_micro), sum(across_gap_micro),"
        sums += f" sum(level_micro), sum(stated), sum(keys) FROM {table} WHERE rule != ''"
        asked = f"{sums} GROUP BY ALL ORDER BY ALL"
        assert engine.query(asked).equals(fresh.query(asked)), table
