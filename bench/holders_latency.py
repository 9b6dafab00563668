"""`holders` on a large estate: how long each way of asking takes, in process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from typing import Any

from bench import estate, market
from bench.blocks import Plan
from bench.table import Row, at_most, number
from interfaces.workspace import Workspace
from projections.holder_queries import holders
from schemas.time import from_iso

LIMIT_MS = 50
_NOW_US = from_iso("2024-06-01T00:00:00Z")


def measure(plan: Plan) -> Iterator[Row]:
    """Asked by partner, tenant, slot and for an earlier date as known then; p99 of each."""
    size = estate.Size(plan.pick(500, 1_000_000))
    folder = plan.new_folder("holders") / "ledger"
    estate.build(folder, size)
    with Workspace(folder) as workspace:
        views = workspace.views
        for way, questions in _ways(size, plan.pick(3, 1000)).items():
            times, rows = [], 0
            for question in questions:
                began = time.perf_counter()
                rows += len(holders(views, **question))
                times.append((time.perf_counter() - began) * 1000)
            times.sort()
            p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
            detail = f"p50 {number(p50)} ms, {rows / len(times):.0f} rows each"
            work = f"holders {way}, {size.decisions:,} decisions, p99"
            yield at_most(work, "ms", p99, LIMIT_MS, detail)


def _ways(size: estate.Size, times: int) -> dict[str, list[dict[str, Any]]]:
    random = Random(3)
    tenants = [market.tenant(random.randrange(size.tenants)) for _ in range(times)]
    partners = [market.location(random.randrange(size.partners)) for _ in range(times)]
    earlier_us = [from_iso("2020-03-01T00:00:00Z") + n * 86_400_000_000 for n in range(times)]
    now = {"effective_us": _NOW_US, "known": size.decisions}
    return {
        "by partner": [{**now, "partner": partner} for partner in partners],
        "by tenant": [{**now, "tenant": each} for each in tenants],
        "by slot": [{**now, "slot": f"cpor:m365:{each}:teams"} for each in tenants],
        "by tenant, date and position": [
            {"effective_us": us, "known": random.randrange(1, size.decisions), "tenant": each}
            for us, each in zip(earlier_us, tenants, strict=True)
        ],
    }
