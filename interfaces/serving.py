"""Runs the long-running commands on a node, over outages of the cluster and a busy file.

At the start a cluster that can't be reached is refused like by any command; once a service runs, it
waits for an answer that fails to come, and says so.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from consumers.endpoint import serving
from consumers.holders_publisher import HoldersPublisher, Node
from consumers.holders_state import HoldersState
from consumers.json_lines import secrets_of
from consumers.relay import Patience, Relay
from consumers.service import Service
from consumers.view_keeper import ViewKeeper
from interfaces.log_source import LogSource
from ledger.app import Ledger
from ledger.clock import SystemClock
from ledger.cluster.link import settings_file
from ledger.cluster.partition import Inlet, Outlet, topic_id
from ledger.cluster.place import Place, place
from ledger.cluster.quarantine import Quarantine
from ledger.cluster.topics import check
from ledger.errors import AttributionError, BadInputError, BusyError, StorageError
from ledger.log.query import EVERYTHING
from ledger.log.reader import Reader
from projections.runner import Views

REST_SECONDS = 2.0
"""How long a service waits after the cluster did not answer."""

LOOK_SECONDS = 10.0
"""How often a service counts what is void and what is in quarantine."""

MOST_REST_SECONDS = 60.0
"""The longest wait before the next try; each failure in a row doubles it up to this."""

_PASSING = {"kafka_unreachable", "log_silent", "undecided", "busy"}
_ANALYTICS = {
    *("analytics_away", "analytics_busy", "analytics_failed", "analytics_wrong_server"),
    *("analytics_format", "analytics_of_another"),
}
"""What a sink waits for: ClickHouse to be there again, or somebody to put it right."""
_now_us = SystemClock().now_us


Made = TypeVar("Made")


class Options(NamedTuple):
    """How a service is run: until nothing is left to do, with a file or a port for its health."""

    once: bool = False
    health: Path | None = None
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None


class Step(NamedTuple):
    """What a step did: how many things, up to which position of which head, recorded when."""

    done: int
    position: int
    head: int
    recorded_at_us: int


class Running(NamedTuple):
    """A service that runs on a node, with what its consumer is made of."""

    service: Service
    ledger: Ledger
    options: Options
    quarantine: Quarantine
    open: ExitStack

    def place(self) -> Place:
        """Where the ledger's topics are; raises ``BadInputError`` for a ledger without."""
        at = place(_log_of(self.ledger), settings_file(self.ledger.folder.path))
        self.service.hide(secrets_of(at.link()))
        return at

    def reader(self) -> Reader:
        """A reader of the node's log."""
        return self.open.enter_context(closing(self.ledger.reader(alone=True)))

    def keeper(self, reached: Callable[[int, int], None] = lambda _at, _head: None) -> ViewKeeper:
        """A keeper of the node's views."""
        views = self.open.enter_context(closing(Views(self.ledger.folder.views)))
        reader = self.reader()
        return ViewKeeper(reader, LogSource(reader), views, self.ledger.catch_up, reached)

    def topic(self, at: Place, name: str) -> tuple[Inlet, Outlet]:
        """A topic to read and to send to, after its settings were checked."""
        check(at, name)
        inlet = self.open.enter_context(closing(Inlet(at, name)))
        return inlet, self.open.enter_context(closing(Outlet(at, name)))


def run_keeper(folder: Path, options: Options, lapses_every: float | None = None) -> None:
    """Keep index and views caught up until told to stop; with ``once`` until they are.

    Every ``lapses_every`` seconds it records the lapses that are due. Raises ``BadInputError`` when
    that is asked of a ledger whose clock is told.
    """
    with running("keeper", folder, options) as node:
        service = node.service
        lapses = _Lapses(node.ledger, lapses_every)
        keeper = node.keeper(service.reached)
        service.say("keeping", position=keeper.at.position)

        def step() -> Step:
            lapses.record()
            done = keeper.step(0 if options.once else 0.5)
            head = max(keeper.at.position, node.ledger.head.position)
            return Step(done, keeper.at.position, head, keeper.at.recorded_at_us)

        keep_going(node, step)


def run_relay(folder: Path, options: Options) -> None:
    """Hand on accepted events until told to stop; with ``once`` until all are handed on."""
    with running("relay", folder, options) as node:
        at, reader = node.place(), node.reader()
        inlet, outlet = node.topic(at, at.events)
        ledger, keep = node.ledger.folder.ledger, node.quarantine.keep
        patience = _patience(at)
        relay = _patiently(node, lambda: Relay(reader, ledger, inlet, outlet, patience, keep))
        node.service.say("relaying", topic=at.events, position=relay.mark.position)
        told = _Told(node.service, relay)

        def step() -> Step:
            done = relay.step(0 if options.once else 0.5)
            told.tell()
            head = max(relay.mark.position, reader.head().position)
            return Step(done, relay.mark.position, head, relay.recorded_at_us)

        keep_going(node, step)


def run_publisher(folder: Path, options: Options) -> None:
    """Publish holders until told to stop; with ``once`` until the topic is as the log."""
    with running("publisher", folder, options) as node:
        at, reader = node.place(), node.reader()
        inlet, outlet = node.topic(at, at.holders)
        state = node.open.enter_context(closing(HoldersState(folder)))
        state.follow(topic_id(at, at.holders), inlet.beginning(), inlet.end())
        views = node.open.enter_context(closing(Views(node.ledger.folder.views)))
        source = LogSource(reader)
        keeper = ViewKeeper(reader, source, views, node.ledger.catch_up)

        def wait(position: int, seconds: float) -> None:
            reader.page_or_wait(EVERYTHING, after=position, timeout_seconds=seconds, limit=1)

        asked = Node(views, lambda: keeper.step(0), wait)
        keep = node.quarantine.keep
        publisher = HoldersPublisher(asked, inlet, outlet, state, _patience(at), keep)
        node.service.say("publishing", topic=at.holders, position=state.position)
        told = _Told(node.service, publisher)

        def step() -> Step:
            before = publisher.at.position
            sent = publisher.step(0 if options.once else 0.5)
            told.tell()
            reached = publisher.at.position if publisher.whole else before
            head = max(publisher.at.position, reader.head().position)
            return Step(sent, reached, head, publisher.at.recorded_at_us)

        keep_going(node, step)


def _patience(at: Place) -> Patience:
    """How long a consumer waits for its topic, by the settings of the node's link."""
    link = at.link()
    return Patience(link.resend_ms / 1000, link.give_up_ms / 1000)


@contextmanager
def running(name: str, folder: Path, options: Options) -> Iterator[Running]:
    """A service on the node in ``folder``, with its endpoint; it stops at the end of the block."""
    service = Service(name, options.health)
    with ExitStack() as opened:
        opened.enter_context(service.running())
        if options.metrics_port is not None:
            host = options.metrics_host
            port = opened.enter_context(serving(service, host, options.metrics_port))
            service.say("answering", host=host, port=port)
        ledger = opened.enter_context(_opened(service, folder, once=options.once))
        quarantine = Quarantine(ledger.folder.quarantine, _now_us)
        yield Running(service, ledger, options, quarantine, opened)


def keep_going(node: Running, step: Callable[[], Step]) -> None:
    """Step until told to stop; an answer of the cluster that fails to come is waited for."""
    service, looked_at, failed = node.service, float("-inf"), 0
    service.started()
    while not service.stopping:
        began = time.monotonic()
        try:
            found = step()
            if began - looked_at >= LOOK_SECONDS:
                _look(node)
                looked_at = began
        except AttributionError as error:
            _wait_or_raise(service, error, once=node.options.once, failed=failed)
            failed += 1
            continue
        failed = 0
        service.reached(found.position, found.head)
        if found.done:
            behind = max(0.0, (_now_us() - found.recorded_at_us) / 1e6)
            service.metrics.worked(found.done, time.monotonic() - began, behind)
            told = {"position": found.position, "head": found.head}
            service.say(_DONE[service.name], **told)
        elif node.options.once:
            return


_DONE = {"keeper": "kept", "relay": "relayed", "publisher": "published", "sink": "fed"}


class _Lapses:
    """Records lapses that are due, every so many seconds; never without a number of them."""

    def __init__(self, ledger: Ledger, every_seconds: float | None) -> None:
        if every_seconds is not None and ledger.folder.clock == "told":
            raise BadInputError(
                "The clock of this ledger is told: no time passes by itself.",
                hint="Leave out --lapses-every; say `attribution clock --at INSTANT`.",
                code="bad_clock",
            )
        self._ledger, self._every = ledger, every_seconds
        self._last = float("-inf")

    def record(self) -> None:
        """Record them, if it is time."""
        now = time.monotonic()
        if self._every is not None and now - self._last >= self._every:
            self._ledger.tick()
            self._last = now


class _Told:
    """Carries what a consumer counts over to the metrics."""

    def __init__(self, service: Service, consumer: Relay | HoldersPublisher) -> None:
        self._service, self._consumer = service, consumer
        self._sent = 0
        self._passed_over: Counter[str] = Counter()

    def tell(self) -> None:
        """Add what came since the last time."""
        name, metrics = self._service.name, self._service.metrics
        metrics.sent.labels(name).inc(self._consumer.sent - self._sent)
        for reason, count in (self._consumer.passed_over - self._passed_over).items():
            metrics.refused.labels(name, reason).inc(count)
        self._sent, self._passed_over = self._consumer.sent, self._consumer.passed_over.copy()


def _look(node: Running) -> None:
    name, metrics = node.service.name, node.service.metrics
    room = node.quarantine.room()
    metrics.voids.labels(name).set(node.ledger.void_records())
    metrics.quarantined.labels(name).set(room.records)
    metrics.left_out.labels(name).set(room.left_out)


def _opened(service: Service, folder: Path, *, once: bool) -> Ledger:
    """The node's ledger, as soon as the node's other processes let go of its file for a moment."""
    while True:
        try:
            return Ledger.open(folder)
        except BusyError as error:
            _wait_or_raise(service, error, once=once)
            if service.stopping:
                raise


def _patiently(node: Running, make: Callable[[], Made]) -> Made:
    """What a service begins with, as soon as other processes of the node let go of its file."""
    while True:
        try:
            return make()
        except BusyError as error:
            _wait_or_raise(node.service, error, once=node.options.once)
            if node.service.stopping:
                raise


def _wait_or_raise(
    service: Service, error: AttributionError, *, once: bool, failed: int = 0
) -> None:
    passing = isinstance(error, StorageError | BusyError) and error.code in _PASSING
    if once or not (passing or error.code in _ANALYTICS):
        raise error
    service.waits(error.code, error.message)
    service.rest(min(REST_SECONDS * 2**failed, MOST_REST_SECONDS))


def _log_of(ledger: Ledger) -> str:
    if not ledger.folder.log:
        raise BadInputError(
            "This ledger lies in a folder: it has no topics to publish to.",
            hint="Read it with `attribution subscribe`, or name one with"
            " --ledger kafka://HOST:PORT/PREFIX.",
            code="not_on_kafka",
        )
    return ledger.folder.log
