"""Four nodes with sixteen callers each, all after the same slots."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ledger.cluster.place import Place
from tests.conftest import SOAK
from tests.integration.faults.arena import arena
from tests.integration.faults.conftest import Report
from tests.integration.faults.wishes import RACES

NODES, CALLERS, SLOTS = "abcd", 16, 400 if SOAK else 40


def test_of_all_who_race_for_a_slot_exactly_one_gets_it(
    tmp_path: Path, place: Place, report: Report
) -> None:
    """64 callers want each place: one is acknowledged, 63 are told that it is taken."""
    with arena(tmp_path, place, NODES, callers=CALLERS, slots=SLOTS, wishes=RACES) as nodes:
        nodes.start(upto=SLOTS - 1)
        nodes.finish()
        found = nodes.judge("race of 64 callers", SLOTS)
        report(found)
    slots = Counter(event.slot for event in found.log.events if event.type == "dpor.set.v1")
    assert slots == {f"place of S-{n}": 1 for n in range(SLOTS)}
    assert len(found.book.answers) == len(NODES) * CALLERS * SLOTS
    assert len(found.book.kept()) == SLOTS
