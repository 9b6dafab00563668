"""One decision, durable, one caller: beside the bare insert of its rows and the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench import market
from bench.aggregates import AggregateCommands
from bench.bare import BareFiles, Kept, Rows
from bench.blocks import Compared, Pace, Plan, alternate, pace
from bench.table import Row, compared
from ledger.app import Ledger
from ledger.deciding import Request


def measure(plan: Plan) -> Iterator[Row]:
    """Three commands: a registration, a claim's submission (two new persons), a review's start."""
    rounds, commands = plan.pick(1, 15), plan.pick(3, 30)
    customers = (rounds + 1) * commands
    with market.new_ledger(plan.new_folder("one") / "ledger") as ledger:
        market.settle(ledger, customers)
        claims = list(market.claim_requests(customers))
        for name, requests in {
            "organisation.register": [_organisation(n) for n in range(customers)],
            "claim.submit": [submitted for submitted, _, _ in claims],
            "claim.start_review": [started for _, started, _ in claims],
        }.items():
            found = _compared(plan, ledger, requests, rounds)
            work = f"one decision, one caller: {name}"
            yield compared(work, "/s", found, "bare insert", 0.7, 0)
            yield compared(work, "/s", found, "eventsourcing aggregate", 2.0, 1)


def _organisation(n: int) -> Request:
    data = {"organisation": f"9{n:06}", "name": f"Newcomer {n}", "country": "CZ"}
    return market.request("organisation.register", "operator", f"new-{n}", data)


def _compared(plan: Plan, ledger: Ledger, requests: list[Request], rounds: int) -> Compared:
    folder = plan.new_folder("peers")
    bare, library, kept = BareFiles(folder), AggregateCommands(folder), Kept(ledger)
    size = len(requests) // (rounds + 1)
    lots = iter([requests[n : n + size] for n in range(0, len(requests), size)])
    latest: list[Rows] = []

    def ours() -> Pace:
        positions: list[int] = []
        done = pace(size, _submitting(ledger, next(lots), positions))
        latest[:] = kept.by_position(positions)
        return done

    try:
        return alternate(
            rounds, ours, lambda: bare.block(latest, size), lambda: library.block(size)
        )
    finally:
        bare.close()
        library.close()
        kept.close()


def _submitting(
    ledger: Ledger, requests: list[Request], positions: list[int]
) -> Callable[[], None]:
    def work() -> None:
        for command, actor, command_id, *_ in requests:
            outcome = ledger.submit(command, actor=actor, command_id=command_id)
            positions.append(outcome.position)

    return work
