"""Runs the long-running commands on a node's folder, over outages of the cluster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from consumers.relay import Relay
from consumers.service import Service
from ledger.app import Ledger
from ledger.cluster.partition import Inlet, Outlet
from ledger.cluster.place import place
from ledger.cluster.topics import check
from ledger.errors import BadInputError, StorageError

REST_SECONDS = 2.0
"""How long a service waits after the cluster did not answer."""

_PASSING = {"kafka_unreachable", "log_silent", "undecided"}


def run_relay(folder: Path, *, once: bool = False, health: Path | None = None) -> None:
    """Hand on accepted events until told to stop; with ``once`` until all are handed on."""
    service = Service("relay", health)
    with service.running(), Ledger.open(folder) as ledger:
        at = place(_log_of(ledger))
        check(at, at.events)
        with (
            closing(ledger.reader()) as reader,
            closing(Inlet(at, at.events)) as inlet,
            closing(Outlet(at, at.events)) as outlet,
        ):
            ledger.catch_up()
            relay = Relay(reader, ledger.folder.ledger, inlet, outlet)
            service.say("relaying", topic=at.events, position=relay.mark.position)

            def step() -> bool:
                new = relay.step(0 if once else 0.5)
                told = {"position": relay.mark.position, "head": reader.head().position}
                service.say("relayed", **told) if new else service.well(**told)
                return bool(new)

            keep_going(service, step, once=once)


def keep_going(service: Service, step: Callable[[], bool], *, once: bool) -> None:
    """Step until told to stop; an answer of the cluster that fails to come is waited for."""
    while not service.stopping:
        try:
            more = step()
        except StorageError as error:
            if once or error.code not in _PASSING:
                raise
            service.say("waiting", error=error.code, message=error.message)
            service.rest(REST_SECONDS)
            continue
        if once and not more:
            return


def _log_of(ledger: Ledger) -> str:
    if not ledger.folder.log:
        raise BadInputError(
            "This ledger lies in a folder: it has no topics to publish to.",
            hint="Read it with `attribution subscribe`, or name one with"
            " --ledger kafka://HOST:PORT/PREFIX.",
            code="not_on_kafka",
        )
    return ledger.folder.log
