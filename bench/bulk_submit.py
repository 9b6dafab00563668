"""Bulk submit: JSON lines as text to outcomes, by the path of ``attribution submit FILE``."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from bench import market
from bench.blocks import Pace, Plan, pace, repeat
from bench.table import Row, at_least
from interfaces.bulk.lines import lots
from interfaces.bulk.read import Defaults, Wish
from interfaces.bulk.run import LineOutcome, run
from ledger.app import Ledger


def measure(plan: Plan) -> Iterator[Row]:
    """Claims of customers who are there: submission, start of the review, approval."""
    rounds, customers = plan.pick(1, 3), plan.pick(5, 4000)
    ledgers = iter([_settled(plan, customers) for _ in range(rounds + 1)])
    text = b"".join(market.command_lines(customers))

    def ours() -> Pace:
        with next(ledgers) as ledger:
            return pace(3 * customers, lambda: submit(ledger, text))

    found = repeat(rounds, ours)
    yield at_least("bulk submit of claims, text to outcomes", "events/s", found, 10_000, 20_000)


def _settled(plan: Plan, customers: int) -> Ledger:
    ledger = market.new_ledger(plan.new_folder("bulk") / "ledger")
    market.settle(ledger, customers)
    return ledger


def submit(ledger: Ledger, text: bytes) -> None:
    """Decide every line; each is accepted."""
    defaults = Defaults("operator", None, Path())
    for outcome in run(lots(BytesIO(text)), ledger, defaults, _no_usage):
        assert outcome.position, outcome


def _no_usage(_: Wish) -> LineOutcome:
    raise AssertionError("no line is about usage")
