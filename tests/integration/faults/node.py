"""A node in a process of its own, with callers who want things; it may be killed at any moment.

Each caller numbers its wishes. An odd one is for a slot that every caller of every node wants, an
even one for a name of its own. A wish is asked under its own id until it is answered, by this
process or by the one that takes its place; every answer is written as a line, at once.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from ledger.app import Ledger
from ledger.deciding import Request
from ledger.errors import BusyError, DamagedError, RefusedError, StorageError
from tests.integration.faults import steps
from tests.integration.faults.wishes import MIXED, wish

_AGAIN_SECONDS = 0.05
_OF_THE_CLOCK = {"clock_behind", "clock_jumped"}


class Orders(NamedTuple):
    """What a node's process is told. ``first`` is the number of each caller's first wish."""

    folder: Path
    node: str
    first: tuple[int, ...]
    settings: dict[str, str]
    upto: int | None = None
    """The last number that is wished for; None: until told to stop."""
    dies: tuple[str, int] | None = None
    """The step at which the process is killed, and how often it is passed before."""
    off_seconds: float = 0
    """How far this machine's clock is off, at once or when it is told so."""
    off_when_told: bool = False
    slow_ms: int = 0
    """How much longer the way to the cluster is."""
    wishes: str = MIXED


def live(orders: Orders, answers: Connection) -> None:
    """Ask until told to stop; say every answer."""
    os.environ.update(orders.settings)
    logging.disable(logging.CRITICAL)
    stop = Event()

    def told_to_stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # an event is not set within its setting
        stop.set()

    signal.signal(signal.SIGTERM, told_to_stop)
    steps.prepare(orders.dies, orders.slow_ms, orders.off_seconds, when_told=orders.off_when_told)

    def say(**told: Any) -> None:
        os.write(answers.fileno(), (json.dumps(told) + "\n").encode())  # whole, or not at all

    while not stop.is_set() and not _lived(orders, say, stop):
        time.sleep(_AGAIN_SECONDS)


def _lived(orders: Orders, say: Callable[..., None], stop: Event) -> bool:
    """Whether the node did all it was told to, or must not go on; False: it could not be opened."""
    try:
        with Ledger.open(orders.folder) as ledger:
            say(opened=ledger.head.position)
            _call_all(ledger, orders, say, stop)
    except (StorageError, BusyError) as error:
        say(trouble=error.code)
        return False
    except DamagedError as error:
        say(stopped=error.code)
    return True


def _call_all(ledger: Ledger, orders: Orders, say: Callable[..., None], stop: Event) -> None:
    def call(caller: int) -> None:
        number = orders.first[caller]
        while not stop.is_set() and (orders.upto is None or number <= orders.upto):
            _ask(ledger, wish(orders.wishes, orders.node, caller, number), say, stop)
            number += 1

    callers = [Thread(target=call, args=(n,), daemon=True) for n in range(len(orders.first))]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()


def _ask(ledger: Ledger, wanted: Request, say: Callable[..., None], stop: Event) -> None:
    """Ask until there is an answer, under the same id."""
    while not stop.is_set():
        try:
            outcome = ledger.submit(
                wanted.command, actor=wanted.actor, command_id=wanted.command_id
            )
            say(id=wanted.command_id, position=outcome.position)
        except RefusedError as refused:
            if refused.code in _OF_THE_CLOCK:
                say(trouble=refused.code)
                stop.wait(_AGAIN_SECONDS)
                continue
            say(id=wanted.command_id, refused=refused.code)
        except (StorageError, BusyError) as error:
            with suppress(OSError):
                say(trouble=error.code)
            stop.wait(_AGAIN_SECONDS)
            continue
        except DamagedError as error:
            say(stopped=error.code)
            stop.set()
        return
