"""A subscriber sees every accepted event once, in order, also those that come while it waits."""

from __future__ import annotations

import threading
from pathlib import Path

from consumers import subscriber
from ledger.app import Ledger
from ledger.commands import catalogue
from ledger.log.query import EVERYTHING, Query, QueryItem


def register(ledger: Ledger, number: int) -> int:
    """Append one event; its position."""
    data = {
        "organisation": f"{number:06d}",
        "name": "New",
        "country": "CZ",
        "domains": ["new.example"],
    }
    command = catalogue.load("organisation.register").model_validate(data)
    return ledger.submit(command, actor="operator", command_id=f"x-{number}").position


def test_every_event_comes_once_and_in_order_while_others_write(tmp_path: Path) -> None:
    """What is appended meanwhile is seen at once; positions run on without a gap."""
    count = 200
    with Ledger.create(tmp_path / "ledger") as ledger:
        writing = threading.Thread(target=lambda: [register(ledger, n) for n in range(count)])
        writing.start()
        reader = ledger.reader()
        found = subscriber.events(reader, until=lambda: not writing.is_alive())
        seen = [stored.position for stored in found]
        writing.join()
        reader.close()
    assert seen == list(range(1, count + 2))


def test_a_subscriber_goes_on_after_the_position_it_kept(tmp_path: Path) -> None:
    """Nothing twice, nothing missed, whatever page it stopped in."""
    with Ledger.create(tmp_path / "ledger") as ledger:
        for number in range(5):
            register(ledger, number)
        reader = ledger.reader()
        first = next(iter(subscriber.events(reader)))
        rest = subscriber.events(reader, EVERYTHING, after=first.position, until=lambda: True)
        assert [stored.position for stored in rest] == [2, 3, 4, 5, 6]
        reader.close()


def test_only_what_was_asked_for_comes(tmp_path: Path) -> None:
    """A query leaves the others out, and the end is still reached."""
    with Ledger.create(tmp_path / "ledger") as ledger:
        for number in range(3):
            register(ledger, number)
        reader = ledger.reader()
        tagged = Query((QueryItem(tags=("organisation:000001",)),))
        found = subscriber.events(reader, tagged, until=lambda: True)
        assert [stored.position for stored in found] == [3]
        reader.close()
