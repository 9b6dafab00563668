"""Runs the long-running commands on a node, over outages of the cluster and a busy file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from consumers.relay import Relay
from consumers.service import Service
from ledger.app import Ledger
from ledger.cluster.link import settings_file
from ledger.cluster.partition import Inlet, Outlet
from ledger.cluster.place import place
from ledger.cluster.topics import check
from ledger.errors import BadInputError, BusyError, StorageError

REST_SECONDS = 2.0
"""How long a service waits after the cluster did not answer."""

_PASSING = {"kafka_unreachable", "log_silent", "undecided", "busy"}


def run_relay(folder: Path, *, once: bool = False, health: Path | None = None) -> None:
    """Hand on accepted events until told to stop; with ``once`` until all are handed on."""
    service = Service("relay", health)
    with service.running(), _opened(service, folder, once=once) as ledger:
        at = place(_log_of(ledger), settings_file(folder))
        check(at, at.events)
        with (
            closing(ledger.reader()) as reader,
            closing(Inlet(at, at.events)) as inlet,
            closing(Outlet(at, at.events)) as outlet,
        ):
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
        except (StorageError, BusyError) as error:
            _wait_or_raise(service, error, once=once)
            continue
        if once and not more:
            return


def _opened(service: Service, folder: Path, *, once: bool) -> Ledger:
    """The node's ledger, as soon as the node's other processes let go of its file for a moment."""
    while True:
        try:
            return Ledger.open(folder)
        except (StorageError, BusyError) as error:
            _wait_or_raise(service, error, once=once)
            if service.stopping:
                raise


def _wait_or_raise(service: Service, error: StorageError | BusyError, *, once: bool) -> None:
    if once or error.code not in _PASSING:
        raise error
    service.say("waiting", error=error.code, message=error.message)
    service.rest(REST_SECONDS)


def _log_of(ledger: Ledger) -> str:
    if not ledger.folder.log:
        raise BadInputError(
            "This ledger lies in a folder: it has no topics to publish to.",
            hint="Read it with `attribution subscribe`, or name one with"
            " --ledger kafka://HOST:PORT/PREFIX.",
            code="not_on_kafka",
        )
    return ledger.folder.log
