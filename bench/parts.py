"""What a decision, and an event in a rebuild, is made of: each unavoidable part, alone and warm.

Nothing here has a floor. The sum of the parts is what the whole would cost if nothing lay between
them: the bound of a row that misses its floor. Processor time, the least of a few rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from bench import estate, market
from bench.bare import BareFiles, Kept, in_groups
from bench.blocks import Plan
from bench.bulk_submit import submit
from bench.table import Row, number
from interfaces.bulk.lines import lots
from interfaces.bulk.read import Defaults, read
from interfaces.workspace import Workspace
from ledger.app import BULK_REQUESTS, Ledger
from ledger.collecting import seldom_collected
from ledger.deciding import Outcome, Request
from ledger.log.chain import START, seal
from ledger.log.frame import EventBytes
from projections import views as store
from projections.fold import Fold
from projections.record import Record
from projections.runner import REBUILD_BATCH
from schemas import catalogue
from schemas.envelope import Attributes
from schemas.event import Event

_ROUNDS = 3


def measure(plan: Plan) -> Iterator[Row]:
    """The parts of a decision of `bulk`, then those of an event of `rebuild`."""
    yield from _deciding(plan, plan.pick(5, 4000))
    yield from _rebuilding(plan, plan.pick(100, 100_000))


def _row(work: str, parts: dict[str, float]) -> Row:
    told = ", ".join(f"{name} {number(cost)}" for name, cost in parts.items())
    return Row(work, f"{number(sum(parts.values()))} us", told)


def _cost(count: int, *works: Callable[[], object]) -> float:
    """Processor microseconds of one thing, the least that any of the works took."""
    found = []
    with seldom_collected():
        for work in works:
            began = time.process_time()
            work()
            found.append(time.process_time() - began)
    return min(found) / count * 1e6


def _deciding(plan: Plan, customers: int) -> Iterator[Row]:
    lines = list(market.command_lines(customers))
    count = len(lines)
    ledgers = [_settled(plan, customers) for _ in range(_ROUNDS)]
    whole = _cost(count, *(_submitting(each, b"".join(lines)) for each in ledgers))
    for each in ledgers:
        each.close()
    yield _row(f"a decision of bulk submit, whole ({count:,})", {"all": whole})
    with _settled(plan, customers) as ledger:
        kept = Kept(ledger)
        before = ledger.head.position
        requests = [wanted for wanted in map(_read, lines) if isinstance(wanted, Request)]
        outcomes: list[Outcome] = []
        for start in range(0, count, BULK_REQUESTS):
            outcomes += ledger.submit_group(requests[start : start + BULK_REQUESTS])
        events = [outcome.event for outcome in outcomes if outcome.event is not None]
        parts = _parts(ledger, lines, requests, events)
        positions = range(before + 1, ledger.head.position + 1)
        bare = BareFiles(plan.new_folder("bare"))
        rows = list(kept.by_position(in_groups(positions, -(-count // BULK_REQUESTS))))
        parts["the bare insert, groups of 500"] = bare.block(rows, count).cpu_us
        bare.close()
        kept.close()
    yield _row("the same, each part alone", parts)
    yield _row(
        "a decision of bulk submit: reading the rules, folding, what lies between",
        {"rest": whole - sum(parts.values())},
    )


def _settled(plan: Plan, customers: int) -> Ledger:
    ledger = market.new_ledger(plan.new_folder("parts") / "ledger")
    market.settle(ledger, customers)
    return ledger


def _submitting(ledger: Ledger, text: bytes) -> Callable[[], None]:
    return lambda: submit(ledger, text)


def _read(line: bytes) -> object:
    ((first,),) = lots(BytesIO(line))
    return read(first, Defaults("operator", None, Path())).wanted


def _parts(
    ledger: Ledger, lines: Sequence[bytes], requests: Sequence[Request], events: Sequence[Event]
) -> dict[str, float]:
    count = len(lines)
    filled = [(type(event), dict(event)) for event in events]
    contacts = [contact for one in requests for contact in one.command.contacts()]
    datas = [catalogue.encode(event) for event in events]
    told = [
        Attributes(
            event.TYPE,
            event.tags(),
            market.STARTS_US + n,
            one.actor,
            one.command_id,
            "0" * 64,
            n,
        )
        for n, (event, one) in enumerate(zip(events, requests, strict=True))
    ]
    packed = [EventBytes(one.to_bytes(), data) for one, data in zip(told, datas, strict=True)]
    works: dict[str, Callable[[], object]] = {
        "reading and checking the line": lambda: [_read(line) for line in lines],
        "the command's keyed hash": lambda: [_hashed(ledger, one) for one in requests],
        "sealing contacts": lambda: [ledger.keys.seal(contact) for contact in contacts],
        "building and checking the event": lambda: [kind(**data) for kind, data in filled],
        "its bytes, tags and timers": lambda: [_encoded(event) for event in events],
        "its attributes": lambda: [one.to_bytes() for one in told],
        "commit and hash": lambda: [
            seal(START, market.STARTS_US, packed[n : n + 60]) for n in range(0, count, 60)
        ],
    }
    return {name: _cost(count, *[work] * _ROUNDS) for name, work in works.items()}


def _hashed(ledger: Ledger, request: Request) -> str:
    command = request.command
    serializer = type(command).__pydantic_serializer__
    return ledger.keys.command_hash(serializer.to_json(command, exclude_defaults=True))


def _encoded(event: Event) -> object:
    return catalogue.encode(event), event.tags(), event.timers()


def _rebuilding(plan: Plan, decisions: int) -> Iterator[Row]:
    folder = plan.new_folder("parts") / "ledger"
    estate.build(folder, estate.Size(decisions))
    with Workspace(folder) as workspace:
        count = workspace.ledger.head.position
        reader, source = workspace.reader, workspace.source

        def records() -> Iterator[Sequence[Record]]:
            at = 0
            while page := source.after(at, REBUILD_BATCH):
                yield page
                at = page[-1].position

        judging = _cost(count, *[lambda: [None for _ in reader.commits()]] * _ROUNDS)
        reading = _cost(count, *[lambda: [None for _ in records()]] * _ROUNDS)
        pages = list(records())
        folding = _cost(count, *(_folding(plan, pages, writes=False) for _ in range(_ROUNDS)))
        writing = _cost(count, *(_folding(plan, pages, writes=True) for _ in range(_ROUNDS)))
    parts = {
        "frames judged": judging,
        "JSON and records": reading - judging,
        "folding": folding,
        "SQLite with indexes at the end": writing - folding,
    }
    yield _row(f"an event of a rebuild, in one process ({count:,})", parts)


def _folding(plan: Plan, pages: Sequence[Sequence[Record]], *, writes: bool) -> Callable[[], None]:
    views = store.open_building(plan.new_folder("views") / "views.db")
    fold = Fold(views if writes else _Unwritten(views), fresh=True)  # type: ignore[arg-type]

    def work() -> None:
        views.execute("BEGIN")
        for page in pages:
            fold.fold(page)
            fold.write(whole=False)
        fold.write()
        views.execute("COMMIT")
        store.finish_building(views)

    return work


class _Unwritten:
    """A connection that answers, and keeps none of the rows that come in bulk."""

    def __init__(self, views: Any) -> None:
        self.execute = views.execute

    def executemany(self, _: str, rows: Any) -> None:
        """Let them go."""
