"""How many of each fault are played: in the ordinary run, and in a soak (``LEDGER_SOAK=1``)."""

from __future__ import annotations

from typing import NamedTuple

from tests.conftest import SOAK


class Times(NamedTuple):
    """How often, in a run and in a soak."""

    run: int
    soak: int


PLAN = {
    "node killed at any moment": Times(30, 3_000),
    "node killed at a step": Times(32, 3_200),
    "records repeated": Times(60, 8_000),
    "records of strangers": Times(60, 8_000),
    "index lost": Times(4, 200),
    "node paused and woken": Times(2, 60),
    "clock off": Times(4, 60),
    "topic made anew": Times(2, 2),
    "unknown event": Times(1, 1),
    "network cut": Times(12, 600),
    "lying ack": Times(6, 300),
    "leader killed": Times(1, 30),
    "follower killed": Times(1, 30),
    "leader paused": Times(1, 30),
    "all brokers paused": Times(1, 20),
    "consumers come and go": Times(20, 400),
}


def times(fault: str) -> int:
    """How often a fault is played in this run."""
    planned = PLAN[fault]
    return planned.soak if SOAK else planned.run
