"""Nodes, each a process with sixteen callers, that want the same names on one log at once."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

from bench.market import request
from ledger.app import Ledger
from ledger.errors import BusyError, RefusedError, StorageError
from ledger.log.journal.kafka_topic import KafkaTopic

NODES, CALLERS = 4, 16
_NAMES = 1_000_000
_FORKS = multiprocessing.get_context("forkserver")


def kept(folders: list[Path], seconds: float, *, slow_ms: int = 0) -> list[int]:
    """How many decisions each node had kept after so many seconds; the last one may be slower."""
    starts = time.time() + 2 + len(folders)
    pipes, nodes = [], []
    for number, folder in enumerate(folders):
        slower = slow_ms if number == len(folders) - 1 else 0
        ours, theirs = _FORKS.Pipe(duplex=False)
        node = _FORKS.Process(target=_live, args=(folder, starts, seconds, slower, theirs))
        node.start()
        pipes.append(ours)
        nodes.append(node)
    found = [int(pipe.recv()) for pipe in pipes]
    for node in nodes:
        node.join()
    return found


def _live(folder: Path, starts: float, seconds: float, slow_ms: int, said: Connection) -> None:
    if slow_ms:
        _slow_down(slow_ms / 1000)
    counts = [0] * CALLERS
    with Ledger.open(folder) as ledger:
        time.sleep(max(0.0, starts - time.time()))
        until = time.monotonic() + seconds
        callers = [
            Thread(target=_call, args=(ledger, folder.name, n, until, counts))
            for n in range(CALLERS)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
    said.send(sum(counts))


def _call(ledger: Ledger, node: str, caller: int, until: float, counts: list[int]) -> None:
    chance, asked = random.Random(f"{node}.{caller}.{until}"), 0
    while time.monotonic() < until:
        asked += 1
        name = f"n{chance.randrange(_NAMES)}"
        wish = request(
            "organisation.register",
            "operator",
            f"{until}-{node}-{caller}-{asked}",
            {"organisation": name, "name": "Newcomer", "country": "CZ"},
        )
        try:
            ledger.submit(wish.command, actor=wish.actor, command_id=wish.command_id)
        except (RefusedError, BusyError, StorageError):
            continue
        counts[caller] += 1


def _slow_down(seconds: float) -> None:
    """Half of the way there, half of the way back, as of a broker that is far."""
    for function in ("send", "read"):
        original = getattr(KafkaTopic, function)

        def slower(*told: Any, original: Any = original) -> Any:
            time.sleep(seconds / 2)
            return original(*told)

        setattr(KafkaTopic, function, slower)
