"""Late news in any order: a month restated, an association corrected, a report withdrawn.

On a real ledger and its embedded usage log: growth tables that followed event by event are those
of a rebuild, whatever came first, and in the end everybody has the same growth.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from interfaces.workspace import Workspace
from projections.growth.engine import ChdbEngine
from projections.growth.growth import DIMENSIONS, growth
from tests.conftest import SOAK
from tests.projections.growth.conftest import NewEngine
from tests.projections.growth.feeding import dump
from tests.scenarios import words
from tests.scenarios.market import open_market
from tests.scenarios.stage import Stage

IN_PRACTICE = ("restated", "corrected", "withdrawn")
IN_A_SOAK = (*IN_PRACTICE, "followed", "retracted")


COLUMNS = ("month", "customer", "workload", "seats", "users")


class News(NamedTuple):
    """A command, its data, the rows of its file; who says it, and when it took effect."""

    command: str
    data: dict[str, str]
    rows: tuple[tuple[str, str, int, int], ...] = ()
    actor: str = "operator"
    at: str = "2023-12-01"


def report(name: str, exported: str, *rows: tuple[str, str, int, int]) -> News:
    """A usage report that was exported on a day: month, workload, seats, users of Contoso."""
    data = {"kind": "cpor_m365", "report": name, "file": f"{name}.tsv"}
    return News("usage.load", data | {"exported": f"{exported}T00:00:00Z"}, rows)


def partner(location: str, since: str) -> News:
    """A partner of record of the subscription."""
    data = {"subscription": "S-1", "location": location}
    return News("dpor.set", data, actor="contoso-admin", at=since)


BEFORE = (
    News(
        "subscription.start",
        {"subscription": "S-1", "tenant": "contoso", "product": "m365"},
        at="2023-06-01",
    ),
    partner("101", "2023-08-20"),
    partner("201", "2023-09-10"),
    report("july", "2023-08-05", ("2023-07", "teams", 300, 100), ("2023-07", "exchange", 300, 40)),
    report("august", "2023-09-05", ("2023-08", "teams", 300, 120)),
    report("september", "2023-10-05", ("2023-09", "teams", 300, 220)),
)
NEWS = {
    "restated": report("august-again", "2023-11-05", ("2023-08", "teams", 300, 150)),
    "corrected": News(
        "fact.correct",
        {"reason": "The order.", "effective_at": "2023-07-15T00:00:00Z"},
        actor="contoso-admin",
    ),
    "withdrawn": News("usage.withdraw", {"report": "september", "reason": "Sent in error."}),
    "followed": report(
        "october", "2023-11-05", ("2023-10", "teams", 300, 260), ("2023-10", "exchange", 300, 90)
    ),
    "retracted": News(
        "fact.retract", {"reason": "It was another customer."}, actor="contoso-admin"
    ),
}
"""What may come in any order; a correction is of the first partner, a retraction of the second."""


class Told:
    """A ledger on which news comes, and tables that follow it."""

    def __init__(self, folder: Path, about: Mapping[str, int]) -> None:
        files = folder.parent / f"{folder.name}-files"
        files.mkdir(exist_ok=True)
        self.stage = Stage(folder, files)
        self._about = about

    def close(self) -> None:
        """Let go of the ledger."""
        self.stage.close()

    def hear(self, name: str, news: News) -> int:
        """Submit it; where the log then ends."""
        data = dict(news.data)
        if news.rows:
            rows = [
                dict(zip(COLUMNS, (month, "contoso", *map(str, told)), strict=True))
                for month, *told in news.rows
            ]
            lines = ["\t".join(cells) for cells in (words.REPORTED, *map(words.reported, rows))]
            (self.stage.files / data["file"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
        if name in self._about:
            data["position"] = str(self._about[name])
        before = self.stage.head
        self.stage.now = f"{news.at}T00:00:00Z"
        happened = self.stage.do(news.actor, news.command, data)
        assert self.stage.head > before, (name, happened)
        return self.stage.head

    def feed(self, engine: ChdbEngine) -> None:
        """Let the tables follow to the end of the log, by views caught up to it."""
        with Workspace(self.stage.folder) as workspace:
            assert workspace.feed(engine) == self.stage.head


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A ledger with everything that came before, and where the two partners were set."""
    folder = open_market(tmp_path_factory.mktemp("orders") / "ledger")
    with closing(Told(folder, {})) as ledger:
        ends = [ledger.hear("", news) for news in BEFORE]
    return folder, {"corrected": ends[1], "retracted": ends[2]}


def rows_of(engine: ChdbEngine) -> list[dict[str, Any]]:
    """All growth, by everything it can be told by."""
    return growth(engine, by=DIMENSIONS).rows()


def orders() -> Iterator[tuple[str, ...]]:
    """Every order of the news."""
    yield from permutations(IN_A_SOAK if SOAK else IN_PRACTICE)


def test_news_in_any_order_gives_the_tables_of_a_rebuild_and_the_same_growth(
    new_engine: NewEngine, told: tuple[Path, dict[str, int]], tmp_path: Path
) -> None:
    """Tables fed after each event; the tables of one feeding; and one answer for all orders."""
    before, about = told
    answers: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, order in enumerate(orders()):
        folder = tmp_path / f"ledger-{number}"
        shutil.copytree(before, folder)
        following, anew = new_engine(), new_engine()
        with closing(Told(folder, about)) as ledger:
            ledger.feed(following)
            for name in order:
                ledger.hear(name, NEWS[name])
                ledger.feed(following)
            ledger.feed(anew)
        assert dump(following) == dump(anew), order
        answers[order] = rows_of(following)
    first = next(iter(answers.values()))
    assert [order for order, found in answers.items() if found != first] == []
    credited = {
        (row["month"].month, row["partner"]): row["credited_micro"] // 1_000_000
        for row in first
        if (row["metric"], row["workload"]) == ("m365.mau", "teams") and row["credited_micro"]
    }
    # By its corrected start 101 has what August, restated, is above July; September is withdrawn.
    followed = {(10, "101"): 110} if SOAK else {}
    assert credited == {(8, "101"): 50} | followed
