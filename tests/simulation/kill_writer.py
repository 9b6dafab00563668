"""Kills a writing process at random instants, again and again, and counts what that broke.

Run as ``python -m tests.simulation.kill_writer FOLDER ROUNDS SEED``: forks a writer with four
callers, lets it acknowledge through a pipe, kills it, opens the ledger and compares. Prints the
counts as one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

from ledger.app import Ledger
from ledger.commands import catalogue as commands
from ledger.deciding import Request
from ledger.log.verify import verify_chain

CALLERS = 4
BULK = 25


def request(command_id: str) -> Request:
    """A command that is decided once for its id."""
    command = commands.load("organisation.register").model_validate(
        {"organisation": command_id, "name": "Alfa", "country": "CZ"}
    )
    return Request(command, "operator", command_id)


def write_until_killed(folder: Path, round_number: int, acknowledge: int) -> None:
    """Submit single commands and groups for ever; say each accepted id and position."""
    ledger = Ledger.open(folder)

    def call(caller: int) -> None:
        n = 0
        while True:
            size = BULK if caller == 0 else 1
            names = [f"r{round_number}-{caller}-{n + i}" for i in range(size)]
            n += size
            outcomes = ledger.submit_group([request(name) for name in names])
            lines = [f"{o.request.command_id} {o.position}\n" for o in outcomes]
            os.write(acknowledge, "".join(lines).encode())

    for caller in range(CALLERS):
        Thread(target=call, args=(caller,), daemon=True).start()
    signal.pause()


def kill_once(folder: Path, round_number: int, delay_seconds: float) -> dict[str, int]:
    """One writer's life; what it acknowledged before it was killed."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            write_until_killed(folder, round_number, write_end)
        finally:
            os._exit(1)
    os.close(write_end)
    heard = b""
    until = time.monotonic() + 5
    while not heard and time.monotonic() < until:
        if select.select([read_end], [], [], 0.01)[0]:
            heard += os.read(read_end, 65536)
    time.sleep(delay_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(read_end, 65536):
        heard += more
    os.close(read_end)
    whole = heard[: heard.rfind(b"\n") + 1].decode().splitlines()
    return {name: int(position) for name, position in (line.split() for line in whole)}


def check(folder: Path, acknowledged: dict[str, int]) -> dict[str, int]:
    """What is wrong after a kill: acknowledged and lost or moved, gaps, doubled ids."""
    with Ledger.open(folder) as ledger:
        kept: dict[str, int] = {}
        doubled, positions = 0, []
        for stored in ledger.reader().read():
            positions.append(stored.position)
            name = json.loads(stored.data).get("organisation", "")
            doubled += name in kept
            kept[name] = stored.position
    lost = sum(kept.get(name) != position for name, position in acknowledged.items())
    gaps = positions != list(range(1, len(positions) + 1))
    return {"lost": lost, "doubled": doubled, "gaps": int(gaps), "events": len(positions)}


def main(folder: Path, rounds: int, seed: int) -> dict[str, Any]:
    """Run the rounds; the sums of what was wrong, and how much was acknowledged."""
    chance = random.Random(seed)
    Ledger.create(folder).close()
    wrong = {"lost": 0, "doubled": 0, "gaps": 0, "silent": 0}
    acknowledged: dict[str, int] = {}
    for round_number in range(rounds):
        heard = kill_once(folder, round_number, chance.random() * 0.06)
        wrong["silent"] += not heard
        acknowledged |= heard
        if round_number % 10 == 9 or round_number == rounds - 1:
            found = check(folder, acknowledged)
            for name in ("lost", "doubled", "gaps"):
                wrong[name] += found[name]
    with Ledger.open(folder) as ledger:
        again = [request(name) for name in list(acknowledged)[-200:]]
        repeats = [o for o in ledger.submit_group(again) if not o.repeated]
        report = verify_chain(ledger.folder)
    return {
        **wrong,
        "redone": len(repeats),
        "rounds": rounds,
        "acknowledged": len(acknowledged),
        "events": report.events,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
