"""The market of scenarios and random histories: told once, then copied."""

from __future__ import annotations

from pathlib import Path

from ledger.app import Ledger
from schemas.time import from_iso
from tests.scenarios.features import read
from tests.scenarios.stage import BIRTH, Stage
from tests.scenarios.steps import Player

MARKET = Path(__file__).with_name("market.feature")


def open_market(folder: Path) -> Path:
    """Make a ledger in which the market of ``market.feature`` stands; its folder."""
    Ledger.create(folder, clock_kind="told", at_us=from_iso(BIRTH)).close()
    stage = Stage(folder, folder)
    (told,) = read(MARKET)
    Player(stage, lambda *_: []).play(told)
    stage.close()
    return folder
