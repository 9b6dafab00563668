"""Growth questions over many increments: from what is kept as credited, against the raw join."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

from bench import growth_estate
from bench.blocks import Plan, Side, pace
from bench.table import Row, at_least, at_most, number
from projections.growth import credit_fold
from projections.growth.engine import ChdbEngine
from projections.growth.growth import Wanted, growth, growth_from_increments

MONTHLY = ("month", "workload")
ROUNDS = 3


def measure(plan: Plan) -> Iterator[Row]:
    """Ten million increments; a hundred million with ``--large``."""
    size = growth_estate.Size(plan.pick(20_000, 10_000_000, 100_000_000))
    engine = ChdbEngine(plan.new_folder("growth"))
    head = growth_estate.build(engine, size)
    told = f"{size.increments:,} increments"
    folding = pace(size.increments, lambda: credit_fold.fold(engine, head))
    yield at_least(
        f"credit fold of {told}, every rule, three tables", "rows/s", Side.of([folding]), 100_000
    )
    engine.execute("SYSTEM DROP MARK CACHE")
    yield from _questions(engine, size, told)
    yield from _correction(engine, head, told)
    yield at_most(
        f"disk for {told}, raw and credited", "bytes each", _bytes(engine) / size.increments, 40
    )
    engine.close()


def _questions(engine: ChdbEngine, size: growth_estate.Size, told: str) -> Iterator[Row]:
    everyone, joined = _in_turn(
        lambda: growth(engine, by=MONTHLY), lambda: growth_from_increments(engine, by=MONTHLY)
    )
    yield at_most(f"growth by month x workload, {told}", "ms", everyone, 100)
    yield _times(f"growth by month x workload, {told}", joined / everyone, 100, joined)
    partners = [str(100_000 + n) for n in range(0, size.partners, max(1, size.partners // 5))]
    one_ms = median(
        _ms(partial(growth, engine, by=MONTHLY, wanted=Wanted(partners=(one,)))) for one in partners
    )
    yield at_most(f"growth of one partner by month x workload, {told}", "ms", one_ms, 50)
    slots = engine.query("SELECT tenant FROM holding_changes WHERE kind = 'DPOR' LIMIT 5")
    slot = median(
        _ms(partial(engine.query, _SLOT, {"tenant": tenant}))
        for tenant in slots["tenant"].to_pylist()
    )
    yield at_most(f"one slot's increments, {told}", "ms", slot, 20)
    by_partner = (*MONTHLY, "partner")
    all_partners, all_joined = _in_turn(
        lambda: growth(engine, by=by_partner),
        lambda: growth_from_increments(engine, by=by_partner),
        rounds=1,
    )
    work = f"growth of every partner by month x workload, {told}"
    yield _times(work, all_joined / all_partners, 10, all_joined)


def _correction(engine: ChdbEngine, head: int, told: str) -> Iterator[Row]:
    found = []
    for number_of_slot in range(6):
        began = time.perf_counter()
        head = growth_estate.change_hands(engine, head, number_of_slot)
        growth(engine, by=MONTHLY, wanted=Wanted(partners=("100001",)))
        found.append((time.perf_counter() - began) * 1000)
    work = f"a slot's holder changes back two years, until answers are right, {told}"
    yield at_most(work, "ms", median(found[1:]), 200)


def _in_turn(
    ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = ROUNDS
) -> tuple[float, float]:
    """The median milliseconds of each, one after the other, so that a busy machine hurts both."""
    pairs = [(_ms(ours), _ms(theirs)) for _ in range(rounds + 1)]
    mine, others = zip(*(pairs[1:] or pairs), strict=True)
    return median(mine), median(others)


def _ms(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _times(work: str, ratio: float, floor: float, joined_ms: float) -> Row:
    held = ratio >= floor
    peer = f"{number(joined_ms)} ms by the raw join"
    return Row(
        work,
        f"{number(ratio)} x",
        peer,
        f"{ratio / floor:.2f} x floor",
        f">= {number(floor)} x",
        held,
    )


_SLOT = """
SELECT month, mark, delta_micro, level_micro, attempt, row FROM increments_raw
WHERE metric = 'm365.mau' AND workload = 'teams' AND tenant = {tenant:String}
ORDER BY month, offset
"""


def _bytes(engine: ChdbEngine) -> int:
    found = engine.query(
        "SELECT sum(bytes_on_disk) AS bytes FROM system.parts"
        " WHERE active AND database = currentDatabase()"
    )
    return int(found["bytes"][0].as_py())
