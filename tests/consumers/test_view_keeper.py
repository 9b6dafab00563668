"""A keeper holds the views at the head, by itself and beside others, whatever dies when."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from consumers import view_keeper
from consumers.view_keeper import ViewKeeper
from interfaces.log_source import LogSource
from ledger.app import Ledger
from ledger.clock import SystemClock
from ledger.commands import catalogue
from projections.runner import Views, rebuild_file
from projections.views import dump, open_reading
from tests.consumers.test_subscriber import register

WORDS = (sys.executable, "-m", "interfaces.cli.main")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An embedded ledger."""
    with Ledger.create(tmp_path / "ledger") as made:
        yield made


def keeper_of(ledger: Ledger, reached: list[tuple[int, int]] | None = None) -> ViewKeeper:
    """A keeper of its views, on connections of its own."""
    reader = ledger.reader()
    told = reached if reached is not None else []
    return ViewKeeper(
        reader,
        LogSource(reader),
        Views(ledger.folder.views),
        ledger.catch_up,
        lambda position, head: told.append((position, head)),
    )


def rows(ledger: Ledger) -> list[str]:
    """Every row of the views."""
    with closing(open_reading(ledger.folder.views)) as views:
        return list(dump(views))


def rebuilt(ledger: Ledger, tmp_path: Path) -> list[str]:
    """Every row of views that were built anew from the log."""
    path = tmp_path / "rebuilt.db"
    with closing(ledger.reader()) as reader:
        rebuild_file(LogSource(reader), path)
    with closing(open_reading(path)) as views:
        return list(dump(views))


@pytest.mark.parametrize("anew", [3, 1_000], ids=["built anew", "folded on"])
def test_views_that_a_keeper_keeps_equal_a_rebuild(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anew: int
) -> None:
    """From nothing, and then step by step; whoever asks for how far it is, is told."""
    monkeypatch.setattr(view_keeper, "BUILD_ANEW", anew)
    told: list[tuple[int, int]] = []
    for number in range(10):
        register(ledger, number)
    keeper = keeper_of(ledger, told)
    assert keeper.step(0) == 11
    assert told[-1] == (11, 11)
    assert keeper.step(0) == 0
    for number in range(10, 15):
        register(ledger, number)
        assert keeper.step(5) == 1
    assert rows(ledger) == rebuilt(ledger, tmp_path)


def test_two_keepers_of_one_folder_are_no_harm(ledger: Ledger, tmp_path: Path) -> None:
    """Each batch is folded by one of them."""
    one, two = keeper_of(ledger), keeper_of(ledger)
    for number in range(20):
        register(ledger, number)
        random.choice((one, two)).step(0)
    one.step(0)
    two.step(0)
    assert one.at == two.at
    assert rows(ledger) == rebuilt(ledger, tmp_path)


def test_a_keeper_killed_amid_its_work_is_followed_by_the_next(
    ledger: Ledger, tmp_path: Path
) -> None:
    """Kill -9 of the command while events come; then stopped politely, with exit code 0."""
    words = [*WORDS, "--ledger", str(ledger.folder.path), "keeper"]
    for start in range(0, 60, 20):
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            next(line for line in running.stderr if '"started"' in line)
            for number in range(start, start + 20):
                register(ledger, number)
            running.send_signal(signal.SIGKILL)
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if '"started"' in line:
                register(ledger, 60)
            if '"position": 62' in line:
                running.send_signal(signal.SIGTERM)
        assert '"stopped"' in line
        assert running.wait() == 0
    assert rows(ledger) == rebuilt(ledger, tmp_path)


class Earlier:
    """The machine's clock, a hundred days ago."""

    def now_us(self) -> int:
        """Microseconds UTC."""
        return SystemClock().now_us() - 100 * 86_400_000_000

    def monotonic_us(self) -> int:
        """The machine's own."""
        return SystemClock().monotonic_us()


def test_a_keeper_records_lapses_that_are_due_when_nobody_writes(tmp_path: Path) -> None:
    """GDAP that was asked for and never approved lapses; not before it is asked to."""
    path = tmp_path / "ledger"
    tenant = "11111111-1111-4111-8111-111111111111"
    told: list[tuple[str, dict[str, Any]]] = [
        ("organisation.register", {"organisation": "1", "name": "A", "country": "CZ"}),
        (
            "location.register",
            {"location": "11", "organisation": "1", "name": "A", "country": "CZ"},
        ),
        (
            "customer.register",
            {"tenant": tenant, "name": "C", "country": "CZ", "domains": ["c.cz"]},
        ),
        (
            "gdap.request",
            {
                "relationship": "G-1",
                "tenant": tenant,
                "location": "11",
                "roles": ["Directory Readers"],
                "duration_days": 30,
            },
        ),
    ]
    with Ledger.create(path, clock=Earlier()) as ledger:
        for number, (name, data) in enumerate(told):
            wish = catalogue.load(name).model_validate(data)
            ledger.submit(wish, actor="operator", command_id=f"c-{number}")
        before = ledger.head.position
    words = [*WORDS, "--ledger", str(path), "keeper", "--once"]
    subprocess.run(words, check=True, capture_output=True)
    with Ledger.open(path) as ledger:
        assert ledger.head.position == before
    subprocess.run([*words, "--lapses-every", "60"], check=True, capture_output=True)
    with Ledger.open(path) as ledger, closing(ledger.reader()) as reader:
        assert [stored.type for stored in reader.read(after=before)] == ["gdap.request_lapsed.v1"]
        assert rows(ledger) == rebuilt(ledger, tmp_path)


def test_a_told_clock_does_not_pass_by_itself(tmp_path: Path) -> None:
    """A keeper that is asked to record lapses on one refuses."""
    path = tmp_path / "ledger"
    Ledger.create(path, clock_kind="told", at_us=1_700_000_000_000_000).__exit__(None, None, None)
    words = [*WORDS, "--ledger", str(path), "keeper", "--once", "--lapses-every", "60"]
    refused = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (refused.returncode, refused.stderr.partition(":")[0]) == (2, "bad_clock")
