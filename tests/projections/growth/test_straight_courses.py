"""Straight courses are credited by a short way of their own: it must say what every turn says.

Rows with a resource always go turn by turn, and no row of credit shows the resource. So the same
rows, with a resource and without, must be credited the same.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from projections.growth.candidates import NEVER
from projections.growth.credited_rows import credited_rows
from schemas.time import FOREVER_US
from tests.projections.growth.estate import day_us

ROWS = {
    **dict.fromkeys(
        ("metric", "workload", "tenant", "subscription", "resource", "named", "attribution"),
        pl.String,
    ),
    "month": pl.Date,
    "at": pl.UInt64,
    **dict.fromkeys(("opening", "growth", "across_gap", "level"), pl.Int64),
    "gap_from": pl.Date,
}
HELD = {
    **dict.fromkeys(
        ("tenant", "subscription", "workload", "activity", "scope", "role", "slot", "kind"),
        pl.String,
    ),
    **dict.fromkeys(("partner", "organisation"), pl.String),
    **dict.fromkeys(("effective_from", "effective_to"), pl.Int64),
    **dict.fromkeys(("known_from", "known_to"), pl.UInt64),
}
FACTS = {
    **dict.fromkeys(("attribute", "subject", "tenant", "value"), pl.String),
    "position": pl.UInt64,
}
TENANTS = {"s1": "t1", "s2": "t2"}
LAST = 8


def _row(random: Random) -> dict[str, Any]:
    metric = random.choice(["m365.mau", "m365.mau", "azure.acr", "bizapps.mau"])
    subscription = random.choice(sorted(TENANTS))
    of_tenant = metric == "m365.mau"
    mark, amount = (
        random.choice(["opening", "growth", "growth", "across_gap"]),
        random.randint(-2, 3),
    )
    return {
        **dict.fromkeys(ROWS, ""),
        "metric": metric,
        "workload": random.choice(["teams", "yammer"]) if of_tenant else "",
        "tenant": TENANTS[subscription],
        "subscription": "" if of_tenant else subscription,
        "month": date(2023, random.randint(1, 3), 1),
        "at": random.randint(1, LAST),
        "opening": 0,
        "growth": 0,
        "across_gap": 0,
        mark: amount,
        "level": random.choice([None, 1, 2, 3]),
        "gap_from": date(2022, random.randint(10, 11), 1) if mark == "across_gap" else None,
    }


def _rows(random: Random) -> pl.DataFrame:
    """Increments; of one position, key and month at most two, and then of one level."""
    rows, levels = [_row(random) for _ in range(random.randint(1, 25))], dict[Any, Any]()
    for row in rows:
        told = tuple(row[name] for name in ("metric", "workload", "subscription", "tenant", "at"))
        row["level"] = levels.setdefault((*told, row["month"]), row["level"])
    return pl.DataFrame(rows, schema=ROWS)


def _held(random: Random) -> dict[str, Any]:
    kind = random.choice(["CPOR", "CPOR", "DPOR", "CSP_T1", "PAL", "TPOR"])
    subscription, partner = random.choice(sorted(TENANTS)), random.choice(["101", "102", "201"])
    since = random.randint(1, LAST)
    place: dict[str, Any] = {"subscription": subscription}
    if kind == "CPOR":
        by_workload = {"workload": random.choice(["teams", "yammer"])}
        place = random.choice([by_workload, {**place, "activity": "usage"}])
    elif kind == "PAL":
        place = {"scope": f"/subscriptions/{subscription}", "role": "Owner"}
    elif kind == "TPOR":
        place = {"slot": f"tpor:ag:reseller:{partner}"}
    return {
        **dict.fromkeys(HELD, ""),
        **place,
        "tenant": TENANTS[subscription],
        "kind": kind,
        "partner": partner,
        "organisation": f"{partner[0]}00",
        "effective_from": day_us(random.choice(["2020-01-01", "2023-02-01"])),
        "effective_to": random.choice([FOREVER_US, day_us("2023-03-01")]),
        "known_from": since,
        "known_to": random.choice([NEVER, NEVER, since + random.randint(1, 4)]),
    }


def _facts(random: Random) -> pl.DataFrame:
    products = [
        ("subscription.product", subscription, tenant, product, random.randint(1, LAST))
        for subscription, tenant in TENANTS.items()
        for product in random.sample(["m365", "azure", "dynamics365"], 1)
    ]
    others = [
        (attribute, subscription, tenant, value, 1)
        for subscription, tenant in TENANTS.items()
        for attribute, value in (("subscription.paid", "yes"), ("subscription.agreement", "ag"))
    ]
    return pl.DataFrame(products + others, schema=FACTS, orient="row")


@pytest.mark.parametrize("seed", range(8))
def test_the_short_way_says_what_every_turn_says(seed: int) -> None:
    """Random rows, holders and facts; many courses of them wind, many are straight."""
    random, together = Random(seed), 0
    for _ in range(15):
        rows, facts = _rows(random), _facts(random)
        held = pl.DataFrame([_held(random) for _ in range(random.randint(0, 8))], schema=HELD)
        after = random.randint(0, LAST - 1)
        shortly = credited_rows(rows, held, facts, after=after, upto=LAST)
        by_turns = rows.with_columns(resource=pl.lit("one"))
        at_length = credited_rows(by_turns, held, facts, after=after, upto=LAST)
        order = shortly.columns
        assert_frame_equal(shortly.sort(order), at_length.sort(order))
        together += len(shortly)
    assert together > 100, "so few rows would show little"
