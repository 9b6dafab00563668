"""Sixty-four callers at once, beside the bare insert in groups as large as theirs came to be."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bench import market
from bench.bare import BareFiles, Kept, Rows, in_groups
from bench.blocks import Pace, Plan, alternate, pace
from bench.table import Row, compared
from ledger.app import Ledger
from ledger.deciding import Request

CALLERS = 64


def measure(plan: Plan) -> Iterator[Row]:
    """Each caller is a thread that submits, waits for its outcome, and submits again."""
    rounds, each = plan.pick(1, 7), plan.pick(2, 30)
    size = CALLERS * each
    customers = (rounds + 1) * size
    with market.new_ledger(plan.new_folder("many") / "ledger") as ledger:
        market.settle(ledger, customers)
        steps = list(market.claim_requests(customers))
        ledger_groups = Groups(ledger)
        for name, place in (("claim.submit", 0), ("claim.start_review", 1)):
            requests = [step[place] for step in steps]
            yield _row(plan, ledger, ledger_groups, name, requests, rounds)


class Groups:
    """Counts how many groups the writer kept."""

    def __init__(self, ledger: Ledger) -> None:
        self.count = 0
        ledger.writer.on_kept.append(self._kept)

    def _kept(self) -> None:
        self.count += 1


def _row(
    plan: Plan, ledger: Ledger, groups: Groups, name: str, requests: list[Request], rounds: int
) -> Row:
    bare, kept = BareFiles(plan.new_folder("peer")), Kept(ledger)
    size = len(requests) // (rounds + 1)
    lots = iter([requests[n : n + size] for n in range(0, len(requests), size)])
    latest: list[Rows] = []
    sizes: list[float] = []

    def ours() -> Pace:
        before, start = groups.count, ledger.head.position
        found = pace(size, lambda: submit_at_once(ledger, next(lots)))
        made = groups.count - before
        sizes.append(size / made)
        positions = range(start + 1, ledger.head.position + 1)
        latest[:] = kept.by_position(in_groups(positions, made))
        return found

    try:
        found = alternate(rounds, ours, lambda: bare.block(latest, size))
    finally:
        bare.close()
        kept.close()
    work = f"{CALLERS} callers at once: {name}, groups of {sum(sizes) / len(sizes):.0f}"
    return compared(work, "/s", found, "bare insert", 0.5)


def submit_at_once(ledger: Ledger, requests: list[Request]) -> None:
    """Submit all of them from ``CALLERS`` threads; raises the first refusal."""

    def caller(number: int) -> None:
        for command, actor, command_id, *_ in requests[number::CALLERS]:
            ledger.submit(command, actor=actor, command_id=command_id)

    with ThreadPoolExecutor(CALLERS) as threads:
        list(threads.map(caller, range(CALLERS)))
